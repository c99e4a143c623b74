using System.Diagnostics;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub cache ls|verify|prune|rm</c> in a separate process: its whole output, and the remaining files.</summary>
public sealed partial class CacheKeepingTests : IDisposable
{
    private const string Hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    /// <summary>Runs the tool, and shows days and times as <c>DAY</c> and <c>TIME</c>.</summary>
    private async Task<ProcessResult> RunAsync(params string[] arguments) => Hide(await _workspace.RunAsync(arguments));

    private static ProcessResult Hide(ProcessResult result) => result with
    {
        Output = Day().Replace(Time().Replace(result.Output, "TIME"), "last used DAY"),
    };

    private static ProcessResult Done(string output) => new(0, output.ReplaceLineEndings("\n"), "");

    private string Blob(string digest) => Path.Combine(_workspace.Cache, "blobs", digest[..2], digest[2..]);

    private async Task<string> DownloadAsync(string repoId, params (string Path, string Text)[] files)
    {
        string commit = await _workspace.PushAsync(repoId, files);
        Assert.Equal(0, (await _workspace.RunAsync("download", repoId)).ExitCode);
        return commit;
    }

    private string Find(string name) =>
        Directory.GetFileSystemEntries(_workspace.Cache, name, SearchOption.AllDirectories).Single();

    private static void Age(string path) => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-40));

    // ── ls

    [Fact]
    public async Task Ls_shows_repos_commits_sizes_and_last_use()
    {
        string tiny = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!")),
            other = await DownloadAsync("acme/other", ("a", "hello"));
        _workspace.Write($"cache/partial/{Hello}", "part");
        _workspace.Write($"cache/blobs/00/{new string('0', 62)}", "stray");

        Assert.Equal(Done($"""
            Repo        Hub    Commit      Revisions  Files  Size  Last used
            acme/other  local  {other[..10]}  HEAD           1   5 B  within 1 hour
            acme/tiny   local  {tiny[..10]}  HEAD           2  11 B  within 1 hour

            $/cache: 3 files, 16 B.
            1 file, 5 B, unused. 'wisehub cache prune' removes those that were not used within the last hour.
            4 B in interrupted downloads.

            """), await RunAsync("cache", "ls"));
    }

    [Fact]
    public async Task Ls_is_sorted_on_request()
    {
        await DownloadAsync("acme/a", ("a", "hello"));
        await DownloadAsync("acme/b", ("b", "world!"));

        string[] orders = ["name", "SIZE", "used"];
        var firsts = new List<string>();
        foreach (string order in orders)
            firsts.Add((await RunAsync("cache", "ls", "--sort", order)).Output.Split('\n')[1].Split(' ')[0]);

        Assert.Equal(["acme/a", "acme/b"], firsts[..2]);
    }

    [Fact]
    public async Task A_long_id_is_a_line_of_its_own_and_the_table_keeps_to_80_columns()
    {
        string id = "acme/" + new string('m', 70);
        string commit = await DownloadAsync(id, ("a", "hello")), other = await DownloadAsync("acme/other", ("a", "hello"));

        Assert.Equal(Done($"""
            Repo                    Hub    Commit      Revisions  Files  Size  Last used
            {id}
                                    local  {commit[..10]}  HEAD           1   5 B  within 1 hour
            acme/other              local  {other[..10]}  HEAD           1   5 B  within 1 hour

            $/cache: 1 file, 5 B.

            """), await RunAsync("cache", "ls"));
    }

    [Theory]
    [InlineData(-5, "within 1 hour")]
    [InlineData(0.9, "within 1 hour")]
    [InlineData(1, "1 hour ago")]
    [InlineData(23.9, "23 hours ago")]
    [InlineData(24, "1 day ago")]
    [InlineData(24 * 13.9, "13 days ago")]
    [InlineData(24 * 14, "2 weeks ago")]
    [InlineData(24 * 60, "2 months ago")]
    [InlineData(24 * 729, "24 months ago")]
    [InlineData(24 * 730, "2 years ago")]
    public void Ages_are_whole_units(double hours, string expected) =>
        Assert.Equal(expected, Amounts.Ago(TimeSpan.FromHours(hours)));

    [Fact]
    public async Task Ls_as_json_is_one_object()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!"));

        Assert.Equal(Done($$"""
            {
              "path": "$/cache",
              "repos": [
                {
                  "hub": "local",
                  "repoType": "model",
                  "repoId": "acme/tiny",
                  "files": 2,
                  "size": 11,
                  "lastUsed": "TIME",
                  "commits": [
                    {
                      "commit": "{{commit}}",
                      "revisions": [
                        "HEAD"
                      ],
                      "lockFiles": [],
                      "files": 2,
                      "size": 11,
                      "lastUsed": "TIME"
                    }
                  ]
                }
              ],
              "files": 2,
              "size": 11,
              "unusedFiles": 0,
              "unusedSize": 0,
              "partialSize": 0,
              "warnings": []
            }

            """), await RunAsync("cache", "ls", "--json"));
    }

    [Fact]
    public async Task Ls_does_not_create_a_missing_cache()
    {
        Assert.Equal(Done("$/cache: 0 files, 0 B.\n"), await RunAsync("cache", "ls"));
        Assert.False(Directory.Exists(_workspace.Cache));
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("verify")]
    [InlineData("prune", "--max-size", "0B")]
    [InlineData("rm", "acme/tiny", "--yes")]
    public async Task A_folder_that_is_not_a_cache_is_refused_and_not_changed(params string[] arguments)
    {
        _workspace.Write($"cache/blobs/{Hello[..2]}/{Hello[2..]}", "hello");

        Assert.Equal(new ProcessResult(1, "", "error WISE3005: $/cache is not a WiseHub cache: a cache contains "
            + "wisehub-store.json and CACHEDIR.TAG. Nothing was changed. Set WISEHUB_CACHE or WiseCacheDirectory to the cache "
            + "folder. If this folder is the cache, the next build completes it.\n"), await RunAsync(["cache", .. arguments]));
        Assert.Equal([$"blobs/{Hello[..2]}/{Hello[2..]}=hello"], ToolWorkspace.Contents(_workspace.Cache));
    }

    // ── verify

    [Fact]
    public async Task Verify_of_an_intact_cache_prints_the_number_of_files_and_bytes()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!"));

        Assert.Equal(Done("$/cache: 2 files, 11 B, all intact.\n"), Plain(await RunAsync("cache", "verify")));
    }

    [Fact]
    public async Task Verify_removes_a_damaged_blob_and_fails_and_a_download_restores_it()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await File.WriteAllTextAsync(Blob(Hello), "hellp");

        Assert.Equal(new ProcessResult(1, "", $"error WISE3021: $/cache/blobs/{Hello[..2]}/{Hello[2..]} does not match its "
            + "digest. It was removed; the next build that needs it downloads it again. It is 'a' of "
            + $"acme/tiny (local, {commit}).\n"), Plain(await RunAsync("cache", "verify")));

        Assert.False(File.Exists(Blob(Hello)));
        Assert.Equal(0, (await RunAsync("download", "acme/tiny")).ExitCode);
        Assert.Equal(Done("$/cache: 2 files, 11 B, all intact.\n"), Plain(await RunAsync("cache", "verify")));
    }

    [Fact]
    public async Task Verify_as_json_lists_the_problems_and_fails()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"));
        await File.WriteAllTextAsync(Blob(Hello), "hellp");
        string problem = $"$/cache/blobs/{Hello[..2]}/{Hello[2..]} does not match its digest. It was removed; "
            + $"the next build that needs it downloads it again. It is 'a' of acme/tiny (local, {commit}).";

        Assert.Equal(new ProcessResult(1, $$"""
            {
              "path": "$/cache",
              "files": 1,
              "size": 5,
              "problems": [
                {
                  "code": "WISE3021",
                  "path": "$/cache/blobs/{{Hello[..2]}}/{{Hello[2..]}}",
                  "message": "{{problem}}"
                }
              ],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), $"error WISE3021: {problem}\n"), await RunAsync("cache", "verify", "--json"));
    }

    // ── prune

    [Fact]
    public async Task Prune_lists_what_it_removes_and_keeps_files_of_the_last_hour()
    {
        string tiny = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!")),
            other = await DownloadAsync("acme/other", ("a", "hello"));
        Age(Find($"{tiny}.json"));
        _workspace.Write($"cache/partial/{Hello}", "part");
        Age(_workspace.PathOf($"cache/partial/{Hello}"));

        string What(string verb, string stay) => $"{verb} local acme/tiny {tiny}, last used DAY\n"
            + $"{verb} 0 files, 0 B, and 1 leftovers of interrupted work, 4 B. 11 B {stay} in $/cache.\n";
        Assert.Equal(Done(What("Would remove", "would remain")),
            await RunAsync("cache", "prune", "--older-than", "30d", "--dry-run"));
        Assert.True(File.Exists(Find($"{tiny}.json")));
        Assert.Equal(Done(What("Removed", "remain")), await RunAsync("cache", "prune", "--older-than", "30d"));

        Assert.Equal([$"{other}.json"], Directory.GetFiles(_workspace.Cache, "*.json", SearchOption.AllDirectories)
            .Select(f => Path.GetFileName(f)).Where(f => f != "wisehub-store.json"));
        Assert.Equal([], Directory.GetFiles(Path.Combine(_workspace.Cache, "partial")));
        Assert.True(File.Exists(Blob(Hello)));
    }

    [Fact]
    public async Task Prune_as_json_is_one_object()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"));
        Age(Find($"{commit}.json"));
        string gone = _workspace.PathOf("gone/wise.lock.json"), mark = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(gone)))[..16];
        _workspace.Write($"cache/roots/{mark}", gone);
        Age(_workspace.PathOf($"cache/roots/{mark}"));

        Assert.Equal(Done($$"""
            {
              "path": "$/cache",
              "dryRun": false,
              "commits": [
                {
                  "hub": "local",
                  "repoType": "model",
                  "repoId": "acme/tiny",
                  "commit": "{{commit}}",
                  "lastUsed": "TIME"
                }
              ],
              "lockFiles": [
                {
                  "path": "$/gone/wise.lock.json",
                  "exists": false,
                  "lastUsed": "TIME"
                }
              ],
              "keptBy": [],
              "files": 0,
              "size": 0,
              "leftovers": 0,
              "leftoverSize": 0,
              "sizeLeft": 5,
              "warnings": []
            }

            """), await RunAsync("cache", "prune", "--max-size", "1B", "--json"));
    }

    [Theory]
    [InlineData("--older-than", "30", "a whole number with h, d or w, for example 30d")]
    [InlineData("--older-than", "-1d", "a whole number with h, d or w, for example 30d")]
    [InlineData("--older-than", "99999999w", "a whole number with h, d or w, for example 30d")]
    [InlineData("--max-size", "20", "a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, for example 20GB")]
    [InlineData("--max-size", "-20GB", "a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, for example 20GB")]
    [InlineData("--max-size", "1.5.1GB", "a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, for example 20GB")]
    public async Task An_invalid_age_or_size_is_refused(string option, string value, string form) => Assert.Equal(
        new ProcessResult(2, "", $"error WISE1101: {option} is '{value}'; it must be {form}.\n"
            + "Run 'wisehub cache prune --help' for usage.\n"),
        await RunAsync("cache", "prune", $"{option}={value}"));

    // ── rm

    [Fact]
    public async Task Rm_removes_a_repo_and_what_only_it_uses()
    {
        string tiny = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!"));
        await DownloadAsync("acme/other", ("a", "hello"));

        Assert.Equal(Done($"Would remove local acme/tiny {tiny}, last used DAY\nWould remove 1 file, 6 B. "
            + "5 B would remain in $/cache.\n"), await RunAsync("cache", "rm", "acme/tiny", "--dry-run"));
        Assert.Equal(Done($"Removed local acme/tiny {tiny}, last used DAY\nRemoved 1 file, 6 B. 5 B remain in $/cache.\n"),
            await RunAsync("cache", "rm", "acme/tiny", "--yes"));

        Assert.Equal([Blob(Hello)],
            Directory.GetFiles(Path.Combine(_workspace.Cache, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Equal(new ProcessResult(1, "", "error WISE3022: The cache has no files of acme/tiny. "
            + "'wisehub cache ls' lists its repos.\n"), await RunAsync("cache", "rm", "acme/tiny", "--yes"));
    }

    [Fact]
    public async Task Rm_without_a_terminal_or_yes_removes_nothing()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"));

        Assert.Equal(new ProcessResult(2, "", "error WISE1101: 'wisehub cache rm' asks before it removes anything, "
            + "and there is no terminal to ask on. Add --yes, or preview the removal with --dry-run.\n"),
            await RunAsync("cache", "rm", "acme/tiny"));
        Assert.True(File.Exists(Blob(Hello)));
    }

    [Fact]
    public async Task With_json_a_failure_is_an_object_too() => Assert.Equal(new ProcessResult(1, """
        {
          "errors": [
            {
              "code": "WISE3022",
              "message": "The cache has no files of acme/tiny from 'local'. 'wisehub cache ls' lists its repos."
            }
          ]
        }

        """.ReplaceLineEndings("\n"),
        "error WISE3022: The cache has no files of acme/tiny from 'local'. 'wisehub cache ls' lists its repos.\n"),
        await RunAsync("cache", "rm", "acme/tiny", "--hub", "local", "--json", "--yes"));

    // ── several users

    private static readonly string[] Nobody =
        ["--reuid=65534", "--regid=65534", "--clear-groups", .. ToolProgram.Command];

    /// <summary>Runs the tool as a user who owns nothing.</summary>
    private async Task<ProcessResult> RunAsNobodyAsync(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && await ProcessRunner.ExistsAsync("setpriv"), "Only root can become somebody else, with setpriv of util-linux.");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_workspace.Root, (UnixFileMode)0b111_101_101);
        ProcessResult result = await ProcessRunner.RunAsync("setpriv", [.. Nobody, .. arguments], _workspace.Work,
            _workspace.Environment);
        return Hide(new ProcessResult(result.ExitCode, _workspace.Normal(result.Output), _workspace.Normal(result.Error)));
    }

    private static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Verify_reports_a_blob_that_this_user_may_not_read_and_does_not_remove_it()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"), ("b", "world!")),
            path = $"$/cache/blobs/{Hello[..2]}/{Hello[2..]}";
        Restrict(Blob(Hello));

        Assert.Equal(new ProcessResult(1, "", $"error WISE3021: {path} cannot be read by this user, so it was not verified:"
            + $" Access to the path '{path}' is denied. It was not removed; verify as its owner. It is 'a' of "
            + $"acme/tiny (local, {commit}).\n"), Plain(await RunAsNobodyAsync("cache", "verify")));
        Assert.True(File.Exists(Blob(Hello)));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_workspace.Cache, "unsynced")));
    }

    [Fact]
    public async Task The_error_for_an_unreadable_file_list_of_another_user_names_it()
    {
        string commit = await DownloadAsync("acme/tiny", ("a", "hello"));
        Restrict(Find($"{commit}.json"));

        Assert.Equal(new ProcessResult(1, "", "error WISE3007: The cache $/cache could not be listed: Access to the path "
            + $"'$/cache/hubs/local-HASH/models/acme/tiny/trees/{commit}.json' is denied. Give this user permission, or put the "
            + "cache elsewhere with WISEHUB_CACHE or WiseCacheDirectory.\n"), await RunAsNobodyAsync("cache", "ls"));
    }

    [Fact]
    public async Task The_error_names_a_file_that_this_user_may_not_remove()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"));

        ProcessResult result = await RunAsNobodyAsync("cache", "rm", "acme/tiny", "--yes");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE3007: Not everything could be removed from the cache $/cache (2 left): Access to the path "
            + "'$/cache/hubs/local-HASH/models/acme/tiny/refs/HEAD' is denied.", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Blob(Hello)));
    }

    [Fact]
    public async Task A_lock_held_by_another_user_is_respected()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"));
        // Whether this user may be used at all.
        Assert.Equal(0, (await RunAsNobodyAsync("cache", "prune", "--dry-run")).ExitCode);
        using var restoring = new FileStream(_workspace.PathOf("cache/locks/store"), FileMode.Open,
            FileAccess.Read, FileShare.Read);
        using Process pruning = _workspace.StartProgram("setpriv", [.. Nobody, "cache", "prune"]);

        Assert.Equal("Waiting for another process that is working on this cache …",
            await pruning.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
        restoring.Dispose();

        Assert.Equal("Removed 0 files, 0 B. 5 B remain in $/cache.\n",
            _workspace.Normal(await pruning.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)));
        await pruning.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, pruning.ExitCode);
    }

    [Fact]
    public async Task After_a_crash_a_user_does_not_trust_blobs_of_another_user_that_it_cannot_mark()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"));
        string list = Directory.GetFiles(Path.Combine(_workspace.Cache, "unsynced")).Single();
        File.Move(list, Path.Combine(Path.GetDirectoryName(list)!, "0123456789abcdef-here"));
        DateTime mtime = File.GetLastWriteTimeUtc(Blob(Hello));
        await File.WriteAllTextAsync(Blob(Hello), "\0\0\0\0\0");
        File.SetLastWriteTimeUtc(Blob(Hello), mtime);
        string target = Path.Combine(_workspace.Root, "public");
        Directory.CreateDirectory(target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, (UnixFileMode)0b111_111_111);

        ProcessResult result = await RunAsNobodyAsync("download", "acme/tiny", "--local-dir", target);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal("warning WISE3009: acme/tiny: 'a' was changed inside the cache "
            + $"($/cache/blobs/{Hello[..2]}/{Hello[2..]}); fetching it again.", result.Error.Split('\n')[0]);
        Assert.Empty(Directory.GetFiles(target));
    }

    [Fact]
    public async Task A_user_with_read_only_access_can_use_intact_blobs_even_after_a_crash()
    {
        await DownloadAsync("acme/tiny", ("a", "hello"));
        string list = Directory.GetFiles(Path.Combine(_workspace.Cache, "unsynced")).Single(),
            target = Path.Combine(_workspace.Root, "public");
        File.Move(list, Path.Combine(Path.GetDirectoryName(list)!, "0123456789abcdef-here"));
        Directory.CreateDirectory(target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, (UnixFileMode)0b111_111_111);
        string before = TempFolder.Tree(_workspace.Cache);

        Assert.Equal(new ProcessResult(0, "$/public\n", ""),
            await RunAsNobodyAsync("download", "acme/tiny", "--local-dir", target));

        Assert.Equal(["a=hello"], ToolWorkspace.Contents(target));
        Assert.Equal(before, TempFolder.Tree(_workspace.Cache));
    }

    // What a plain verify writes on its way; how much depends on the time it takes.
    private static ProcessResult Plain(ProcessResult result) => result with { Error = Progress().Replace(result.Error, "") };

    [GeneratedRegex(@"last used \d{4}-\d\d-\d\d")]
    private static partial Regex Day();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")]
    private static partial Regex Time();

    [GeneratedRegex(@"(?<=^|\n)\d+ %, [^\n]*\n")]
    private static partial Regex Progress();
}
