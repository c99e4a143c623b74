using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A project that is restored once and rewritten for each test of diagnostics.</summary>
public sealed class DiagnosticsWorkspace(SdkFixture sdk) : IAsyncLifetime
{
    public SdkWorkspace Workspace { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Workspace = await sdk.WorkspaceAsync();
        Workspace.Write("App", ProjectBuilder.App());
        Workspace.Write("src/App/Program.cs", "return;\n");
        (await Workspace.DotnetAsync("App", "restore")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        Workspace.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Bad input gives one error with code, place and remedy; warnings obey the usual properties.</summary>
public sealed partial class DiagnosticsTests(DiagnosticsWorkspace shared) : IClassFixture<DiagnosticsWorkspace>
{
    // Line 5, after the lines of OutputType and the package.
    private const string Here = "$/src/App/App.csproj(5,15): error ";

    private readonly SdkWorkspace _w = shared.Workspace;

    private async Task<SdkRun> BuildAsync(string arguments, params (string, string)[] attributes)
    {
        string id = attributes.FirstOrDefault(a => a.Item1 == "Include") is (_, string given) ? given : "acme/tiny";
        _w.Write("App", ProjectBuilder.App().Model(id, [.. attributes.Where(a => a.Item1 != "Include")]));
        return await _w.DotnetAsync("App", ("build --no-restore " + arguments).Trim());
    }

    [Theory]
    [InlineData("Hub", "nope", "WISE1002: There is no hub 'nope'. The known hubs are github, gitlab, huggingface, local, "
        + "wisemodel. Declare others in $/src/wisehub.json.")]
    [InlineData("Include", "a/b c", "WISE1003: 'a/b c' is not a repo id: each part must have 1 to 96 letters, digits, '-', '_' "
        + "or '.', and start and end with a letter, digit or '_'. Write owner/name, or a single name if the hub has such ids "
        + "(gpt2).")]
    [InlineData("Include", "https://example.org/a?sig=secret", "WISE1011: 'https://example.org/a' has a signature or token in "
        + "its query, which is a secret, expires, and would appear in the lock file and the log. Write the URL without it.")]
    [InlineData("Include", "acme/none",
        "WISE2002: acme/none: the hub 'local' ($/hub) has no such repo. It has acme/tiny. Check the name and RepoType.")]
    [InlineData("Revision", "v9", "WISE2003: acme/tiny: the hub 'local' has no revision 'v9' of it "
        + "($/hub/models/acme/tiny/refs/v9 is missing). It has main. Check name and revision, or push them.")]
    [InlineData("Revision", "a..b",
        "WISE1005: acme/tiny: 'a..b' is not a revision: git does not allow its dots. Write a branch, a tag or a commit.")]
    [InlineData("AllowPatterns", "*.gguf", "WISE1015: acme/tiny: no file of commit # is selected by *.gguf; it has 2 files, "
        + "for example config.json, weights/a.bin. Patterns are case-sensitive, match the whole path, and * crosses '/'.")]
    [InlineData("TargetPath", "../elsewhere", "WISE1007: 'acme/tiny': the TargetPath '../elsewhere' must be a folder below the "
        + "output: it has the part '..'. Write for example models/tiny.")]
    [InlineData("TargetPath", "/etc", "WISE1007: 'acme/tiny': the TargetPath '/etc' must be a folder below the output: "
        + "it is absolute. Write for example models/tiny.")]
    [InlineData("TargetPath", "C:\\models", "WISE1007: 'acme/tiny': the TargetPath 'C:/models' must be a folder below the "
        + "output: it has the character ':', which Windows does not allow. Write for example models/tiny.")]
    [InlineData("Alias", "con", "WISE1006: 'acme/tiny': the alias 'con' cannot be a folder name: "
        + "'con' is a device name on Windows. Give it a different Alias.")]
    [InlineData("CopyToOutputDirectory", "PreserveNewest", "WISE1004: 'acme/tiny': CopyToOutputDirectory cannot be "
        + "PreserveNewest, which keeps a stale file after a rollback. Write IfDifferent, or omit it.")]
    [InlineData("RepoType", "mdoel", "WISE1004: RepoType is 'mdoel'; it must be model, dataset, code or space.")]
    [InlineData("LinkMode", "junction", "WISE1004: LinkMode is 'junction'; it must be auto, clone, hardlink, symlink or copy.")]
    [InlineData("Optional", "maybe", "WISE1004: Optional is 'maybe'; it must be true or false.")]
    [InlineData("Sha256", "12", "WISE1012: 'acme/tiny': Sha256 '12' is not 64 hexadecimal characters.")]
    [InlineData("Sha256", "0000000000000000000000000000000000000000000000000000000000000000", "WISE1016: acme/tiny: "
        + "Sha256 is the digest of one file, but 2 are selected. Select one with AllowPatterns, or omit Sha256: "
        + "the lock file has all digests.")]
    [InlineData("Config", "en", "WISE1013: The hub 'local' is a store, which has no dataset configurations. Remove Config.")]
    public async Task A_bad_reference_is_one_error_at_its_line(string name, string value, string expected)
    {
        _w.Delete("src/App/wise.lock.json");

        string log = Commit().Replace(_w.Log((await BuildAsync("", (name, value))).Failed()), "commit #");

        Assert.Equal(Here + expected + "\n", log);
        Assert.False(File.Exists(_w.PathOf("src/App/wise.lock.json")));
        Assert.Empty(_w.Tree("src/App/bin/Debug/net10.0/models"));
    }

    [Fact]
    public async Task All_bad_references_are_reported_at_once_each_at_its_line()
    {
        _w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("Alias", "Same")).Model("a/b c")
            .Model("acme/other", ("Alias", "same")));

        string log = _w.Log((await _w.DotnetAsync("App", "build --no-restore")).Failed());

        Assert.Equal(
            "$/src/App/App.csproj(7,15): error WISE1006: 'acme/tiny' and 'acme/other' have the same alias 'Same' (case is "
            + "ignored). Give one of them a different Alias.\n"
            + "$/src/App/App.csproj(6,15): error WISE1003: 'a/b c' is not a repo id: each part must have 1 to 96 letters, "
            + "digits, '-', '_' or '.', and start and end with a letter, digit or '_'. Write owner/name, or a single name if the "
            + "hub has such ids (gpt2).\n", log);
    }

    [Theory]
    [InlineData("{", "$/src/App/wise.lock.json(1,", "WISE4001")]
    [InlineData("{\"version\":1,\"references\":[\n{\"repoType\":\"model\",\n\"repo\":\"x\"}]}",
        "$/src/App/wise.lock.json(3,", "WISE4001")]
    [InlineData("{\"version\":2}", "", "WISE4002")]
    public async Task An_invalid_lock_file_is_one_error_and_is_not_changed(string text, string place, string code)
    {
        _w.Write("src/App/wise.lock.json", text);

        AssertOneError(place, code, _w.Log((await BuildAsync("")).Failed()));

        Assert.Equal(text, _w.Read("src/App/wise.lock.json"));
        _w.Delete("src/App/wise.lock.json");
    }

    [Theory]
    [InlineData("{\n  \"hubs\": {\n", "$/src/App/wisehub.json(3,", "WISE1008")]
    [InlineData("{\n  \"hubs\": { \"x\": { \"protocol\": \"ftp\" } }\n}", "$/src/App/wisehub.json(2,", "WISE1008")]
    [InlineData("{\n  \"defaultHubs\": \"x\"\n}", "$/src/App/wisehub.json(2,3)", "WISE1008")]
    [InlineData("{\n  \"policy\": { \"license\": [] }\n}", "$/src/App/wisehub.json(2,15)", "WISE1008")]
    [InlineData("{ \"hubs\": { \"a-b\": { \"protocol\": \"store\", \"path\": \"h\" }, \"a_b\": { \"protocol\": "
        + "\"store\", \"path\": \"h\" } } }", "", "WISE1014")]
    public async Task An_invalid_configuration_is_one_error_with_line_and_column(
        string text, string place, string code)
    {
        _w.Write("src/App/wisehub.json", text);

        string log = _w.Log((await BuildAsync("")).Failed());
        _w.Delete("src/App/wisehub.json");

        AssertOneError(place, code, log);
    }

    // The library's own tests say which column and which words.
    private static void AssertOneError(string place, string code, string log)
    {
        Assert.StartsWith(place, log, StringComparison.Ordinal);
        Assert.Contains($": error {code}: ", log, StringComparison.Ordinal);
        Assert.Equal(1, log.Count(c => c == '\n'));
    }

    [Fact]
    public async Task The_terminal_logger_shows_the_help_link_of_an_error()
    {
        _w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("Hub", "nope")));

        // Binary logs do not keep help links; the terminal logger makes the code a hyperlink.
        SdkRun run = (await _w.RunAsync("App", "dotnet", "build", "--no-restore", "-nologo", "-tl:on")).Failed();

        Assert.Contains("\u001b]8;;https://github.com/wisehub/WiseHub.Build/blob/main/docs/"
            + "diagnostics.md#wise1002\u001b\\WISE1002\u001b]8;;\u001b\\", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_optional_reference_that_is_missing_is_a_warning_and_warnings_obey_the_usual_properties()
    {
        const string text = "acme/none is optional and will be missing: ";
        (string, string)[] optional = [("Include", "acme/none"), ("Optional", "true")];
        _w.Write("src/App/Program.cs", "System.Console.WriteLine(App.WiseModels.None.Exists);\n");

        string warning = _w.Log((await BuildAsync("", optional)).Succeeded());
        Assert.StartsWith("$/src/App/App.csproj(5,15): warning WISE2018: " + text, warning, StringComparison.Ordinal);
        Assert.Equal(1, warning.Count(c => c == '\n'));
        Assert.Equal("False\n", (await _w.RunAppAsync("App")).Output);

        Assert.Equal("", _w.Log((await BuildAsync("-p:NoWarn=WISE2018", optional)).Succeeded()));
        _w.Write("src/App/Directory.Build.props", "<Project><PropertyGroup><TreatWarningsAsErrors>true</TreatWarningsAsErrors>"
            + "<WarningsNotAsErrors>WISE2018</WarningsNotAsErrors></PropertyGroup></Project>");
        Assert.Equal(warning, _w.Log((await BuildAsync("", optional)).Succeeded()));
        _w.Delete("src/App/Directory.Build.props");
        foreach (string strict in (string[])["-p:TreatWarningsAsErrors=true", "-p:WarningsAsErrors=WISE2018",
            "-p:MSBuildTreatWarningsAsErrors=true", "-warnaserror:WISE2018"])
            Assert.Equal(warning.Replace("warning WISE2018", "error WISE2018", StringComparison.Ordinal),
                _w.Log((await BuildAsync(strict, optional)).Failed()));

        _w.Write("src/App/Program.cs", "return;\n");
    }

    [GeneratedRegex("commit [0-9a-f]{40,64}")]
    private static partial Regex Commit();
}
