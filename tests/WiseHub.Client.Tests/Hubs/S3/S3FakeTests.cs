using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>Requests to a fake server, and responses that no available real server gives on request.</summary>
public sealed partial class S3FakeTests : IAsyncLifetime
{
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

    private const string Settled = "\"conditionalWrites\":false,";

    private static string Blob(string text) =>
        RestoreBench.Sha256(text) is var sha256 ? $"blobs/{sha256[..2]}/{sha256[2..]}" : "";

    private string Requests => Query().Replace(string.Join('\n', _fake.Requests), "")
        .Replace($"/{_bench.BucketName}/hub/", "", StringComparison.Ordinal);

    [Fact]
    public async Task A_restore_requests_each_object_once_and_signs_each_request()
    {
        string commit = (await _bench.PushAsync(_bench.Request(("a", "hello"), ("b", "world!")))).Commit;
        _fake.Requests.Clear();
        await _bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.Equal(string.Join('\n', new[]
        {
            "GET wisehub-store.json",
            "GET models/acme/tiny/refs/main",
            $"GET models/acme/tiny/trees/{commit}.json",
            $"GET {Blob("hello")}",
            $"GET {Blob("world!")}"
        }.Order(StringComparer.Ordinal)),
            string.Join('\n', Requests.Split('\n').Order(StringComparer.Ordinal)));
        Assert.All(_fake.Requests, r => Assert.Matches("X-Amz-Credential=FAKEKEY%2F\\d{8}%2Fus-east-1%2Fs3%2Faws4_request&"
            + "X-Amz-Date=\\d{8}T\\d{6}Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]{64}$", r));
        Assert.DoesNotContain("X-Amz-", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_checks_each_blob_and_sends_only_missing_ones()
    {
        string first = (await _bench.PushAsync(_bench.Request(("a", "hello")))).Commit;
        _fake.Requests.Clear();
        string second = (await _bench.PushAsync(_bench.Request(("a", "hello"), ("b", "hello")))).Commit;
        Assert.Equal($"""
            GET wisehub-store.json
            GET models/acme/tiny/refs/main
            GET models/acme/tiny/trees/{first}.json
            HEAD {Blob("hello")}
            PUT models/acme/tiny/trees/{second}.json
            GET models/acme/tiny/refs/main
            PUT models/acme/tiny/refs/main
            """.ReplaceLineEndings("\n"), Requests);
    }

    [Fact]
    public async Task A_session_token_is_sent_only_in_requests()
    {
        await _bench.PushAsync(_bench.Request(("a", "hello")));
        _fake.Requests.Clear();
        _bench.Project.SetEnvironment("AWS_SESSION_TOKEN", "canary/91c2==");
        Assert.StartsWith("WISE1031", await _bench.Project.FailureAsync(S3Bench.Tiny), StringComparison.Ordinal);
        Assert.Empty(_fake.Requests);
        _bench.Project.SetEnvironment("AWS_ENDPOINT_URL_S3", _fake.Endpoint.OriginalString);
        await _bench.Project.RestoreAsync(S3Bench.Tiny);
        Assert.All(_fake.Requests,
            r => Assert.Contains("&X-Amz-Security-Token=canary%2F91c2%3D%3D&", r, StringComparison.Ordinal));
        Assert.DoesNotContain("canary", _bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_are_stored_as_they_are_by_a_server_without_conditional_writes()
    {
        _bench.Configure();
        string commit = (await _bench.PushAsync(_bench.Request(("a", "hello")))).Commit;
        Assert.Equal("info: Pushing 1 file, 5 B, of acme/tiny to 'team' …\n"
            + "detail: The hub 'team' has no conditional writes. Set conditionalWrites in wisehub.json to skip this test.\n"
            + "info: acme/tiny: 'team' has no conditional writes, so this push is safe only while no other push runs.\n"
            + $"info: acme/tiny: pushed to 'team' as {commit}: 1 new; sent 5 B in # s.", _bench.Project.Log.Text);
        Assert.Equal("a=hello", RestoreBench.Contents((await _bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0]));
    }

    [Fact]
    public async Task An_object_with_an_opaque_ETag_is_read_back_to_verify_it()
    {
        _fake.ETag = content => $"\"v{content.Length}\"";
        await _bench.PushAsync(_bench.Request(("a", "hello")));
        Assert.Contains($"PUT {Blob("hello")}\nGET {Blob("hello")}", Requests, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_object_with_wrong_bytes_of_the_right_size_is_detected()
    {
        _fake.Store = body => [.. body.Select(b => b == (byte)'h' ? (byte)'H' : b)];
        Assert.StartsWith("WISE5011: ", await _bench.PushFailureAsync(_bench.Request(("a", "hello"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_interrupted_after_its_signature_expired_resumes_with_a_new_one()
    {
        byte[] content = RandomBytes.Of(3_000_000, seed: 6);
        await _bench.PushAsync(_bench.Request(("big.bin", content)));
        var clock = new MovedTime();
        int answers = 0;
        _fake.Instead = async context =>
        {
            if (!context.Request.Path.Value!.Contains("/blobs/", StringComparison.Ordinal))
                return false;
            var signed = DateTimeOffset.ParseExact(context.Request.Query["X-Amz-Date"]!, "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            if (clock.GetUtcNow() - signed > TimeSpan.FromMinutes(15))
            {
                await S3Fake.ErrorAsync(context, 403, "AccessDenied", "Request has expired");
                return true;
            }
            if (answers++ > 0)
                return false;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content.AsMemory(0, 1_500_000));
            await context.Response.Body.FlushAsync();
            clock.Move(TimeSpan.FromHours(1));
            context.Abort();
            return true;
        };
        using HubClient client = _bench.Project.NewClient(o => o with { Time = clock });
        RestoreResult result = await client.RestoreAsync(_bench.Project.Request(S3Bench.Tiny));
        Assert.Equal((RestoreBench.Sha256(content), 2),
            (RestoreBench.Sha256(await File.ReadAllBytesAsync(result.Snapshots[0].Files[0].BlobPath)), answers));
    }

    [Theory]
    [InlineData(301, "PermanentRedirect", "eu-west-1", "WISE2041: The hub 'team' answered 301 at "
        + "<s3>/<bucket>/hub/wisehub-store.json (\"PermanentRedirect: of the server\"): the request was for region 'us-east-1', "
        + "but the bucket is in 'eu-west-1'. Set \"region\": \"eu-west-1\" in wisehub.json (or AWS_REGION).")]
    [InlineData(400, "AuthorizationHeaderMalformed", null,
        "WISE2041: The hub 'team' answered 400 at <s3>/<bucket>/hub/wisehub-store.json (\"AuthorizationHeaderMalformed: of the "
        + "server\"): the request was for region 'us-east-1'. Set 'region' and 'endpoint' in wisehub.json (or AWS_REGION).")]
    [InlineData(400, "ExpiredToken", null,
        "WISE2044: The hub 'team' answered 400 at <s3>/<bucket>/hub/wisehub-store.json (\"ExpiredToken: of the server\"): the "
        + "temporary keys (from AWS_ACCESS_KEY_ID) have expired. Renew them (aws sso login, or the tool that issued them).")]
    [InlineData(400, "InvalidToken", null, "WISE2043: The hub 'team' answered 400 at <s3>/<bucket>/hub/wisehub-store.json "
        + "(\"InvalidToken: of the server\"): the server refused the session token (from AWS_ACCESS_KEY_ID). Get new temporary "
        + "keys. For keys without a session token, unset AWS_SESSION_TOKEN.")]
    [InlineData(400, "SomethingNew", null, "WISE2010: The hub 'team' answered 400 at <s3>/<bucket>/hub/wisehub-store.json "
        + "(\"SomethingNew: of the server\"). Check the endpoint of the hub.")]
    public async Task A_server_error_is_reported_with_a_remedy(int status, string code, string? region, string expected)
    {
        _fake.Instead = async context =>
        {
            if (region is not null)
                context.Response.Headers["x-amz-bucket-region"] = region;
            await S3Fake.ErrorAsync(context, status, code, "of the server");
            return true;
        };
        Assert.Equal(expected, await _bench.Project.FailureAsync(S3Bench.Tiny));
        Assert.Single(_fake.Requests);
    }

    [Fact]
    public async Task XML_entities_in_an_error_response_are_not_expanded()
    {
        _fake.Instead = async context =>
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("<!DOCTYPE e [<!ENTITY a \"x\">]><Error><Code>&a;</Code></Error>");
            return true;
        };
        Assert.StartsWith("WISE2016: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store.json: 'FAKEKEY'",
            await _bench.Project.FailureAsync(S3Bench.Tiny), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_does_not_follow_a_redirect_to_another_server()
    {
        await using S3Fake other = await S3Fake.StartAsync();
        _fake.Instead = context =>
        {
            if (context.Request.Method != "PUT")
                return Task.FromResult(false);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = other.Endpoint + "x";
            return Task.FromResult(true);
        };
        Assert.StartsWith("WISE2041", await _bench.PushFailureAsync(_bench.Request(("a", "hello"))), StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_transient_failure_of_an_upload_is_retried()
    {
        int failures = 2;
        _fake.Instead = async context =>
        {
            if (context.Request.Method != "PUT" || failures-- <= 0)
                return false;
            await S3Fake.ErrorAsync(context, 503, "SlowDown");
            return true;
        };
        await _bench.PushAsync(_bench.Request(("a", "hello")));
        Assert.Equal(2, Requests.Split('\n').Count(r => r == "PUT wisehub-store.json") - 1);
    }

    [GeneratedRegex("\\?[^\n]*")]
    private static partial Regex Query();

    private sealed class MovedTime : TimeProvider
    {
        private long _moved;

        public void Move(TimeSpan by) => Interlocked.Add(ref _moved, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _moved));
    }
}
