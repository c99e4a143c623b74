using WiseHub.Client.Credentials;
using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>URLs, keys and credentials of a bucket, without a request.</summary>
public sealed class S3AddressTests
{
    private static readonly AccessKeys Example = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);

    private static HubDefinition Hub(string? endpoint = "http://127.0.0.1:9000", string? profile = null, bool trusted = false) =>
        new("team", "s3")
        {
            Endpoint = endpoint is null ? null : new Uri(endpoint),
            IsTrustedEndpoint = trusted || endpoint is null,
            Settings = new BucketSettings("models", "") { Profile = profile },
        };

    // The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    [Fact]
    public void A_signed_URL_matches_the_example_of_AWS() => Assert.Equal(
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
        + "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
        + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        + "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        UrlSigner.Sign(new Uri("https://examplebucket.s3.amazonaws.com/test.txt"), Example, "us-east-1",
            new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromDays(1)).AbsoluteUri);

    // The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "PUT Object".
    [Fact]
    public void Signed_headers_match_the_example_of_AWS()
    {
        const string Body = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["x-amz-content-sha256"] = Body,
                ["x-amz-date"] = "20130524T000000Z",
                ["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                    + "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                    + "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            },
            HeaderSigner.Sign(
                new S3Request(new Uri("https://examplebucket.s3.amazonaws.com/test%24file.text")) { Method = HttpMethod.Put },
                [new("date", "Fri, 24 May 2013 00:00:00 GMT"), new("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                Digest.Parse(Body), new Signature(Example, "us-east-1", new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero)))
                .ToDictionary());
    }

    [Theory]
    [InlineData("models", null, false, "eu-west-1", "https://models.s3.eu-west-1.amazonaws.com/a/b")]
    [InlineData("models", null, true, "eu-west-1", "https://s3.eu-west-1.amazonaws.com/models/a/b")]
    [InlineData("models", null, false, "cn-north-1", "https://models.s3.cn-north-1.amazonaws.com.cn/a/b")]
    [InlineData("models", "https://s3.example.org", false, "x", "https://models.s3.example.org/a/b")]
    [InlineData("models", "https://s3.example.org:9000/at/", false, "x", "https://models.s3.example.org:9000/at/a/b")]
    [InlineData("models", "https://s3.example.org:9000/at/", true, "x", "https://s3.example.org:9000/at/models/a/b")]
    [InlineData("models", "http://127.0.0.1:9000", false, "x", "http://127.0.0.1:9000/models/a/b")]
    [InlineData("models", "http://[::1]:9000", false, "x", "http://[::1]:9000/models/a/b")]
    [InlineData("my.models", "https://s3.example.org", false, "x", "https://s3.example.org/my.models/a/b")]
    [InlineData("my.models", "http://s3.example.org", false, "x", "http://my.models.s3.example.org/a/b")]
    [InlineData("My_Models", "https://s3.example.org", false, "x", "https://s3.example.org/My_Models/a/b")]
    public void A_bucket_is_part_of_the_host_or_of_the_path(
        string bucket, string? endpoint, bool pathStyle, string region, string expected) =>
        Assert.Equal(expected, new BucketAddress(new BucketSettings(bucket, "") { PathStyle = pathStyle },
            endpoint is null ? null : new Uri(endpoint), region).Of("a/b").AbsoluteUri);

    [Theory]
    [InlineData("a b+c%20d", "a%20b%2Bc%2520d")]
    [InlineData("模型/é.bin", "%E6%A8%A1%E5%9E%8B/%C3%A9.bin")]
    [InlineData("a?b#c&d=e", "a%3Fb%23c%26d%3De")]
    [InlineData("a//b", "a//b")]
    [InlineData("~-_.!*'()", "~-_.%21%2A%27%28%29")]
    public void A_key_is_escaped_as_signatures_want_it(string key, string expected) =>
        Assert.Equal("http://127.0.0.1:9000/models/" + expected,
            new BucketAddress(new BucketSettings("models", ""), new Uri("http://127.0.0.1:9000"), "x").Of(key).AbsoluteUri);

    [Theory]
    [InlineData("../other/secret")]
    [InlineData("a/../../other")]
    [InlineData("./a")]
    public void A_key_that_leaves_the_prefix_is_an_error(string key) =>
        Assert.Equal(WiseCodes.UnexpectedAnswer, Assert.Throws<HubException>(
            () => new BucketAddress(new BucketSettings("models", ""), new Uri("http://127.0.0.1:9000"), "x").Of(key)).Code);

    [Theory]
    [InlineData("id:secret", "id", "secret", null)]
    [InlineData(" id:secret:session== ", "id", "secret", "session==")]
    public void The_keys_of_a_hub_are_read_from_one_variable(string text, string id, string secret, string? session)
    {
        AccessKeys keys = AccessKeys.Parse(text)!;
        Assert.Equal((id, secret, session), (keys.Id, keys.Secret, keys.SessionToken));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("id:")]
    [InlineData(":secret")]
    [InlineData("id:secret:")]
    [InlineData("a:b:c:d")]
    public void The_error_for_invalid_keys_does_not_repeat_them(string text)
    {
        var e = Assert.Throws<HubException>(() => Find(Hub(), ("WISEHUB_TOKEN_TEAM", text)));
        Assert.Equal("WISE1030: The hub 'team': the value from the environment variable WISEHUB_TOKEN_TEAM does not have the "
            + "form ACCESS_KEY_ID:SECRET_KEY or ACCESS_KEY_ID:SECRET_KEY:SESSION_TOKEN. Correct it, or remove it to use the "
            + "credentials of the AWS tools.", $"{e.Code}: {e.Message}");
    }

    [Fact]
    public void Without_any_settings_access_is_anonymous_in_the_default_region()
    {
        BucketAccess access = Find(Hub());
        Assert.Equal(("us-east-1", true), (access.Region, access.Keys is null));
    }

    [Fact]
    public void The_keys_of_the_hub_override_the_AWS_variables()
    {
        BucketAccess access = Find(Hub(), ("WISEHUB_TOKEN_TEAM", "own:x"), ("AWS_ACCESS_KEY_ID", "general"),
            ("AWS_SECRET_ACCESS_KEY", "y"), ("AWS_DEFAULT_REGION", "eu-west-1"));
        Assert.Equal(("own", "eu-west-1"), (access.Keys!().Id, access.Region));
    }

    [Fact]
    public void A_region_that_would_change_the_host_is_refused() =>
        Assert.Equal(WiseCodes.InvalidValue,
            Assert.Throws<HubException>(() => Find(Hub(endpoint: null), ("AWS_REGION", "x.evil.example/"))).Code);

    private const string KeptBack = "WISE1031: The hub 'team': the keys from AWS_ACCESS_KEY_ID are temporary, and their session "
        + "token would be sent to http://127.0.0.1:9000/, which only wisehub.json names. If you trust this endpoint, set "
        + "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000/ or WISEHUB_ENDPOINT_TEAM=http://127.0.0.1:9000/; or give this hub its own "
        + "keys in WISEHUB_TOKEN_TEAM.";

    [Theory]
    [InlineData("http://127.0.0.1:9000", false, null, KeptBack)]
    [InlineData("http://127.0.0.1:9000", false, "http://127.0.0.1:9001", KeptBack)]
    [InlineData("http://127.0.0.1:9000", false, "http://127.0.0.1:9000/", "session")]
    [InlineData("http://127.0.0.1:9000", true, null, "session")]
    [InlineData(null, true, null, "session")]
    public void A_session_token_is_sent_only_to_endpoints_set_by_the_user(
        string? endpoint, bool trusted, string? endpointOfUser, string expected)
    {
        BucketAccess access = Find(Hub(endpoint, trusted: trusted), ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_SESSION_TOKEN", "session"), ("AWS_ENDPOINT_URL_S3", endpointOfUser));
        Assert.Equal(expected, Outcome(() => access.Keys!().SessionToken!));
    }

    [Fact]
    public void Permanent_keys_are_used_for_the_endpoint_of_a_project() =>
        Assert.Equal("id", Find(Hub(), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")).Keys!().Id);

    [Fact]
    public void Keys_and_region_come_from_a_profile()
    {
        using var home = new TempFolder();
        home.Write(".aws/credentials", "[default]\naws_access_key_id = one\naws_secret_access_key = x\n\n[team]\n"
            + "aws_access_key_id = two\naws_secret_access_key = y\nregion = eu-central-1\n");
        (string, string?)[] environment = [("HOME", home.Path)];
        BucketAccess byDefault = Find(Hub(), environment), byHub = Find(Hub(profile: "team"), environment),
            byVariable = Find(Hub(), [.. environment, ("AWS_PROFILE", "team")]);
        Assert.Equal(("one", "us-east-1", "two", "eu-central-1", "two"),
            (byDefault.Keys!().Id, byDefault.Region, byHub.Keys!().Id, byHub.Region, byVariable.Keys!().Id));
        var e = Assert.Throws<HubException>(() => Find(Hub(profile: "nobody"), environment));
        Assert.StartsWith("WISE1030: The hub 'team': the profile 'nobody' (", $"{e.Code}: {e.Message}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData(33_554_432, 1, null)]
    [InlineData(33_554_433, 3, null)]
    [InlineData(64L << 30, 1024, null)]
    [InlineData(5L << 40, 9987, null)]
    public void A_file_is_split_into_parts_that_every_server_accepts(long size, int parts, string? etag)
    {
        long part = FileHashes.PartSizeOf(size);
        Assert.Equal(parts, size == 0 ? 1 : (size + part - 1) / part);
        if (etag is not null)
            Assert.Equal(etag, FileHashes.Of([]).ETag);
    }

    private static string Outcome(Func<string> ask)
    {
        try
        {
            return ask();
        }
        catch (HubException e)
        {
            return $"{e.Code}: {e.Message}";
        }
    }

    private static BucketAccess Find(HubDefinition hub, params (string Name, string? Value)[] environment)
    {
        Func<string, string?> read =
            TestEnvironment.With([.. environment.Where(e => e.Value is not null).Select(e => (e.Name, e.Value!))]);
        var tokens = new TokenSource(read, new Dictionary<string, string>(), Protocols.All, new RecordingLog());
        return BucketAccess.Find(hub, read, origin => tokens.Find(hub, origin, SecretKind.Token));
    }
}
