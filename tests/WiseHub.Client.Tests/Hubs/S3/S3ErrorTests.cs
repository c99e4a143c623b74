using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>Errors of a real server for wrong keys, permissions, names and clocks, as the user sees them.</summary>
public sealed class S3ErrorTests(CephServer ceph)
{
    private async Task<S3Bench> PushedAsync()
    {
        S3Bench bench = await S3Bench.StartAsync(ceph);
        bench.Configure("\"conditionalWrites\":true,");
        await bench.PushAsync(bench.Request(("a", "hello")));
        return bench;
    }

    [Theory]
    [InlineData(CephServer.AccessKey, "canary-secret-7f3a", "WISE2043: The hub 'team' answered 403 at "
        + "<s3>/<bucket>/hub/wisehub-store.json (\"SignatureDoesNotMatch\"): the secret key of 'CEPHKEY' (from "
        + "AWS_ACCESS_KEY_ID) is wrong, or 'region' is. Correct them. A proxy that changes requests causes this, too.")]
    [InlineData("NOBODY", "canary-secret-7f3a",
        "WISE2043: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store.json (\"InvalidAccessKeyId\"): the server "
        + "does not know the access key 'NOBODY' (from AWS_ACCESS_KEY_ID). Correct it, or create one on this server.")]
    [InlineData("", "", "WISE2005: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store.json (\"AccessDenied\"): it "
        + "refuses anonymous requests here, and no access keys were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        + "'profile' in wisehub.json, or WISEHUB_TOKEN_TEAM.")]
    public async Task Wrong_keys_are_an_error_that_does_not_repeat_the_secret(string id, string secret, string expected)
    {
        await using S3Bench bench = await PushedAsync();
        bench.UseKeys(id, secret);
        var e = await Assert.ThrowsAsync<HubException>(() => bench.Project.RestoreAsync(S3Bench.Tiny));
        Assert.Equal(expected, bench.Project.Show(e));
        Assert.DoesNotContain("canary-secret-7f3a", e + bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.StartsWith(expected[..8], await bench.PushFailureAsync(bench.Request(("a", "other"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_token_of_keys_that_the_server_refuses_is_not_repeated()
    {
        await using S3Bench bench = await PushedAsync();
        bench.UseKeys(CephServer.AccessKey, "wrong");
        bench.Project.SetEnvironment("AWS_SESSION_TOKEN", "canary-session-91c2");
        bench.Project.SetEnvironment("AWS_ENDPOINT_URL_S3", bench.Endpoint.OriginalString);
        var e = await Assert.ThrowsAsync<HubException>(() => bench.Project.RestoreAsync(S3Bench.Tiny));
        Assert.Equal(WiseCodes.AccessKeyRefused, e.Code);
        Assert.DoesNotContain("canary-session-91c2", e + bench.Project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_rights_may_neither_read_nor_write()
    {
        await using S3Bench bench = await PushedAsync();
        string user = "guest" + bench.BucketName[2..];
        await ceph.AddUserAsync(user);
        bench.UseKeys(user + "KEY", user + "SECRET");
        Assert.Equal("WISE2016: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store.json (\"AccessDenied\"): "
            + $"'{user}KEY' (from AWS_ACCESS_KEY_ID) may not read it, or it does not exist: without s3:ListBucket, a server "
            + "answers both alike. Check the name and the revision, and grant s3:GetObject and s3:ListBucket.",
            await bench.Project.FailureAsync(S3Bench.Tiny));
        Assert.StartsWith("WISE2016", await bench.PushFailureAsync(bench.Request(("a", "other"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_bucket_is_read_without_keys_and_as_a_static_web_server()
    {
        await using S3Bench bench = await PushedAsync();
        await bench.MakePublicAsync();
        bench.UseKeys("", "");
        Assert.Equal("a=hello", RestoreBench.Contents((await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0]));
        Directory.Delete(bench.Project.Cache, recursive: true);
        bench.Project.Configure($$"""
            {"defaultHub":"web","hubs":{"web":{"protocol":"store","endpoint":"{{bench.Endpoint}}{{bench.BucketName}}/hub"} } }
            """);
        Assert.Equal("a=hello", RestoreBench.Contents((await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0]));
        bench.Configure();
        Assert.StartsWith("WISE2005: The hub 'team': no access keys were found, and pushing requires them.",
            await bench.PushFailureAsync(bench.Request(("a", "other"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_bucket_is_an_error()
    {
        await using S3Bench bench = await PushedAsync();
        bench.Configure(bucket: "no-such-bucket");
        const string Expected = "WISE2040: The hub 'team' answered 404 at <s3>/no-such-bucket/hub/wisehub-store.json "
            + "(\"NoSuchBucket\"): the bucket 'no-such-bucket' does not exist. Correct 'bucket', 'endpoint' or 'pathStyle' in "
            + "wisehub.json, or create the bucket; WiseHub does not create buckets.";
        Assert.Equal((Expected, Expected),
            (await bench.Project.FailureAsync(S3Bench.Tiny), await bench.PushFailureAsync(bench.Request(("a", "other")))));
    }

    [Fact]
    public async Task A_bucket_that_is_not_a_store_and_a_missing_repo_are_errors()
    {
        await using S3Bench bench = await PushedAsync();
        Assert.Equal("WISE2003: acme/none: the hub 'team' has no revision 'main' of it "
            + "(<s3>/<bucket>/hub/models/acme/none/refs/main is missing). Check name and revision, or push them.",
            await bench.Project.FailureAsync(new RepoReference { RepoId = "acme/none" }));
        bench.Configure(prefix: "elsewhere");
        Assert.Equal("WISE3005: The hub 'team' is not a store: <s3>/<bucket>/elsewhere/wisehub-store.json is missing. Check its "
            + "bucket and prefix; a first push makes a bucket a store.", await bench.Project.FailureAsync(S3Bench.Tiny));
    }

    [Fact]
    public async Task A_missing_blob_is_an_error()
    {
        await using S3Bench bench = await PushedAsync();
        string sha256 = RestoreBench.Sha256("hello"), key = $"blobs/{sha256[..2]}/{sha256[2..]}";
        await bench.Bucket().Writer.DeleteAsync(key, CancellationToken.None);
        Assert.Equal($"WISE2008: The hub 'team' answered 404 at <s3>/<bucket>/hub/{key} (\"NoSuchKey\"): "
            + "an object that the hub lists is missing. Push it again.", await bench.Project.FailureAsync(S3Bench.Tiny));
    }

    // Ceph 16 takes signatures of the future.
    [Fact]
    public async Task The_error_for_a_slow_clock_shows_both_times()
    {
        await using S3Bench bench = await PushedAsync();
        using HubClient client = bench.Project.NewClient(o => o with { Time = new WrongTime(TimeSpan.FromHours(-2)) });
        var e = await Assert.ThrowsAsync<HubException>(() => client.RestoreAsync(bench.Project.Request(S3Bench.Tiny)));
        Assert.Matches("^WISE2042: The hub 'team' answered 403 at <s3>/<bucket>/hub/wisehub-store\\.json \\(\"[A-Za-z: "
            + "]+\"\\)\\. The server's clock says \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC, this machine's "
            + "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\. Signatures require clocks that agree within minutes: set this "
            + "machine's clock \\(timedatectl set-ntp true\\), or the server's\\.$", bench.Project.Show(e));
    }

    [Fact]
    public async Task A_private_certificate_is_trusted_only_with_AWS_CA_BUNDLE()
    {
        await using S3Bench bench = await S3Bench.StartAsync(ceph);
        bench.Configure(endpoint: ceph.SecureEndpoint);
        PushRequest request = bench.Request(("a", "hello"));
        string without = await bench.PushFailureAsync(request);
        bench.Project.SetEnvironment("AWS_CA_BUNDLE", ceph.CertificateFile);
        await bench.PushAsync(request);
        Assert.Equal("a=hello", RestoreBench.Contents((await bench.Project.RestoreAsync(S3Bench.Tiny)).Snapshots[0]));
        Assert.StartsWith("WISE2080: The certificate of https://127.0.0.1:", without, StringComparison.Ordinal);
    }

    private sealed class WrongTime(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + off;
    }
}
