using System.Security.Cryptography;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>The store layout in a bucket of a real Ceph, and of a real Swift.</summary>
public sealed class S3PushTests(CephServer ceph, SwiftServer swift)
{
    private const string AskedCeph =
        "detail: The hub 'team' has conditional writes. Set conditionalWrites in wisehub.json to skip this test.";

    private static string Blob(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? $"blobs/{sha256[..2]}/{sha256[2..]}" : "";

    private static string Lines(params string[] lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_push_is_restored_and_leaves_only_its_objects_in_the_bucket()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushResult pushed = await bench.PushAsync(bench.Request(("config.json", "{}"), ("sub/model.bin", "weights"),
            ("copy.bin", "weights"), ("empty", "")));
        RestoreResult result = await bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal("config.json={}\ncopy.bin=weights\nempty=\nsub/model.bin=weights",
            RestoreBench.Contents(result.Snapshots[0]));
        Assert.Contains(pushed.Commit, bench.Project.LockText, StringComparison.Ordinal);
        Assert.Equal(Lines($"{Blob("{}")} 2", $"{Blob("weights")} 7", $"{Blob("")} 0", "models/acme/tiny/refs/main 64",
            $"models/acme/tiny/trees/{pushed.Commit}.json 508", "wisehub-store.json 14"), await bench.TreeAsync());
        Directory.Delete(bench.Project.Cache, recursive: true);
        await bench.Project.RestoreAsync(bench.Project.Request(S3Bench.Tiny) with { Locked = true });
    }

    [Fact]
    public async Task Conditional_writes_of_a_server_are_detected_once_and_logged()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushRequest request = bench.Request(("a", "hello"));
        using HubClient client = bench.Project.NewClient();
        string first = (await client.PushAsync(request)).Commit,
            second = (await client.PushAsync(request with { Revision = "other" })).Commit;
        Assert.Equal($"info: Pushing 1 file, 5 B, of acme/tiny to 'team' …\n{AskedCeph}\n"
            + $"info: acme/tiny: pushed to 'team' as {first}: 1 new; sent 5 B in # s.\n"
            + "info: Pushing 1 file, 5 B, of acme/tiny to 'team' …\ninfo: acme/tiny: pushed to 'team' as "
            + $"{second}: 1 new; sent 0 B in # s.", bench.Project.Log.Text);
    }

    [Fact]
    public async Task Unchanged_content_makes_no_commit_and_writes_nothing()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushRequest request = bench.Request(("a", "hello"));
        PushResult first = await bench.PushAsync(request);
        bench.Project.Log.Clear();
        PushResult second = await bench.PushAsync(request with { Message = "another" });
        Assert.Equal((first.Commit, false), (second.Commit, second.Changed));
        Assert.Equal($"info: acme/tiny: 'team' already has exactly this file at {first.Commit}; no commit.",
            bench.Project.Log.Text);
    }

    [Fact]
    public async Task Prefix_and_revision_may_contain_characters_that_URLs_escape()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        bench.Configure(prefix: "模型 a+b%20c/é");
        RepoReference reference = S3Bench.Tiny with { Revision = "rel/1.0+ü%41" };
        PushResult pushed = await bench.PushAsync(bench.Request(("a", "hello")) with { Revision = reference.Revision! });
        RestoreResult result = await bench.Project.RestoreAsync(reference);
        Assert.Equal((pushed.Commit, "a=hello"), (result.Snapshots[0].Commit, RestoreBench.Contents(result.Snapshots[0])));
        Assert.Contains("models/acme/tiny/refs/rel/1.0+ü%41 64", await bench.TreeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_file_is_uploaded_in_parts_and_its_download_resumes()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        byte[] content = RandomBytes.Of((33 << 20) + 5, seed: 3);
        await bench.PushAsync(bench.Request(("big.bin", content)));
        string sha256 = RestoreBench.Sha256(content);
        Assert.EndsWith("-3\"", (await bench.Bucket().HeadAsync($"blobs/{sha256[..2]}/{sha256[2..]}",
            CancellationToken.None))!.ETag, StringComparison.Ordinal);
        string partial = bench.Project.Temp.Write("cache/partial/" + sha256, content[..Transfer.PartialBlob.BlockSize]);
        using (Transfer.Checkpoint checkpoint = Transfer.Checkpoint.Open(partial + ".blocks", content.Length,
            Transfer.PartialBlob.BlockSize))
            checkpoint.Mark(0, Transfer.Checkpoint.HashOf(content.AsSpan(0, Transfer.PartialBlob.BlockSize)));
        RestoreResult result = await bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal(sha256, RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)));
        Assert.Contains($"acme/tiny big.bin: resuming after {Transfer.PartialBlob.BlockSize} bytes of an earlier run.",
            bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_can_be_read_by_s3cmd()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("s3cmd"), "s3cmd is not installed (.ci/run installs it)");
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        await bench.PushAsync(bench.Request(("a", "hello")));
        string[] access = ["--access_key=" + CephServer.AccessKey, "--secret_key=" + CephServer.SecretKey,
            $"--host={bench.Endpoint.Authority}", $"--host-bucket={bench.Endpoint.Authority}", "--no-ssl", "--config=/dev/null"];
        ProcessResult got = await ProcessRunner.RunAsync("s3cmd",
            [.. access, "get", $"s3://{bench.BucketName}/hub/{Blob("hello")}", "got"], bench.Project.Temp.Path);
        Assert.Equal((0, "hello"), (got.ExitCode, File.ReadAllText(bench.Project.Temp["got"])));
    }

    [Fact]
    public async Task A_damaged_object_is_replaced_by_a_push_of_its_content()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        await bench.PushAsync(bench.Request(("a", "hello")));
        await bench.Bucket().Uploads.PutAsync(Blob("hello"), "HELLO"u8.ToArray(), new PutOptions(), CancellationToken.None);
        Assert.StartsWith("WISE3001: ", await bench.Project.FailureAsync(S3Bench.Tiny), StringComparison.Ordinal);
        await bench.PushAsync(bench.Request(("a", "hello")) with { Force = true });
        Assert.Equal("a=hello", RestoreBench.Contents((await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"conditionalWrites\":false,")]
    public async Task A_push_that_loses_a_race_fails_and_changes_nothing(string settings)
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        bench.Configure(settings);
        string first = (await bench.PushAsync(bench.Request(("a", "first")))).Commit, theirs = "";
        PushRequest ours = bench.Request(("a", "ours")), other = bench.Request(("a", "theirs"));
        // This is said when the parent is known and nothing has been uploaded.
        bench.Project.Log.OnLine = line =>
        {
            if (line.Contains("Pushing 1 file", StringComparison.Ordinal))
            {
                bench.Project.Log.OnLine = null;
                theirs = Task.Run(() => bench.PushAsync(other)).GetAwaiter().GetResult().Commit;
            }
        };
        string failure = await bench.PushFailureAsync(ours);
        Assert.Matches($"^WISE5002: acme/tiny: 'main' on 'team' moved to {theirs} while this push, which began at {first}, "
            + "made [0-9a-f]{64}\\. Review the other change and push again\\.$", failure);
        Assert.Equal(theirs, (await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0].Commit);
        Assert.Equal(settings.Length > 0, bench.Project.Log.Text.Contains(
            "'team' has no conditional writes, so this push is safe only while no other push runs.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_conditional_write_replaces_only_the_expected_version_of_a_ref()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        BucketUploads uploads = bench.Bucket().Uploads;
        // Ceph 16 takes them only without quotes.
        string etag = (await uploads.PutAsync("ref", "one"u8.ToArray(), new PutOptions { OnlyNew = true },
            CancellationToken.None))!.Trim('"');
        Assert.Null(await uploads.PutAsync("ref", "two"u8.ToArray(), new PutOptions { OnlyNew = true }, CancellationToken.None));
        Assert.NotNull(await uploads.PutAsync("ref", "two"u8.ToArray(), new PutOptions { IfMatch = etag },
            CancellationToken.None));
        Assert.Null(await uploads.PutAsync("ref", "three"u8.ToArray(), new PutOptions { IfMatch = etag },
            CancellationToken.None));
    }

    [Fact]
    public async Task A_full_bucket_is_an_error_and_no_commit_is_visible()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        string user = "small" + bench.BucketName[2..];
        await ceph.AddUserAsync(user);
        await ceph.AdminAsync($"quota set --uid={user} --quota-scope=user --max-size=1048576");
        await ceph.AdminAsync($"quota enable --uid={user} --quota-scope=user");
        string bucket = "c" + bench.BucketName[1..];
        await S3Bench.CreateBucketAsync(bench.Endpoint, user + "KEY", user + "SECRET", bucket);
        bench.UseKeys(user + "KEY", user + "SECRET");
        bench.Configure(bucket: bucket);
        Assert.Matches("^WISE5012: The hub 'team' answered 403 at <s3>/c-[0-9a-f]+/hub/blobs/[0-9a-f/]+ "
            + "\\(\"QuotaExceeded\"\\): the bucket or its owner has reached a storage limit\\. Raise the limit, or delete files "
            + "that are not needed\\. Uploaded files stay and are not sent again\\.$",
            (await bench.PushFailureAsync(bench.Request(("a", new byte[3 << 20])))).Replace(": QuotaExceeded\"", "\"",
                StringComparison.Ordinal));
        Assert.StartsWith("WISE2003", await bench.Project.FailureAsync(S3Bench.Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_stops_responding_is_an_error()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        (int port, int pid) = await ceph.AddGatewayAsync();
        bench.Configure("\"retries\":1,", endpoint: new Uri($"http://127.0.0.1:{port}"));
        bench.Project.Log.Hiding($"http://127.0.0.1:{port}", "<s3>");
        PushRequest request = bench.Request(("a", "hello"));
        await bench.PushAsync(request);
        await bench.Project.RestoreAsync(S3Bench.Tiny);
        bench.Project.Log.OnLine = line =>
        {
            if (line.Contains("has conditional writes", StringComparison.Ordinal))
                Signal("STOP", pid);
        };
        try
        {
            string pushing = await bench.PushFailureAsync(bench.Request(("a", "other")),
                o => o with { StallTimeout = TimeSpan.FromSeconds(1) });
            Directory.Delete(bench.Project.Cache, recursive: true);
            using HubClient client = bench.Project.NewClient(o => o with { StallTimeout = TimeSpan.FromSeconds(1) });
            string restoring = await bench.Project.FailureOfAsync(
                () => client.RestoreAsync(bench.Project.Request(S3Bench.Tiny) with { Locked = true }));
            Assert.Matches("^WISE2012: The hub 'team' stalled at <s3>/<bucket>/hub/blobs/[0-9a-f/]+: no response within 1 s\\. "
                + "On a slow connection, raise WiseStallTimeout \\(WISEHUB_STALL_TIMEOUT\\)\\.$", pushing);
            Assert.StartsWith($"WISE2012: acme/tiny a: <s3>/<bucket>/hub/{Blob("hello")} stalled: ", restoring,
                StringComparison.Ordinal);
        }
        finally
        {
            Signal("CONT", pid);
        }
    }

    [Fact]
    public async Task Lists_of_several_pages_are_complete()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        bench.Configure("\"conditionalWrites\":false,");
        BucketUploads uploads = bench.Bucket().Uploads;
        await Parallel.ForAsync(0, 1003, new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, token) => await uploads.PutAsync($"many/{i:0000}", [], new PutOptions(), token));
        Assert.Equal(1003, (await bench.TreeAsync()).Split('\n').Length);
    }

    [Fact]
    public async Task Swift_works_without_conditional_writes()
    {
        await using S3Bench bench = await S3Bench.StartAsync(swift);
        byte[] content = RandomBytes.Of((33 << 20) + 5, seed: 4);
        PushResult pushed =
            await bench.PushAsync(bench.Request(("big.bin", content), ("empty", []), ("ü.txt", "hello"u8.ToArray())));
        RestoreResult result = await bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal(("big.bin " + RestoreBench.Sha256(content), 3), ($"{result.Snapshots[0].Files[0].Path} "
            + $"{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)))}",
            result.Snapshots[0].Files.Count));
        Assert.StartsWith(
            "info: Pushing 3 files, 34.6 MB, of acme/tiny to 'team' …\n"
            + "detail: The hub 'team' has no conditional writes. Set conditionalWrites in wisehub.json to skip this test.\n"
            + "info: acme/tiny: 'team' has no conditional writes, so this push is safe only while no other push runs.\n"
            + $"info: acme/tiny: pushed to 'team' as {pushed.Commit}: 3 new; sent 34.6 MB in # s.",
            bench.Project.Log.Text, StringComparison.Ordinal);
        bench.Configure("\"conditionalWrites\":true,");
        Assert.Equal("WISE5013: The hub 'team' refuses a conditional write at <s3>/<bucket>/hub/models/acme/tiny/refs/other "
            + "(501 NotImplemented), but \"conditionalWrites\" is true. Set it to \"auto\" in wisehub.json, or to false if only "
            + "one push runs at a time.",
            await bench.PushFailureAsync(bench.Request(("a", "hello")) with { Revision = "other" }));
    }

    [Fact]
    public async Task Repos_branches_and_tags_of_a_bucket_are_created_found_and_deleted()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        string commit = (await bench.PushAsync(bench.Request(("a", "hello")))).Commit;
        using HubClient client = bench.Project.NewClient();
        await client.Repos.CreateTagAsync(S3Bench.Tiny with { Revision = "main" }, "v1");
        Assert.StartsWith("WISE5028", await bench.Project.FailureOfAsync(
            () => client.Repos.CreateBranchAsync(S3Bench.Tiny with { Revision = "main" }, "v1")), StringComparison.Ordinal);
        Assert.Equal(commit, (await client.Repos.ListFilesAsync(S3Bench.Tiny with { Revision = "v1" })).Commit);
        await client.Repos.DeleteTagAsync(S3Bench.Tiny, "v1");
        Assert.StartsWith("WISE2003",
            await bench.Project.FailureOfAsync(() => client.Repos.DeleteTagAsync(S3Bench.Tiny, "v1")),
            StringComparison.Ordinal);
        RepoSummary found = await client.Repos.GetAsync(S3Bench.Tiny);
        Assert.Equal(("acme/tiny", commit), (found.RepoId, found.Commit));
        await client.Repos.DeleteAsync(S3Bench.Tiny);
        Assert.Equal(Lines($"{Blob("hello")} 5", "wisehub-store.json 14"), await bench.TreeAsync());
    }

    private static void Signal(string name, int pid)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-" + name, $"{pid}"]);
        kill.WaitForExit();
    }
}
