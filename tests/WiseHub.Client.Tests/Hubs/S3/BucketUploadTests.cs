using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>Uploads into a bucket, including interrupted ones.</summary>
public sealed partial class BucketUploadTests(CephServer ceph) : IAsyncLifetime
{
    private const int Part = 16 << 20, Size = (2 * Part) + 5;
    private const string Settled = "\"conditionalWrites\":false,\"retries\":1,";

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

    private static byte[] Bytes() => RandomBytes.Of(Size, seed: 11);

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
    public async Task A_large_file_is_uploaded_in_parts_without_redundant_requests()
    {
        PushResult pushed = await _bench.PushAsync(Large());
        Assert.Equal("""
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
    public async Task An_interrupted_upload_resumes_on_another_machine()
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
    public async Task A_part_stored_with_wrong_bytes_is_sent_again()
    {
        await BreakOffAsync();
        _fake.Uploads["upload1"].Parts[1][7] ^= 1;
        Assert.Equal(Part + 5L, (await _bench.PushAsync(Large())).BytesSent);
        Assert.Equal(RestoreBench.Sha256(_content), RestoreBench.Sha256(_fake.Objects[Key]));
    }

    [Fact]
    public async Task A_part_of_the_wrong_size_is_sent_again()
    {
        await BreakOffAsync();
        _fake.Uploads["upload1"].Parts[2] = [1, 2, 3];
        Assert.Equal(Part + 5L, (await _bench.PushAsync(Large())).BytesSent);
    }

    [Fact]
    public async Task A_forced_push_aborts_the_old_upload_and_starts_a_new_one()
    {
        await BreakOffAsync();
        Assert.Equal(Size, (await _bench.PushAsync(Large() with { Force = true })).BytesSent);
        Assert.Contains("DELETE <key>?uploadId=upload1\nPOST <key>?uploads\nPUT <key>?partNumber=1&uploadId=upload2", Asked,
            StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
    }

    [Fact]
    public async Task One_of_several_interrupted_uploads_resumes_and_the_others_are_aborted()
    {
        await BreakOffAsync();
        _fake.Uploads["older"] = new S3Fake.OpenUpload(Key, DateTimeOffset.UtcNow.AddHours(-3));
        Assert.Equal(5, (await _bench.PushAsync(Large())).BytesSent);
        Assert.EndsWith("POST <key>?uploadId=upload1\nDELETE <key>?uploadId=older", Asked, StringComparison.Ordinal);
        Assert.Empty(_fake.Uploads);
    }

    [Fact]
    public async Task A_push_uses_the_object_that_a_faster_push_of_the_same_file_made()
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
    public async Task An_upload_aborted_by_another_process_starts_again()
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
    public async Task A_failed_upload_is_aborted_on_a_server_that_cannot_list_uploads()
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
    public async Task The_next_push_aborts_uploads_interrupted_over_a_week_ago()
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
    public async Task A_large_file_that_changes_during_its_upload_is_an_error_and_leaves_nothing()
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
    public async Task A_small_file_changed_since_it_was_hashed_is_not_stored()
    {
        PushRequest request = _bench.Request(("a", "hello"));
        string source = request.Files[0].SourcePath;
        _fake.Instead = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/wisehub-store.json", StringComparison.Ordinal))
                File.WriteAllText(source, "other");
            return Task.FromResult(false);
        };
        Assert.Equal($"WISE5003: {_bench.Project.Log.Hide(source)} changed during the push. Push again"
            + " when nothing writes to it.", await _bench.PushFailureAsync(request));
        Assert.DoesNotContain(_fake.Objects.Keys, k => k.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parts_that_a_server_stores_with_wrong_bytes_are_detected()
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
    public async Task If_signed_URLs_may_not_write_uploads_use_signed_headers(int status, string code)
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
        Assert.Single(_bench.Project.Log.Text.Split('\n'), l => l.EndsWith($" ({status} {code}). From now on each body is "
            + "hashed before it is sent.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_ETag_of_a_completed_upload_is_requested_without_reading_back()
    {
        _fake.EndsWithoutETag = true;
        Assert.Equal(1, (await _bench.PushAsync(Large())).FilesSent);
        Assert.EndsWith("POST <key>?uploadId=upload1\nHEAD <key>", Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completed_upload_whose_response_was_lost_is_detected()
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
    public async Task The_multipart_ETag_of_an_uploaded_file_is_remembered()
    {
        PushRequest request = Large() with { MemoryFile = _bench.Project.Temp["obj/memory.json"] };
        File.SetLastWriteTimeUtc(request.Files[0].SourcePath, DateTime.UtcNow.AddMinutes(-1));
        await _bench.PushAsync(request);
        Assert.Matches("\"etag\":\"[0-9a-f]{32}-3\"", File.ReadAllText(request.MemoryFile));
    }

    [Fact]
    public async Task A_thousand_unchanged_files_take_three_requests_and_a_changed_one_is_sent_alone()
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
    public async Task Files_not_pushed_stay_in_a_bucket_and_are_deleted_with_prune()
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
    public async Task On_Ceph_an_interrupted_upload_resumes_and_leaves_nothing()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        PushRequest request = bench.Request(("big.bin", _content)) with { Workers = 1 };
        await bench.Bucket().Uploads.PutAsync("wisehub-store.json", "{\"version\":1}"u8.ToArray(), new Hubs.S3.PutOptions(),
            CancellationToken.None);
        string begun = await bench.Bucket().Client.BeginUploadAsync(Blob, new Hubs.S3.PutOptions(), CancellationToken.None);
        await bench.Bucket().Writer.PutAsync(new Hubs.S3.ObjectPut(Blob, () => new ByteArrayContent(_content, Part, Part))
        { Query = $"partNumber=2&uploadId={Uri.EscapeDataString(begun)}" }, CancellationToken.None);
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
