using System.Collections.Concurrent;
using System.Text;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>Signed writes of single objects, to real servers and to a fake one.</summary>
public sealed class ObjectWriterTests(CephServer ceph, SwiftServer swift)
{
    private static readonly string[] OddKeys =
        ["a b", "模型/é.bin", "a+b", "100%", "%20%2F", "~tilde~", "a&b=c?d#e", "x'(y)!*", "a//b", "semi;colon,at@$"];

    private static readonly PutOptions Text = new() { ContentType = "text/plain; charset=utf-8" };

    private static ObjectPut Put(string key, string text, string? announced = null, byte[]? md5 = null) =>
        new(key, () => new ByteArrayContent(Encoding.UTF8.GetBytes(text)))
        { Sha256 = Digest.Parse(RestoreBench.Sha256(announced ?? text)), Md5 = md5, Options = Text };

    private static async Task RoundTripAsync(Bucket bucket)
    {
        foreach (string key in OddKeys)
        {
            byte[] content = Encoding.UTF8.GetBytes("content of " + key);
            Assert.NotNull(await bucket.Uploads.PutAsync(key, content, Text, CancellationToken.None));
            Assert.Equal(content, (await bucket.GetAsync(key, 1000, CancellationToken.None))!.Value.Content);
            await bucket.Writer.DeleteAsync(key, CancellationToken.None);
            // A missing object is no error.
            await bucket.Writer.DeleteAsync(key, CancellationToken.None);
            Assert.Null(await bucket.HeadAsync(key, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Ceph_accepts_the_signature_of_a_write_whatever_the_key()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        await RoundTripAsync(bench.Bucket());
    }

    [Fact]
    public async Task Swift_accepts_the_signature_of_a_write_whatever_the_key()
    {
        await using S3Bench bench = await S3Bench.StartAsync(swift);
        await RoundTripAsync(bench.Bucket());
    }

    [Fact]
    public async Task Ceph_rejects_a_body_with_another_digest_and_stores_nothing()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        await AssertRejectedAsync(bench.Bucket());
    }

    [Fact]
    public async Task Swift_rejects_a_body_with_another_digest_and_stores_nothing()
    {
        await using S3Bench bench = await S3Bench.StartAsync(swift);
        await AssertRejectedAsync(bench.Bucket());
    }

    private static async Task AssertRejectedAsync(Bucket bucket)
    {
        foreach (ObjectPut put in (ObjectPut[])[Put("k", "hello", announced: "other"), Put("k", "hello", md5: new byte[16])])
        {
            var e = await Assert.ThrowsAsync<S3Exception>(() => bucket.Writer.PutAsync(put, CancellationToken.None));
            HubException explained = bucket.Explain(e.Error, "k", writes: true);
            Assert.True(explained.Code == WiseCodes.BodyRefused, explained.Message);
            Assert.Null(await bucket.HeadAsync("k", CancellationToken.None));
        }
    }

    [Fact]
    public async Task An_object_is_public_on_Ceph_if_its_signed_ACL_says_so()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        Bucket bucket = bench.Bucket();
        await bucket.Uploads.PutAsync("public", "hello"u8.ToArray(), Text with { PublicRead = true }, CancellationToken.None);
        await bucket.Uploads.PutAsync("private", "hello"u8.ToArray(), Text, CancellationToken.None);
        using var client = new HttpClient();
        using HttpResponseMessage everybody = await client.GetAsync(bucket.PublicUrl("public")),
            nobody = await client.GetAsync(bucket.PublicUrl("private"));
        Assert.Equal((200, "text/plain; charset=utf-8", 403), ((int)everybody.StatusCode,
            everybody.Content.Headers.ContentType?.ToString(), (int)nobody.StatusCode));
    }

    [Fact]
    public async Task A_push_writes_nothing_by_the_SDK_and_signs_the_digest_of_each_body()
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Configure("\"conditionalWrites\":true,");
        bench.Project.SetEnvironment("AWS_SESSION_TOKEN", "canary/91c2==");
        bench.Project.SetEnvironment("AWS_ENDPOINT_URL_S3", fake.Endpoint.OriginalString);
        var writes = new ConcurrentQueue<(string Path, Dictionary<string, string> Headers)>();
        fake.Instead = context =>
        {
            if (context.Request.Method == "PUT")
            {
                writes.Enqueue((context.Request.Path + context.Request.QueryString,
                    context.Request.Headers.ToDictionary(h => h.Key.ToUpperInvariant(), h => h.Value.ToString())));
            }
            return Task.FromResult(false);
        };
        string commit = (await bench.PushAsync(bench.Request(("a", "hello"), ("empty", "")))).Commit;
        Assert.Equal(new[]
        {
            "blobs/" + RestoreBench.Sha256("").Insert(2, "/"), "blobs/" + RestoreBench.Sha256("hello").Insert(2, "/"),
            "models/acme/tiny/refs/main", $"models/acme/tiny/trees/{commit}.json", "wisehub-store.json",
        }.Order(StringComparer.Ordinal),
            writes.Select(w => w.Path.Replace($"/{bench.BucketName}/hub/", "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        Assert.All(writes, w =>
        {
            Assert.DoesNotContain("aws-sdk", w.Headers["USER-AGENT"], StringComparison.OrdinalIgnoreCase);
            Assert.Matches("^[0-9a-f]{64}$", w.Headers["X-AMZ-CONTENT-SHA256"]);
            Assert.Equal("canary/91c2==", w.Headers["X-AMZ-SECURITY-TOKEN"]);
            Assert.Matches("^AWS4-HMAC-SHA256 Credential=FAKEKEY/\\d{8}/us-east-1/s3/aws4_request, SignedHeaders="
                + "(content-md5;)?content-type;host;(if-none-match;)?x-amz-content-sha256;x-amz-date;x-amz-security-token, "
                + "Signature=[0-9a-f]{64}$", w.Headers["AUTHORIZATION"]);
            Assert.False(w.Headers.ContainsKey("EXPECT") || w.Headers.ContainsKey("TRANSFER-ENCODING")
                || w.Headers.ContainsKey("CONTENT-ENCODING"));
        });
        Assert.Equal("*", writes.Single(w => w.Path.EndsWith("/refs/main", StringComparison.Ordinal)).Headers["IF-NONE-MATCH"]);
        Assert.DoesNotContain("canary", bench.Project.Log.Text + string.Join('\n', fake.Requests.Where(
            r => r.StartsWith("PUT ", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, "other")]
    [InlineData(302, "other")]
    [InlineData(307, "other")]
    [InlineData(308, "other")]
    [InlineData(307, "same")]
    public async Task A_signed_write_is_never_redirected(int status, string to)
    {
        await using S3Fake fake = await S3Fake.StartAsync(), other = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Configure("\"conditionalWrites\":true,");
        fake.Instead = context =>
        {
            if (context.Request.Method is "GET" or "HEAD" || context.Request.Path == "/moved")
                return Task.FromResult(false);
            context.Response.StatusCode = status;
            context.Response.Headers.Location = (to == "same" ? fake : other).Endpoint + "moved";
            return Task.FromResult(true);
        };
        foreach (Func<Task> write in (Func<Task>[])[
            () => bench.PushAsync(bench.Request(("a", "hello"))),
            () => bench.Bucket().Writer.DeleteAsync("key", CancellationToken.None)])
            Assert.StartsWith($"WISE2041: The hub 'team' answered {status} at <s3>/<bucket>/hub/",
                await bench.Project.FailureOfAsync(write), StringComparison.Ordinal);
        Assert.Empty(other.Requests);
        Assert.DoesNotContain(fake.Requests, r => r.Contains("/moved", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    [InlineData(400, "RequestTimeout")]
    [InlineData(409, "ConditionalRequestConflict")]
    public async Task A_write_is_sent_again_with_its_whole_body_and_a_new_signature(int status, string code)
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Configure("\"conditionalWrites\":true,");
        var tries = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT" || tries.AddOrUpdate(context.Request.Path, 1, (_, n) => n + 1) > 1)
                return false;
            await context.Request.Body.CopyToAsync(Stream.Null);
            await S3Fake.ErrorAsync(context, status, code);
            return true;
        };
        byte[] content = RandomBytes.Of(700_000, seed: 12);
        PushResult pushed = await bench.PushAsync(bench.Request(("a", content)));
        Assert.Equal((4, 2, 2 * content.LongLength), (tries.Count, tries.Values.Max(), pushed.BytesSent));
        Assert.Equal(RestoreBench.Sha256(content), RestoreBench.Sha256(
            fake.Objects.Single(o => o.Key.Contains("/blobs/", StringComparison.Ordinal)).Value));
    }

    [Theory]
    [InlineData(412, "PreconditionFailed")]
    [InlineData(409, "ConditionalRequestConflict")]
    [InlineData(409, "OperationAborted")]
    public async Task A_condition_that_does_not_hold_writes_nothing(int status, string code)
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Configure("\"conditionalWrites\":true,\"retries\":1,");
        fake.Instead = async context =>
        {
            await S3Fake.ErrorAsync(context, status, code);
            return true;
        };
        Assert.Null(await bench.Bucket().Uploads.PutAsync("k", [1], Text with { IfMatch = "\"e\"" }, CancellationToken.None));
        Assert.Null(await bench.Bucket().Uploads.PutAsync("k", [1], Text with { OnlyNew = true }, CancellationToken.None));
        var e = await Assert.ThrowsAsync<HubException>(
            () => bench.Bucket().Uploads.PutAsync("k", [1], Text, CancellationToken.None));
        Assert.Equal(WiseCodes.UploadRefused, e.Code);
    }

    [Theory]
    [InlineData(400, "XAmzContentSHA256Mismatch", "WISE5010: The hub 'team' answered 400 at <s3>/<bucket>/hub/wisehub-store.json "
        + "(\"XAmzContentSHA256Mismatch: of the server\"): the body that arrived is not the one that was signed. A proxy that "
        + "changes bodies causes this. Push again; if that does not help, push without the proxy, or tell the operator of the "
        + "hub.")]
    [InlineData(403, "AccessDenied", "WISE2016: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store.json "
        + "(\"AccessDenied: of the server\"): 'FAKEKEY' (from AWS_ACCESS_KEY_ID) may not write there. Grant it s3:PutObject, "
        + "s3:GetObject and s3:DeleteObject below the prefix, and s3:ListBucket.")]
    [InlineData(507, "XMinioStorageFull", "WISE5012: The hub 'team' answered 507 at <s3>/<bucket>/hub/wisehub-store.json "
        + "(\"XMinioStorageFull: of the server\"): the bucket or its owner has reached a storage limit. Raise the limit, or "
        + "delete files that are not needed. Uploaded files stay and are not sent again.")]
    [InlineData(405, "", "WISE5014: The hub 'team' answered 405 at <s3>/<bucket>/hub/wisehub-store.json (\"of the server\"). "
        + "Follow the server's message. No change of this push is visible yet.")]
    public async Task The_XML_of_a_refused_write_is_explained(int status, string code, string expected)
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT")
                return false;
            await S3Fake.ErrorAsync(context, status, code, "of the server");
            return true;
        };
        Assert.Equal(expected, await bench.PushFailureAsync(bench.Request(("a", "hello"))));
        Assert.Single(fake.Requests, r => r.StartsWith("PUT ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_the_server_repeats_is_masked()
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Project.SetEnvironment("AWS_SESSION_TOKEN", "canary/91c2==");
        bench.Project.SetEnvironment("AWS_ENDPOINT_URL_S3", fake.Endpoint.OriginalString);
        fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT")
                return false;
            await S3Fake.ErrorAsync(context, 400, "Odd", $"{context.Request.Headers["x-amz-security-token"]}");
            return true;
        };
        string failure = await bench.PushFailureAsync(bench.Request(("a", "hello")));
        Assert.Contains("(\"Odd: ***\")", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_sent_with_their_MD5_to_a_server_that_requires_it()
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench bench = S3Bench.Of(fake);
        bench.Configure("\"conditionalWrites\":true,");
        // A bucket with object lock (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html).
        int refused = 0;
        fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT" || context.Request.Headers.ContainsKey("Content-MD5"))
                return false;
            refused++;
            await S3Fake.ErrorAsync(context, 400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required");
            return true;
        };
        byte[] large = RandomBytes.Of((33 << 20) + 5, seed: 13);
        PushResult pushed = await bench.PushAsync(bench.Request(("a", "hello"u8.ToArray()), ("big", large)) with { Workers = 1 });
        Assert.Equal((1, large.Length + 5L + 5L, 0), (refused, pushed.BytesSent, fake.Uploads.Count));
    }

    [Fact]
    public async Task The_first_push_into_a_bucket_makes_one_request_for_each_file()
    {
        await using S3Fake fake = await S3Fake.StartAsync();
        await using S3Bench counted = S3Bench.Of(fake);
        counted.Configure("\"conditionalWrites\":true,");
        string commit =
            (await counted.PushAsync(counted.Request(("a", "one"), ("b", "two"), ("c", "three")) with { Workers = 1 })).Commit;
        static string Blob(string text) => "PUT blobs/" + RestoreBench.Sha256(text).Insert(2, "/");
        Assert.Equal($"""
            GET wisehub-store.json
            GET models/acme/tiny/refs/main
            PUT wisehub-store.json
            GET /{counted.BucketName}/?uploads&prefix=hub%2Fblobs%2F
            {Blob("one")}
            {Blob("two")}
            {Blob("three")}
            PUT models/acme/tiny/trees/{commit}.json
            PUT models/acme/tiny/refs/main
            """.ReplaceLineEndings("\n"), string.Join('\n', fake.Asked($"/{counted.BucketName}/hub/")));
    }
}
