using System.Text.RegularExpressions;
using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The folders of the user, and a check that tests do not use them.</summary>
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
    public void On_Unix_user_folders_are_below_HOME() =>
        Assert.Equal(
            ["<temp>/home", "<temp>/home/.config/wisehub", "<temp>/home/.config/wisehub", "<temp>/home/.cache"], Folders());

    [Fact]
    [Needs(Need.Unix)]
    public void On_Unix_absolute_XDG_variables_move_user_folders()
    {
        Assert.Equal(["<temp>/home", "<temp>/c/wisehub", "<temp>/c/wisehub", "<temp>/k"],
            Folders(("XDG_CONFIG_HOME", _temp["c"]), ("XDG_CACHE_HOME", _temp["k"])));
        Assert.Equal(Folders(), Folders(("XDG_CONFIG_HOME", "c"), ("XDG_CACHE_HOME", "k")));
    }

    [Fact]
    [Needs(Need.Windows)]
    public void On_Windows_user_folders_follow_its_variables_and_logins_do_not_roam() =>
        Assert.Equal(["<temp>/profile", "<temp>/roaming/wisehub", "<temp>/local/wisehub-login", "<temp>/local"],
            Folders(("USERPROFILE", _temp["profile"]), ("APPDATA", _temp["roaming"]), ("LOCALAPPDATA", _temp["local"])));

    [Fact]
    public void Without_variables_user_folders_come_from_the_system()
    {
        Assert.Equal(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile,
            Environment.SpecialFolderOption.DoNotVerify), UserFolders.Home(_ => null));
        Assert.True(Path.IsPathFullyQualified(UserFolders.Configuration(_ => null)));
    }

    [Fact]
    public void A_child_process_gets_only_the_user_folders_of_the_client()
    {
        var process = new Dictionary<string, string?> { ["HOME"] = "real", ["XDG_CONFIG_HOME"] = "real", ["OTHER"] = "kept" };
        UserFolders.Pass(new TestEnvironment(_temp["home"]).Read, process);
        Assert.Equal((_temp["home"], false, "kept"), (process["HOME"], process.ContainsKey("XDG_CONFIG_HOME"), process["OTHER"]));
    }

    [Fact]
    public void The_test_process_does_not_use_the_profile_of_its_user()
    {
        foreach (string folder in (string[])[UserFolders.Home(Environment.GetEnvironmentVariable),
            UserFolders.Configuration(Environment.GetEnvironmentVariable),
            UserFolders.Logins(Environment.GetEnvironmentVariable), UserFolders.Caches(Environment.GetEnvironmentVariable)])
            Assert.StartsWith(Path.Combine(Path.GetTempPath(), "wisehub-test-no-profile-"), folder, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_test_creates_clients_with_an_explicit_environment()
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
    public void The_check_detects_code_that_would_use_the_profile(string code, bool isRight) =>
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
