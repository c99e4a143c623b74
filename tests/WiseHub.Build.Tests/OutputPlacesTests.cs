namespace WiseHub.Build.Tests;

/// <summary>A table of conflicts between files with the same path in the output.</summary>
public sealed class OutputPlacesTests
{
    private const string Clean = "";

    [Theory]
    // One name, on some system.
    [InlineData("Dep.dll", "Dep.dll", "made")]
    [InlineData("Dep.dll", "DEP.DLL", "made")]
    [InlineData("zh-Hans/App.resources.dll", "zh-hans\\app.resources.dll", "made")]
    [InlineData("App", "app", "made")]
    [InlineData("models/tiny/a.json", "models/tiny/a.json", "made")]
    [InlineData("\u00e9.txt", "e\u0301.txt", "made")]
    // A file and a folder.
    [InlineData("runtimes/linux-x64/native/libx.so", "runtimes", "made")]
    [InlineData("runtimes/linux-x64/native/libx.so", "Runtimes/Linux-x64", "made")]
    [InlineData("App", "App/config.json", "made")]
    [InlineData("App", "app/a/b/config.json", "made")]
    // No conflict.
    [InlineData("App", "App.json", Clean)]
    [InlineData("App.dll", "models/App.dll", Clean)]
    [InlineData("models/readme.txt", "models/tiny/readme.txt", Clean)]
    [InlineData("runtimes/a", "runtimes/b", Clean)]
    public void A_model_file_on_the_path_of_a_build_output_is_a_conflict(string made, string model, string kind)
    {
        Assert.SkipUnless(made.All(char.IsAscii) || "e\u0301".Normalize() == "\u00e9",
            "Without ICU the platform does not compose characters.");
        string expected = kind == Clean ? "" : $"The build puts /obj/made at '{made}' in the output, "
            + $"and a model has /cache/blob for '{model}'. A file from a hub never replaces a file of the build. "
            + "Leave the file out with IgnorePatterns, or give the model a different TargetPath.";
        // Whichever comes first.
        Assert.Equal([expected, expected], new[]
        {
            Conflicts((made, "/obj/made", false), (model, "/cache/blob", true)),
            Conflicts((model, "/cache/blob", true), (made, "/obj/made", false))
        });
    }

    [Theory]
    [InlineData("models/a", "models/a", "Two files have the same path 'models/a' in the output")]
    [InlineData("models/a", "Models/A", "Two files have the same path 'Models/A' in the output")]
    [InlineData("models/a", "models/a/b", "Two files have conflicting paths in the output, 'models/a' and 'models/a/b'")]
    [InlineData("models/a/b", "models/a", "Two files have conflicting paths in the output, 'models/a/b' and 'models/a'")]
    public void Two_model_files_with_the_same_path_are_a_conflict(string first, string second, string expected) => Assert.Equal(
        $"{expected}: /cache/1 and /cache/2. The usual cause is that two projects reference different snapshots of "
        + "one model. Give them the same Revision and commit, or give one of them a different Alias or TargetPath.",
        Conflicts((first, "/cache/1", true), (second, "/cache/2", true)));

    [Fact]
    public void The_same_model_file_from_several_projects_is_not_a_conflict() =>
        Assert.Equal("",
            Conflicts(("models/a", "/cache/1", true), ("models/a", "/cache/1", true), ("models\\a", "/cache/1", true)));

    [Fact]
    public void Two_build_files_with_the_same_path_are_not_our_conflict() =>
        Assert.Equal("", Conflicts(("a.txt", "/x/a.txt", false), ("a.txt", "/y/a.txt", false), ("models/m", "/cache/1", true)));

    [Fact]
    public void Each_conflict_is_reported_once()
    {
        var places = new OutputPlaces();
        places.Add("App.dll", "/obj/App.dll", isModel: false);
        places.Add("App.dll", "/cache/1", isModel: true);
        places.Add("App.dll", "/cache/1", isModel: true);
        places.Add("b/c", "/x/c", isModel: false);
        places.Add("b", "/cache/2", isModel: true);
        Assert.Equal(2, places.Conflicts.Count);
    }

    private static string Conflicts(params (string Path, string Source, bool IsModel)[] files)
    {
        var places = new OutputPlaces();
        foreach ((string path, string source, bool isModel) in files)
            places.Add(path, source, isModel);
        return string.Join('\n', places.Conflicts.Select(c => c.Message));
    }
}
