using System.Text;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Merges of lock files by git itself, and after it.</summary>
public sealed class LockCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public LockCommandTests()
    {
        _workspace.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        _workspace.Environment["GIT_CONFIG_GLOBAL"] = _workspace.PathOf("gitconfig");
        _workspace.Write("gitconfig", "[user]\n\tname = t\n\temail = t@example.org\n[init]\n\tdefaultBranch = main\n"
            + "[commit]\n\tgpgsign = false\n[core]\n\tautocrlf = false\n");
    }

    public void Dispose() => _workspace.Dispose();

    private string File_ => _workspace.PathOf("work/repo/App/wise.lock.json");

    private static LockEntry Entry(string id, char commit, params string[] files) => new(
        new LockKey(RepoType.Model, "acme/" + id, "local", null, null), new string(commit, 40), [FileSelection.All],
        [.. files.Select(f => new LockedFile(f, 1, Digest.Parse(new string(commit, 64))))]);

    private void Write(params LockEntry[] entries) =>
        _workspace.Write("work/repo/App/wise.lock.json", Encoding.UTF8.GetString(LockFile.Empty.With(entries).ToBytes()));

    private string[] Locked => [.. LockFile.Read(File_)!.Entries.Select(e =>
        $"{e.Key.RepoId} {e.Commit[0]} {string.Join(' ', e.Files.Select(f => f.Path + f.Sha256.Hex[0]))}")];

    private async Task<ProcessResult> GitAsync(params string[] arguments) => await ProcessRunner.RunAsync("git", arguments,
        _workspace.PathOf("work/repo"), _workspace.Environment);

    private async Task CommitAsync(string message)
    {
        Assert.Equal(0, (await GitAsync("add", "-A")).ExitCode);
        Assert.Equal(0, (await GitAsync("commit", "-q", "-m", message)).ExitCode);
    }

    /// <summary>Makes a repository whose branches have these lock files, and merges "other" into "main".</summary>
    private async Task<ProcessResult> MergeAsync(
        LockEntry[] ancestor, LockEntry[] ours, LockEntry[] theirs, string style = "merge", bool withDriver = false)
    {
        Write(ancestor);
        Assert.Equal(0, (await GitAsync("init", "-q")).ExitCode);
        await GitAsync("config", "merge.conflictStyle", style);
        if (withDriver)
            Assert.Equal(0, (await _workspace.RunAsync("lock", "install-merge-driver", "repo/App")).ExitCode);
        await CommitAsync("base");
        await GitAsync("checkout", "-q", "-b", "other");
        Write(theirs);
        await CommitAsync("theirs");
        await GitAsync("checkout", "-q", "main");
        Write(ours);
        await CommitAsync("ours");
        return await GitAsync("merge", "-q", "--no-edit", "other");
    }

    private static readonly LockEntry Old = Entry("old", '1', "a");

    [Fact]
    public async Task With_the_driver_two_branches_that_each_add_a_model_merge_without_hands()
    {
        ProcessResult merged = await MergeAsync([Old], [Old, Entry("x", '2', "a")], [Old, Entry("y", '3', "a")],
            withDriver: true);

        Assert.Equal((0, ""), (merged.ExitCode, merged.Error));
        Assert.Equal(["acme/old 1 a1", "acme/x 2 a2", "acme/y 3 a3"], Locked);
        Assert.Equal(Encoding.UTF8.GetString(LockFile.Read(File_)!.ToBytes()), await File.ReadAllTextAsync(File_));
        Assert.Equal("", (await GitAsync("status", "--porcelain")).Output);
    }

    [Fact]
    public async Task With_the_driver_two_commits_for_one_reference_stay_a_conflict_around_whole_entries()
    {
        ProcessResult merged = await MergeAsync([Entry("x", '1', "a", "b", "c", "d", "e", "f")],
            [Entry("x", '2', "a", "b", "c", "d", "e", "f")], [Entry("x", '3', "a", "b", "c", "d", "e", "f"), Entry("y", '4',
                "a")],
            withDriver: true);

        Assert.Equal(1, merged.ExitCode);
        Assert.Contains("error WISE1090: App/wise.lock.json is not merged: both sides changed model acme/x from local at the "
            + $"default branch (ours {new string('2', 40)}, theirs {new string('3', 40)}). Run 'wisehub lock merge --ours' or "
            + "'wisehub lock merge --theirs' to decide for these references.", merged.Error.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
        Assert.StartsWith("{\"version\":1,\"references\":[\n<<<<<<< ours\n{\"repoType\":\"model\",\"repoId\":\"acme/x\"",
            await File.ReadAllTextAsync(File_), StringComparison.Ordinal);
        Assert.Equal(0, (await _workspace.RunAsync("lock", "merge", "repo/App", "--theirs")).ExitCode);
        Assert.Equal(["acme/x 3 a3 b3 c3 d3 e3 f3", "acme/y 4 a4"], Locked);
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("diff3")]
    [InlineData("zdiff3")]
    public async Task Lock_merge_resolves_a_conflict_of_git_in_every_style(string style)
    {
        ProcessResult merged = await MergeAsync([Old, Entry("z", '1', "a")],
            [Old, Entry("x", '2', "a"), Entry("z", '1', "a")], [Entry("y", '3', "a"), Entry("z", '4', "a")], style);
        Assert.Equal(1, merged.ExitCode);

        ProcessResult result = await _workspace.RunAsync("lock", "merge", "repo/App/wise.lock.json");

        Assert.Equal(new ProcessResult(0, "$/work/repo/App/wise.lock.json\n",
            "Merged: $/work/repo/App/wise.lock.json has 3 entries. Review it, and run 'git add' for it.\n"), result);
        Assert.Equal(["acme/x 2 a2", "acme/y 3 a3", "acme/z 4 a4"], Locked);
    }

    // Around its markers, git takes lines of both sides: the digest of b would be that of the other commit.
    [Fact]
    public async Task Lock_merge_never_mixes_the_files_of_two_commits()
    {
        string[] files = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        LockEntry before = Entry("x", '1', files), ours = Entry("x", '2', files), theirs = Entry("x", '3', files);
        // Each commit changed one file, far from the other's.
        ours = ours with { Files = [.. before.Files.Select(f => f.Path == "c" ? ours.Files[2] : f)] };
        theirs = theirs with { Files = [.. before.Files.Select(f => f.Path == "h" ? theirs.Files[7] : f)] };
        Assert.Equal(1, (await MergeAsync([before], [ours], [theirs])).ExitCode);

        ProcessResult undecided = await _workspace.RunAsync("lock", "merge", "repo/App");
        string conflicted = await File.ReadAllTextAsync(File_);
        ProcessResult decided = await _workspace.RunAsync("lock", "merge", "repo/App", "--ours");

        Assert.Equal((1, 0), (undecided.ExitCode, decided.ExitCode));
        Assert.Contains("<<<<<<< ", conflicted, StringComparison.Ordinal);
        Assert.Equal(["acme/x 2 a1 b1 c2 d1 e1 f1 g1 h1 i1 j1"], Locked);
    }

    [Fact]
    public async Task Lock_merge_without_git_works_on_the_text()
    {
        string entry = Encoding.UTF8.GetString(LockFile.Empty.With([Old]).ToBytes()).Split('[', 2)[1][1..^3],
            other = entry.Replace("acme/old", "acme/new", StringComparison.Ordinal),
            moved = entry.Replace(new string('1', 40), new string('2', 40), StringComparison.Ordinal);
        _workspace.Write("work/repo/App/wise.lock.json", "{\"version\":1,\"references\":[\n<<<<<<< HEAD\n" + entry + "\n=======\n"
            + other + "\n>>>>>>> other\n]}\n");
        Assert.Equal(0, (await _workspace.RunAsync("lock", "merge", "repo/App")).ExitCode);
        Assert.Equal(["acme/new 1 a1", "acme/old 1 a1"], Locked);

        string conflict = "{\"version\":1,\"references\":[\n<<<<<<< HEAD\n" + entry + "\n=======\n" + moved
            + "\n>>>>>>> other\n]}\n";
        _workspace.Write("work/repo/App/wise.lock.json", conflict);
        ProcessResult result = await _workspace.RunAsync("lock", "merge", "repo/App", "--ours");
        Assert.Equal(new ProcessResult(1, "", "error WISE1091: $/work/repo/App/wise.lock.json has a conflict about a commit, "
            + "and git does not have the versions of both sides, because the file is not unmerged in a git repository. Decide "
            + "in the "
            + "file: keep one of the two entries, and remove the markers.\n"), result);
        Assert.Equal(conflict, await File.ReadAllTextAsync(File_));
    }

    [Fact]
    public async Task A_lock_file_without_a_conflict_stays_as_it_is()
    {
        Write(Old);

        Assert.Equal(new ProcessResult(0, """
            {
              "file": "$/work/repo/App/wise.lock.json",
              "merged": false,
              "references": [],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), await _workspace.RunAsync("lock", "merge", "repo/App", "--json"));
        Assert.Equal(new ProcessResult(1, "",
            "error WISE1091: $/work/wise.lock.json does not exist. Name the lock file.\n"), await _workspace.RunAsync("lock",
                "merge"));
    }

    [Fact]
    public async Task The_driver_is_installed_once_and_other_attributes_stay()
    {
        string attributes = _workspace.PathOf("work/repo/.gitattributes");
        _workspace.Write("work/repo/.gitattributes", "*.png binary");
        await GitAsync("init", "-q");

        ProcessResult first = await _workspace.RunAsync("lock", "install-merge-driver", "repo"),
            second = await _workspace.RunAsync("lock", "install-merge-driver", "repo");

        Assert.Equal(new ProcessResult(0, "$/work/repo\n", "git now merges lock files of $/work/repo by their entries. Commit "
            + "$/work/repo/.gitattributes. Each clone needs 'wisehub lock install-merge-driver' once.\n"), first);
        Assert.Equal((0, "*.png binary\nwise.lock.json merge=wisehub\n"), (second.ExitCode,
            await File.ReadAllTextAsync(attributes)));
    }

    [Fact]
    public async Task Outside_a_repository_the_driver_cannot_be_installed()
    {
        _workspace.Environment["GIT_CEILING_DIRECTORIES"] = _workspace.Root;

        ProcessResult result = await _workspace.RunAsync("lock", "install-merge-driver");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE1091: $/work is not in a git repository with a working tree: ", result.Error,
            StringComparison.Ordinal);
    }
}
