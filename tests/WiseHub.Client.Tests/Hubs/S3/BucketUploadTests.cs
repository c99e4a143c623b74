using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>How contents get into a bucket, and what comes of pushes that are broken off.</summary>
public sealed partial class BucketUploadTests(CephServer ceph) : IAsyncLifetime
{
    private const int Part = 16 << 20, Size = (2 * Part) + 5;
    private const string Settled = "\"bodyMode\":\"plain\",\"conditionalWrites\":false,\"retries\":1,";

    private readonly byte[] _content = Bytes();
    private S3Fake _fake = null!;
    private S3Bench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _fake = await S3Fake.StartAsync();
        _bench = S3Bench.Of(_fake);
        _bench.Configure(Settled);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _fake.DisposeAsync();
    }

    private string Key => $"/{_bench.BucketName}/hub/{Blob}";

    private string Blob => RestoreBench.Sha256(_content) is var sha256 ? $"blobs/{sha256[..2]}/{sha256[2..]}" : "";

    /// <summary>The requests about the large content, one part after the other.</summary>
    private string Asked => string.Join('\n', _fake.Asked($"/{_bench.BucketName}/hub/").Where(
        r => r.Contains(Blob, StringComparison.Ordinal) || r.Contains(Uri.EscapeDataString(Blob), StringComparison.Ordinal))
        .Select(r => Bucket().Replace(r.Replace(Uri.EscapeDataString(Blob), "<key>", StringComparison.Ordinal)
            .Replace(Blob, "<key>", StringComparison.Ordinal), "<bucket>")));

    private static byte[] Bytes()
    {
        byte[] content = new byte[Size];
        new Random(11).NextBytes(content);
        return content;
    }

    private PushRequest Large() => _bench.Request(("big.bin", _content)) with { Workers = 1 };

    /// <summary>A push whose third part the server does not take.</summary>
    private async Task BreakOffAsync()
    {
        await BreakOffAsync(Large());
        _fake.Requests.Clear();
        _bench.Project.Log.Clear();
    }

    private async Task BreakOffAsync(PushRequest request)
    {
        _fake.Instead = async context =>
        {
            if (context.Request.Query["partNumber"] != "3")
                return false;
            await S3Fake.ErrorAsync(context, 500, "InternalError");
            return true;
        };
        Assert.Equal($"WISE2001: The hub 'team' gave no usable response at <s3>/<bucket>/hub/{Blob}: it answered 500. "
            + "Check the network, a proxy (HTTPS_PROXY), and the endpoint in wisehub.json; a build whose lock file and cache are "
            + "complete needs no network.", await _bench.PushFailureAsync(request));
        _fake.Instead = _ => Task.FromResult(false);
    }

    [Fact]
    public async Task A_large_content_goes_in_parts_and_nothing_is_asked_twice()
    {
        PushResult pushed = await _bench.PushAsync(Large());
        Assert.Equal("""
            HEAD <key>
            GET /<bucket>?uploads&prefix=hub%2F<key>
            POST <key>?uploads
            PUT <key>?partNumber=1&uploadId=upload1
            PUT <key>?partNumber=2&uploadId=upload1
            PUT <key>?partNumber=3&uploadId=upload1
            POST <key>?uploadId=upload1
            """.ReplaceLineEndings("\n"), Asked);
        Assert.Equal((1, (long)Size, RestoreBench.Sha256(_content)),
            (pushed.FilesSent, pushed.BytesSent, RestoreBench.Sha256(_fake.Objects[Key])));
    }

    [Fact]
    public async Task What_was_broken_off_goes_on_on_another_machine()
    {
        await BreakOffAsync();
        using HubClient elsewhere = _bench.Project.NewClient(o => o with { CacheDirectory = _bench.Project.Temp["elsewhere"] });
        PushResult pushed = await elsewhere.PushAsync(Large());
        Assert.Equal("""
            HEAD <key>
            GET /<bucket>?uploads&prefix=hub%2F<key>
            GET <key>?uploadId=upload1
            PUT <key>?partNumber=3&uploadId=upload1
            POST <key>?uploadId=upload1
            """.ReplaceLineEndings("\n"), Asked);
        Assert.Equal((1, 5L, RestoreBench.Sha256(_content)),
            (pushed.FilesSent, pushed.BytesSent, RestoreBench.Sha256(_fake.Objects[Key])));
        Assert.Contains($"detail: <s3>/<bucket>/hub/{Blob}: resuming an interrupted upload; parts already there: "
            + "2.\n", _bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
    }

    [Fact]
    public async Task A_part_that_came_with_other_bytes_is_sent_again()
    {
        await BreakOffAsync();
        _fake.Uploads["upload1"].Parts[1][7] ^= 1;
        Assert.Equal(Part + 5L, (await _bench.PushAsync(Large())).BytesSent);
        Assert.Equal(RestoreBench.Sha256(_content), RestoreBench.Sha256(_fake.Objects[Key]));
    }

    [Fact]
    public async Task A_part_of_another_size_is_sent_again()
    {
        await BreakOffAsync();
        _fake.Uploads["upload1"].Parts[2] = [1, 2, 3];
        Assert.Equal(Part + 5L, (await _bench.PushAsync(Large())).BytesSent);
    }

    [Fact]
    public async Task A_forced_push_begins_anew_and_nothing_stays_of_the_old_one()
    {
        await BreakOffAsync();
        Assert.Equal(Size, (await _bench.PushAsync(Large() with { Force = true })).BytesSent);
        Assert.Contains("DELETE <key>?uploadId=upload1\nPOST <key>?uploads\nPUT <key>?partNumber=1&uploadId=upload2", Asked,
            StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
    }

    [Fact]
    public async Task Of_several_that_were_broken_off_one_goes_on_and_none_stays()
    {
        await BreakOffAsync();
        _fake.Uploads["older"] = new S3Fake.OpenUpload(Key, DateTimeOffset.UtcNow.AddHours(-3));
        Assert.Equal(5, (await _bench.PushAsync(Large())).BytesSent);
        Assert.EndsWith("POST <key>?uploadId=upload1\nDELETE <key>?uploadId=older", Asked, StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
    }

    [Fact]
    public async Task Whoever_is_overtaken_by_another_push_of_the_same_content_takes_what_that_one_made()
    {
        PushRequest ours = Large(), theirs = Large() with { Revision = "theirs" };
        bool isFirst = true;
        _fake.Instead = async context =>
        {
            if (context.Request.Query["partNumber"] == "2" && isFirst)
            {
                isFirst = false;
                await Task.Run(() => _bench.PushAsync(theirs));
            }
            return false;
        };
        PushResult pushed = await _bench.PushAsync(ours);
        Assert.Equal((true, 0, 1),
            (pushed.Changed, _fake.Uploads.Count, Asked.Split('\n').Count(r => r == "POST <key>?uploads")));
        Assert.Equal(RestoreBench.Sha256(_content), RestoreBench.Sha256(_fake.Objects[Key]));
    }

    [Fact]
    public async Task An_upload_that_somebody_aborts_begins_anew()
    {
        bool isFirst = true;
        _fake.Instead = context =>
        {
            if (context.Request.Query["partNumber"] == "2" && isFirst)
            {
                isFirst = false;
                _fake.Uploads.Clear();
            }
            return Task.FromResult(false);
        };
        await _bench.PushAsync(Large());
        Assert.Equal(2, Asked.Split('\n').Count(r => r == "POST <key>?uploads"));
        Assert.Equal(RestoreBench.Sha256(_content), RestoreBench.Sha256(_fake.Objects[Key]));
    }

    [Fact]
    public async Task Where_uploads_cannot_be_listed_nothing_stays_of_one_that_failed()
    {
        _fake.Instead = async context =>
        {
            bool isList = context.Request.Method == "GET" && context.Request.Query.ContainsKey("uploads"),
                isLast = context.Request.Query["partNumber"] == "3";
            if (isList)
                await S3Fake.ErrorAsync(context, 501, "NotImplemented");
            if (isLast)
                await S3Fake.ErrorAsync(context, 500, "InternalError");
            return isList || isLast;
        };
        Assert.StartsWith("WISE2001", await _bench.PushFailureAsync(Large()), StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
        Assert.EndsWith("DELETE <key>?uploadId=upload1", Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_broken_off_long_ago_is_removed_by_the_next_push()
    {
        S3Fake.OpenUpload Ago(int days, string key) =>
            new($"/{_bench.BucketName}/hub/{key}", DateTimeOffset.UtcNow.AddDays(-days));
        _fake.Uploads["old"] = Ago(8, Blob);
        _fake.Uploads["young"] = Ago(6, Blob);
        _fake.Uploads["not ours"] = Ago(8, "blobs/readme");
        await _bench.PushAsync(_bench.Request(("a", "hello")));
        Assert.Equal(["not ours", "young"], _fake.Uploads.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("info: The hub 'team': removed the parts of an upload that was interrupted more than 7 days ago.\n",
            _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_content_that_changes_while_it_is_sent_is_an_error_and_nothing_of_it_stays()
    {
        PushRequest request = Large();
        string source = request.Files[0].SourcePath;
        _fake.Instead = async context =>
        {
            if (context.Request.Query["partNumber"] == "3")
            {
                await using FileStream file = new(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                file.Write("other"u8);
            }
            return false;
        };
        Assert.Equal($"WISE5003: {_bench.Project.Log.Hide(source)} changed during the push. Push again"
            + " when nothing writes to it.", await _bench.PushFailureAsync(request));
        Assert.Equal((0, false), (_fake.Uploads.Count, _fake.Objects.ContainsKey(Key)));
    }

    [Fact]
    public async Task A_small_content_that_changed_since_it_was_hashed_does_not_get_there()
    {
        PushRequest request = _bench.Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        _fake.Instead = context =>
        {
            if (context.Request.Method == "HEAD")
                File.WriteAllText(source, "other");
            return Task.FromResult(false);
        };
        Assert.Equal($"WISE5003: {_bench.Project.Log.Hide(source)} changed during the push. Push again"
            + " when nothing writes to it.", await _bench.PushFailureAsync(request));
        Assert.DoesNotContain(_fake.Objects.Keys, k => k.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_that_a_server_acknowledges_and_stores_otherwise_are_found_out()
    {
        _fake.Store = body =>
        {
            if (body.Length == Part)
                body[9] ^= 1;
            return body;
        };
        Assert.Matches($"^WISE5011: <s3>/<bucket>/hub/{Blob}: the hub 'team' stored {Size} bytes with sha256 [0-9a-f]{{64}}, "
            + $"but {Size} bytes with sha256 {RestoreBench.Sha256(_content)} were sent\\. The object was deleted\\. Push again "
            + "while no program writes to the file\\. If that does not help, tell the operator of the hub\\.$",
            await _bench.PushFailureAsync(Large()));
        Assert.False(_fake.Objects.ContainsKey(Key));
    }

    [Theory]
    [InlineData(403, "AccessDenied")]
    [InlineData(400, "InvalidRequest")]
    public async Task Where_no_signed_URL_may_write_contents_go_by_signed_headers(int status, string code)
    {
        _fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT" || !context.Request.Query.ContainsKey("X-Amz-Signature"))
                return false;
            await S3Fake.ErrorAsync(context, status, code);
            return true;
        };
        PushRequest request = _bench.Request(("a", "hello"u8.ToArray()), ("big.bin", _content)) with { Workers = 1 };
        await _bench.PushAsync(request);
        Assert.Equal((RestoreBench.Sha256(_content), 0), (RestoreBench.Sha256(_fake.Objects[Key]), _fake.Uploads.Count));
        Assert.Single(_bench.Project.Log.Text.Split('\n'), l => l.EndsWith($" ({status} {code}). Files are uploaded by the AWS "
            + "SDK, which is slower and cannot resume.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_ends_an_upload_without_an_ETag_is_asked_for_it_and_nothing_is_read_back()
    {
        _fake.EndsWithoutETag = true;
        Assert.Equal(1, (await _bench.PushAsync(Large())).FilesSent);
        Assert.EndsWith("POST <key>?uploadId=upload1\nHEAD <key>", Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_whose_answer_was_lost_is_found_out()
    {
        _bench.Configure(Settled.Replace("\"retries\":1,", "", StringComparison.Ordinal));
        bool isFirst = true;
        _fake.InsteadOfEnd = async context =>
        {
            if (!isFirst)
                return false;
            isFirst = false;
            await S3Fake.ErrorAsync(context, 500, "InternalError");
            return true;
        };
        Assert.Equal(1, (await _bench.PushAsync(Large())).FilesSent);
        Assert.EndsWith("POST <key>?uploadId=upload1\nPOST <key>?uploadId=upload1\nHEAD <key>", Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_sent_is_known_by_its_ETag_without_being_read_again()
    {
        PushRequest request = Large() with { MemoryFile = _bench.Project.Temp["obj/memory.json"] };
        File.SetLastWriteTimeUtc(request.Files[0].SourcePath, DateTime.UtcNow.AddMinutes(-1));
        await _bench.PushAsync(request);
        Assert.Matches("\"etag\":\"[0-9a-f]{32}-3\"", File.ReadAllText(request.MemoryFile));
    }

    [Fact]
    public async Task A_thousand_unchanged_files_are_three_requests_and_one_that_changed_is_one_content()
    {
        (string, string)[] files =
            [.. Enumerable.Range(0, 1000).Select(i => ($"f/{i.ToString("0000", CultureInfo.InvariantCulture)}", $"content {i}"))];
        PushRequest request = _bench.Request(files) with { Workers = 16 };
        string first = (await _bench.PushAsync(request)).Commit;
        _fake.Requests.Clear();
        Assert.False((await _bench.PushAsync(request)).Changed);
        Assert.Equal($"GET wisehub-store.json\nGET models/acme/tiny/refs/main\nGET models/acme/tiny/trees/{first}.json",
            string.Join('\n', _fake.Asked($"/{_bench.BucketName}/hub/")));
        _fake.Requests.Clear();
        File.WriteAllText(request.Files[500].SourcePath, "another content");
        PushResult second = await _bench.PushAsync(request);
        Assert.Equal((1, 15L, 999), (second.FilesSent, second.BytesSent, second.Count(PushAction.Keep)));
        Assert.Single(_fake.Requests,
            r => r.StartsWith("PUT ", StringComparison.Ordinal) && r.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_push_does_not_name_stays_in_a_bucket_and_goes_with_prune()
    {
        await _bench.PushAsync(_bench.Request(("a", "hello"), ("b", "world!")));
        PushResult kept = await _bench.PushAsync(_bench.Request(("c", "new")));
        RestoreResult both = await _bench.Project.RestoreAsync(S3Bench.Tiny);
        PushResult pruned = await _bench.PushAsync(_bench.Request(("c", "new")) with { Prune = true });
        File.Delete(_bench.Project.LockFile);
        RestoreResult one = await _bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal(("a=hello\nb=world!\nc=new", "c=new", 2),
            (RestoreBench.Contents(both.Snapshots[0]), RestoreBench.Contents(one.Snapshots[0]), pruned.Count(PushAction.Delete)));
        Assert.Equal(0, kept.Count(PushAction.Delete));
    }

    [Fact]
    public async Task On_Ceph_what_was_broken_off_goes_on_and_nothing_stays_of_it()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushRequest request = bench.Request(("big.bin", _content)) with { Workers = 1 };
        string begun = await bench.Bucket().Client.BeginUploadAsync(Blob, new Hubs.S3.PutOptions(), BodyMode.Plain,
            CancellationToken.None);
        string source = request.Files[0].SourcePath;
        await bench.Bucket().Client.UploadPartAsync(Blob, begun, 2, () => new Hubs.S3.FilePart(source, Part, Part),
            BodyMode.Plain, CancellationToken.None);
        PushResult pushed = await bench.PushAsync(request);
        Assert.Equal((Part + 5L, 1), (pushed.BytesSent, pushed.FilesSent));
        Assert.Contains("resuming an interrupted upload; parts already there: 1.", bench.Project.Log.Text,
            StringComparison.Ordinal);
        Assert.Equal(RestoreBench.Sha256(_content), RestoreBench.Sha256(
            await File.ReadAllBytesAsync((await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0].Files[0].BlobPath)));
        int open = 0;
        await foreach (Hubs.S3.OpenUpload _ in bench.Bucket().Client.ListUploadsAsync("", CancellationToken.None))
            open++;
        Assert.Equal(0, open);
    }

    [GeneratedRegex("b-[0-9a-f]{12}/?")]
    private static partial Regex Bucket();
}
