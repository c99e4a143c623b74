using System.Text.RegularExpressions;
using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Where the user's things are, and that tests keep away from them.</summary>
public sealed partial class UserFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private string[] Folders(params (string, string)[] variables)
    {
        Func<string, string?> environment = new TestEnvironment(_temp["home"], variables).Read;
        return [.. new[]
        {
            UserFolders.Home(environment),
            UserFolders.Configuration(environment),
            UserFolders.Logins(environment),
            UserFolders.Caches(environment)
        }
            .Select(f => PortablePaths.Hide(f, _temp.Path, "<temp>"))];
    }

    [Fact]
    [Needs(Need.Unix)]
    public void On_Unix_they_are_below_HOME() =>
        Assert.Equal(
            ["<temp>/home", "<temp>/home/.config/wisehub", "<temp>/home/.config/wisehub", "<temp>/home/.cache"], Folders());

    [Fact]
    [Needs(Need.Unix)]
    public void On_Unix_XDG_moves_them_where_it_is_absolute()
    {
        Assert.Equal(["<temp>/home", "<temp>/c/wisehub", "<temp>/c/wisehub", "<temp>/k"],
            Folders(("XDG_CONFIG_HOME", _temp["c"]), ("XDG_CACHE_HOME", _temp["k"])));
        Assert.Equal(Folders(), Folders(("XDG_CONFIG_HOME", "c"), ("XDG_CACHE_HOME", "k")));
    }

    [Fact]
    [Needs(Need.Windows)]
    public void On_Windows_they_are_where_its_own_variables_say_and_logins_are_not_in_the_folder_that_roams() =>
        Assert.Equal(["<temp>/profile", "<temp>/roaming/wisehub", "<temp>/local/wisehub-login", "<temp>/local"],
            Folders(("USERPROFILE", _temp["profile"]), ("APPDATA", _temp["roaming"]), ("LOCALAPPDATA", _temp["local"])));

    [Fact]
    public void Without_variables_the_system_answers()
    {
        Assert.Equal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile,
            Environment.SpecialFolderOption.DoNotVerify), UserFolders.Home(_ => null));
        Assert.True(Path.IsPathFullyQualified(UserFolders.Configuration(_ => null)));
    }

    [Fact]
    public void A_process_that_is_started_has_the_folders_of_the_client_and_no_others()
    {
        var process = new Dictionary<string, string?> { ["HOME"] = "real", ["XDG_CONFIG_HOME"] = "real", ["OTHER"] = "kept" };
        UserFolders.Pass(new TestEnvironment(_temp["home"]).Read, process);
        Assert.Equal((_temp["home"], false, "kept"), (process["HOME"], process.ContainsKey("XDG_CONFIG_HOME"), process["OTHER"]));
    }

    [Fact]
    public void This_process_has_left_the_profile_of_whoever_runs_it()
    {
        foreach (string folder in (string[])[UserFolders.Home(Environment.GetEnvironmentVariable),
            UserFolders.Configuration(Environment.GetEnvironmentVariable),
            UserFolders.Logins(Environment.GetEnvironmentVariable), UserFolders.Caches(Environment.GetEnvironmentVariable)])
            Assert.StartsWith(Path.Combine(Path.GetTempPath(), "wisehub-test-no-profile-"), folder, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_client_of_a_test_has_an_environment_of_its_own()
    {
        string[] wrong = [.. RepoFiles.Sources("tests")
            .Where(f => Path.GetFileName(f) != "UserFolderTests.cs")
            .SelectMany(f => Mistakes(File.ReadAllText(RepoFiles.At(f))).Select(m => $"{Path.GetFileName(f)}: {m}"))];
        // It is text there: a program that a test builds and runs, whose whole process has another home.
        Assert.Equal(["ClientPackageTests.cs: new HubClientOptions()"], wrong);
    }

    [Theory]
    [InlineData("new HubClientOptions { Offline = true }", false)]
    [InlineData("new HubClientOptions { Environment = _ => null }", false)]
    [InlineData("new HubClientOptions { Environment = name => null }", false)]
    [InlineData("new HubClientOptions { Environment = TestEnvironment.Empty, Offline = true }", true)]
    [InlineData("new HubClientOptions { Environment = new TestEnvironment(\"x\").Read }", true)]
    [InlineData("HubConfig.Load(file, _ => null)", false)]
    [InlineData("HubConfig.Load(file, TestEnvironment.Empty)", true)]
    [InlineData("new GitTool(_ => null)", false)]
    public void A_test_that_would_touch_the_profile_is_found(string code, bool isRight) =>
        Assert.Equal(isRight, !Mistakes(code).Any());

    private static IEnumerable<string> Mistakes(string code) => Unsafe().Matches(code).Select(m => m.Value.Trim())
        .Concat(Options().Matches(code).Where(m => !m.Groups[1].Value.Contains("TestEnvironment", StringComparison.Ordinal))
            .Select(m => m.Value.Length > 80 ? m.Value[..80] : m.Value));

    // What reads the user's folders, with an environment that does not say where they are.
    [GeneratedRegex(@"(?:HubConfig\.Load|new GitTool|new TokenSource|new CredentialFile|new GitHelpers|new NetrcFile|new "
        + @"ToolFiles)\([^;\n]*_ => null[^;\n]*")]
    private static partial Regex Unsafe();

    // A whole initializer, with braces inside.
    [GeneratedRegex(@"new HubClientOptions(?!\(\)\.)(?:\(\))?(\s*\{(?>[^{}]+|\{(?<open>)|\}(?<-open>))*(?(open)(?!))\})?",
        RegexOptions.CultureInvariant)]
    private static partial Regex Options();
}
