using System.Diagnostics;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs.Git;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Programs are found so that a repository cannot bring along its own.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_program_is_found_in_the_first_absolute_folder_of_PATH_that_has_it()
    {
        string first = Program("one/tool");
        Program("two/tool");
        Assert.Equal(first, Find("tool", "", ".", "relative", _temp["none"], _temp["one"], _temp["two"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("bin")]
    [InlineData("./bin")]
    [InlineData("..")]
    public void A_relative_or_empty_folder_of_PATH_is_not_searched(string entry)
    {
        // Where the process works such a folder would hold one.
        string name = "wisehub-test-" + Guid.NewGuid().ToString("N")[..8];
        string folder = Path.GetFullPath(entry.Length == 0 ? "." : entry), file = Path.Combine(folder, name + Suffix);
        bool isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        try
        {
            MakeProgram(file);
            Assert.Equal(file, Find(name, folder));
            Assert.Null(Find(name, entry));
        }
        finally
        {
            File.Delete(file);
            if (isNew)
                Directory.Delete(folder);
        }
    }

    [Fact]
    public void A_path_is_a_program_only_when_it_is_absolute()
    {
        string program = Program("bin/tool");
        Assert.Equal(program, Find(program, _temp["bin"]));
        Assert.Null(Find(Path.Combine("bin", "tool"), _temp.Path));
        Assert.Null(Find(Path.Combine("..", Path.GetFileName(_temp.Path), "bin", "tool"), _temp.Path));
        Assert.Null(Find("", _temp["bin"]));
        Assert.Null(Find(_temp["bin/none"], _temp["bin"]));
    }

    [Fact]
    public void A_folder_is_not_found_as_a_program()
    {
        Directory.CreateDirectory(_temp["bin/tool" + Suffix]);
        Assert.Null(Find("tool", _temp["bin"]));
    }

    [Fact]
    [Needs(Need.Unix)]
    public void A_file_without_execute_permission_is_not_found_as_a_program()
    {
        _temp.Write("bin/tool", "#!/bin/sh\n");
        Assert.Null(Find("tool", _temp["bin"]));
    }

    [Theory]
    [Needs(Need.Windows)]
    [InlineData("git.cmd")]
    [InlineData("git.bat")]
    [InlineData("git.com")]
    [InlineData("git")]
    public void On_Windows_only_an_exe_is_found_as_a_program(string file)
    {
        MakeProgram(_temp.Write("bin/" + file, ""));
        Assert.Null(Find("git", _temp["bin"]));
    }

    [Fact]
    [Needs(Need.Windows)]
    public void On_Windows_a_folder_of_PATH_may_be_quoted()
    {
        string program = Program("with space/tool");
        Assert.Equal(program, Find("tool", $"\"{_temp["with space"]}\""));
        Assert.Equal(program, Find("TOOL.EXE", _temp["with space"]), ignoreCase: true);
    }

    [Fact]
    public void A_child_process_gets_a_PATH_of_absolute_folders_only()
    {
        Func<string, string?> environment =
            TestEnvironment.With(("PATH", string.Join(Path.PathSeparator, ".", _temp["one"], "", "bin", _temp["two"])));
        ProcessStartInfo start = Programs.DescribeRedirected(Environment.ProcessPath!, [], environment);
        Assert.Equal(_temp["one"] + Path.PathSeparator + _temp["two"], start.Environment["PATH"]);
        Assert.Equal(OperatingSystem.IsWindows() ? "1" : null,
            start.Environment.TryGetValue("NoDefaultCurrentDirectoryInExePath", out string? value) ? value : null);
        Assert.Equal(OperatingSystem.IsWindows() ? Environment.SystemDirectory : "/", start.WorkingDirectory);
        Assert.Equal(("utf-8", "utf-8", "utf-8", 0),
            (start.StandardInputEncoding!.WebName, start.StandardOutputEncoding!.WebName, start.StandardErrorEncoding!.WebName,
                start.StandardInputEncoding.Preamble.Length));
    }

    [Fact]
    public void Starting_a_program_by_its_bare_name_throws() =>
        Assert.Throws<ArgumentException>(() => Programs.Describe("git", []));

    [Fact]
    public async Task A_git_in_the_working_folder_or_in_a_relative_folder_of_PATH_is_not_run()
    {
        string work = Directory.GetCurrentDirectory();
        string planted = Path.Combine(work, "git" + Suffix), below = Path.Combine(work, "planted-bin", "git" + Suffix);
        Directory.CreateDirectory(Path.GetDirectoryName(below)!);
        try
        {
            MakeProgram(planted);
            MakeProgram(below);
            var git = new GitTool(TestEnvironment.With(("PATH", string.Join(Path.PathSeparator, "", ".", "planted-bin"))));
            HubException e = await Assert.ThrowsAsync<HubException>(() => git.CheckAsync(TestContext.Current.CancellationToken));
            Assert.Equal("WISE1026: git was not found on this machine, but the git transport requires it. Install git 2.31 or "
                + "later, or use a hub with \"transport\": \"https\". Only absolute folders of PATH are searched.",
                $"{e.Code}: {e.Message}");
            e = await Assert.ThrowsAsync<HubException>(() => git.SshAsync(["host"], TestContext.Current.CancellationToken));
            Assert.Equal("WISE1026: The program 'ssh' was not found on this machine. Install an ssh client, or correct "
                + "GIT_SSH_COMMAND. Only absolute folders of PATH are searched.",
                $"{e.Code}: {e.Message}");
            Assert.False(File.Exists(_temp["ran"]));
        }
        finally
        {
            File.Delete(planted);
            Directory.Delete(Path.GetDirectoryName(below)!, recursive: true);
        }
    }

    [Fact]
    public void Only_one_class_creates_process_start_infos()
    {
        string[] others = [.. RepoFiles.Sources("src")
            .Where(f => Path.GetFileName(f) != "Programs.cs")
            .Where(f => File.ReadAllText(RepoFiles.At(f)) is var text
                && (text.Contains("new ProcessStartInfo", StringComparison.Ordinal)
                || text.Contains("Process.Start(\"", StringComparison.Ordinal)
                || text.Contains("UseShellExecute", StringComparison.Ordinal)
                || text.Contains("ProcessStartInfo start = new", StringComparison.Ordinal))).Select(Path.GetFileName)!];
        Assert.Empty(others);
    }

    private static string? Find(string program, params string[] path) =>
        Programs.Find(program, TestEnvironment.With(("PATH", string.Join(Path.PathSeparator, path))));

    private string Program(string path)
    {
        string file = _temp.Write(path + Suffix, "");
        MakeProgram(file);
        return file;
    }

    // Whoever runs it leaves a file. On Windows it is no program at all, so that its start would be an error.
    private void MakeProgram(string file)
    {
        File.WriteAllText(file, $"#!/bin/sh\necho > '{_temp["ran"]}'\necho git version 2.99.0\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
