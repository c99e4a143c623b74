using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A misspelled name or value is told at its place, and is never without effect in silence.</summary>
public sealed partial class TypoTests(DiagnosticsWorkspace shared) : IClassFixture<DiagnosticsWorkspace>
{
    private const string Project = "$/src/App/App.csproj";

    private readonly SdkWorkspace _w = shared.Workspace;

    private async Task<SdkRun> BuildAsync(ProjectBuilder project, string arguments = "")
    {
        _w.Delete("src/App/wise.lock.json");
        _w.Write("App", project);
        return await _w.DotnetAsync("App", ("build --no-restore " + arguments).Trim());
    }

    [Theory]
    [InlineData("Revison", "Did you mean 'Revision'?")]
    [InlineData("AllowPattern", "Did you mean 'AllowPatterns'?")]
    [InlineData("Hubs", "Did you mean 'Hub'?")]
    [InlineData("Version", "A model has no version. Revision names a branch, tag or commit.")]
    [InlineData("Sha", "Revision pins a commit, and Sha256 is the digest of one file.")]
    [InlineData("PathInRepo", "It has Alias, AllowPatterns, Config, CopyToOutputDirectory, CopyToPublishDirectory, Embed, "
        + "Fallback, Fetch, Hub, IgnorePatterns, LinkMode, Optional, RepoType, Revision, Sha256, TargetPath, Unpack, "
        + "Waive.")]
    public async Task Unknown_metadata_is_an_error_at_its_column(string name, string remedy)
    {
        string line = $"""  <ItemGroup><WiseModelReference Include="acme/tiny" {name}="x" />""";
        int column = line.IndexOf(name + "=", StringComparison.Ordinal) + 1;

        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Model("acme/tiny", (name, "x")))).Failed());

        Assert.Equal($"{Project}(5,{column}): error WISE1019: 'acme/tiny': WiseModelReference has no metadata '{name}'. "
            + $"{remedy}\n", log);
    }

    [Fact]
    public async Task Unknown_metadata_of_an_artifact_and_in_an_element_of_its_own_is_an_error_there()
    {
        _w.Write("src/App/notes.md", "x");
        ProjectBuilder project = ProjectBuilder.App().Property("WisePushRepoId", "acme/mine")
            .Raw("<ItemGroup><WiseArtifact Include=\"notes.md\"><PathInRepos>docs</PathInRepos></WiseArtifact></ItemGroup>");

        string log = _w.Log((await BuildAsync(project, "-t:_WisePushArtifacts")).Failed());

        Assert.Equal($"{Project}(6,48): error WISE1019: 'notes.md': WiseArtifact has no metadata 'PathInRepos'. "
            + "Did you mean 'PathInRepo'?\n", log);
    }

    [Fact]
    public async Task Metadata_that_an_item_inherits_from_other_items_is_no_mistake() =>
        Assert.Equal("", _w.Log((await BuildAsync(ProjectBuilder.App()
            .Item("MyModel", "acme/tiny", ("Team", "vision")).Item("WiseModelReference", "@(MyModel)"))).Succeeded()));

    [Fact]
    public async Task A_property_and_an_item_that_do_not_exist_are_warnings_at_their_lines()
    {
        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Property("WiseOfline", "true").Model("acme/tiny")
            .Item("WiseModelRefrence", "acme/other"), "-p:WiseForec=true")).Succeeded());

        Assert.Equal(
            $"{Project}(5,19): warning WISE1020: There is no property 'WiseOfline', so it has no effect. Did you mean "
            + "'WiseOffline'? docs/reference.md lists the properties; a property of your own needs another name.\n"
            + $"{Project}(7,15): warning WISE1020: There is no item 'WiseModelRefrence', so it has no effect. Did you mean "
            + "'WiseModelReference'? The items are WiseModelReference and WiseArtifact; an item of your own needs another name.\n"
            + $"{Project} : warning WISE1020: There is no property 'WiseForec', so it has no effect. Did you mean 'WiseForce'? "
            + "docs/reference.md lists the properties; a property of your own needs another name.\n", log);
    }

    [Fact]
    public async Task The_only_item_of_a_project_is_checked_even_if_its_name_is_wrong()
    {
        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Item("WiseModelReferences", "acme/tiny"))).Succeeded());

        Assert.Equal($"{Project}(5,15): warning WISE1020: There is no item 'WiseModelReferences', so it has no effect. "
            + "Did you mean 'WiseModelReference'? The items are WiseModelReference and WiseArtifact; an item of your own needs "
            + "another name.\n", log);
    }

    [Fact]
    public async Task A_property_in_an_imported_file_is_told_there()
    {
        _w.Write("src/Directory.Build.props", "<Project>\n<PropertyGroup>\n<WiseDefaultHubs>x</WiseDefaultHubs>\n"
            + "</PropertyGroup>\n</Project>\n");

        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Model("acme/tiny"))).Succeeded());

        _w.Write("src/Directory.Build.props", "<Project />\n");
        Assert.Equal("$/src/Directory.Build.props(3,2): warning WISE1020: There is no property 'WiseDefaultHubs', so it has no "
            + "effect. Did you mean 'WiseDefaultHub'? docs/reference.md lists the properties; a property of your own needs "
            + "another name. [$/src/App/App.csproj]\n", log);
    }

    [Theory]
    [InlineData("WiseLinkMode", "junction",
        "WISE1004: WiseLinkMode is 'junction'; it must be auto, clone, hardlink, symlink or copy.")]
    [InlineData("WiseMaxParallelDownloads", "100",
        "WISE1004: WiseMaxParallelDownloads is '100'; it must be a whole number from 1 to 64.")]
    [InlineData("WiseHubEnabled", "ture", "WISE1004: WiseHubEnabled is 'ture'; it must be true or false.")]
    [InlineData("WisePushOnPublish", "yes", "WISE1004: WisePushOnPublish is 'yes'; it must be true or false.")]
    [InlineData("WiseForce", "maybe", "WISE1004: WiseForce is 'maybe'; it must be true or false.")]
    [InlineData("WiseDefaultHub", "lokal", "WISE1002: There is no hub 'lokal'. Did you mean 'local'? The known hubs are github, "
        + "gitlab, huggingface, local, wisemodel. Declare others in $/src/wisehub.json.")]
    public async Task A_wrong_value_of_a_property_is_an_error_at_the_property(string name, string value, string expected)
    {
        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Property(name, value).Model("acme/tiny").Model("acme/tiny",
            ("Alias", "second")))).Failed());

        Assert.Equal($"{Project}(5,19): error {expected}\n", log);
    }

    [Theory]
    [InlineData("Hub", "local,huggingface", "WISE1002: There is no hub 'local,huggingface'. Several hubs are separated by ';', "
        + "not by ','. The known hubs are github, gitlab, huggingface, local, wisemodel. Declare others in $/src/wisehub.json.")]
    [InlineData("Revision", "mian", "WISE2003: acme/tiny: the hub 'local' has no revision 'mian' of it "
        + "($/hub/models/acme/tiny/refs/mian is missing). Did you mean 'main'? It has main. Check name and revision, or push "
        + "them.")]
    public async Task A_value_that_is_nearly_right_gets_a_suggestion(string name, string value, string expected) =>
        Assert.Equal($"{Project}(5,15): error {expected}\n",
            _w.Log((await BuildAsync(ProjectBuilder.App().Model("acme/tiny", (name, value)))).Failed()));

    [Fact]
    public async Task A_pattern_that_names_a_missing_file_is_a_warning_and_a_comma_is_recognized()
    {
        string log = _w.Log((await BuildAsync(ProjectBuilder.App()
            .Model("acme/tiny", ("AllowPatterns", "confg.json;weights/*;a.json,b.json;*.onnx")))).Succeeded());

        string[] lines = CommitId().Replace(log, "commit #").Split('\n');
        Assert.Equal([
            $"{Project}(5,15): warning WISE1023: acme/tiny: commit # has no file 'a.json,b.json'. Several patterns are separated "
                + "by ';', not by ','. Correct the pattern, or remove it.",
            $"{Project}(5,15): warning WISE1023: acme/tiny: commit # has no file 'confg.json'. Did you mean 'config.json'? "
                + "Correct the pattern, or remove it.",
            ""], lines);
    }

    [Fact]
    public async Task A_key_of_the_configuration_that_is_nearly_right_gets_a_suggestion()
    {
        _w.Write("src/App/wisehub.json", "{ \"hubs\": { \"x\": { \"protocl\": \"store\" } } }");

        string log = _w.Log((await BuildAsync(ProjectBuilder.App().Model("acme/tiny"))).Failed());

        _w.Delete("src/App/wisehub.json");
        Assert.StartsWith("$/src/App/wisehub.json(1,20): error WISE1008: $/src/App/wisehub.json(1,20): 'protocl' is not a known "
            + "key. Did you mean 'protocol'? The keys are ", log, StringComparison.Ordinal);
    }

    [GeneratedRegex("commit [0-9a-f]{64}")]
    private static partial Regex CommitId();
}
