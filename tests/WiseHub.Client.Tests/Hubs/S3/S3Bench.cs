using System.Text;
using Amazon.S3;
using WiseHub.Client.Context;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;
using WiseHub.Testing.S3;

namespace WiseHub.Client.Tests;

/// <summary>A project whose default hub is a bucket of its own on a real S3 server.</summary>
internal sealed class S3Bench : IAsyncDisposable
{
    private readonly string _accessKey, _secretKey;
    private readonly List<IDisposable> _ours = [];

    private S3Bench(Uri endpoint, string accessKey, string secretKey)
    {
        (Endpoint, _accessKey, _secretKey) = (endpoint, accessKey, secretKey);
        Project.Log.Hiding(endpoint.GetLeftPart(UriPartial.Authority), "<s3>").Hiding(BucketName, "<bucket>");
        UseKeys(accessKey, secretKey);
        Configure();
    }

    public RestoreBench Project { get; } = new();

    public Uri Endpoint { get; }

    public string BucketName { get; } = "b-" + Guid.NewGuid().ToString("N")[..12];

    public static async Task<S3Bench> StartAsync(CephServer server)
    {
        await server.StartAsync(Assert.Skip);
        return await new S3Bench(server.Endpoint, CephServer.AccessKey, CephServer.SecretKey).CreatedAsync();
    }

    public static async Task<S3Bench> StartAsync(SwiftServer server)
    {
        await server.StartAsync(Assert.Skip);
        return await new S3Bench(server.Endpoint, SwiftServer.AccessKey, SwiftServer.SecretKey).CreatedAsync();
    }

    public void UseKeys(string accessKey, string secretKey)
    {
        Project.SetEnvironment("AWS_ACCESS_KEY_ID", accessKey);
        Project.SetEnvironment("AWS_SECRET_ACCESS_KEY", secretKey);
    }

    /// <summary>Writes wisehub.json.</summary>
    /// <param name="more">Further keys of the hub, with a comma at the end.</param>
    /// <param name="endpoint">Another endpoint.</param>
    /// <param name="bucket">Another bucket.</param>
    /// <param name="prefix">What stands before every key.</param>
    public void Configure(string more = "", Uri? endpoint = null, string? bucket = null, string prefix = "hub") =>
        Project.Configure(
            $$"""
        {"defaultHub":"team","hubs":{"team":{ {{more}} "protocol":"s3","bucket":"{{bucket ?? BucketName}}","prefix":"{{prefix}}",
         "endpoint":"{{endpoint ?? Endpoint}}","pathStyle":true} } }
        """);

    public PushRequest Request(params (string Path, string Text)[] files) =>
        Request([.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    public PushRequest Request(params (string Path, byte[] Content)[] files) => new()
    {
        RepoId = "acme/tiny",
        Files =
            [.. files.Select(f => new PushFile(Project.Temp.Write("source/" + Guid.NewGuid().ToString("N"), f.Content), f.Path))],
    };

    public async Task<PushResult> PushAsync(PushRequest request, Func<HubClientOptions, HubClientOptions>? change = null)
    {
        using HubClient client = Project.NewClient(change);
        return await client.PushAsync(request);
    }

    public async Task<string> PushFailureAsync(PushRequest request, Func<HubClientOptions, HubClientOptions>? change = null) =>
        await Project.FailureOfAsync(() => PushAsync(request, change));

    public static RepoReference Tiny => new() { RepoId = "acme/tiny" };

    /// <summary>The bucket as the library sees it, with the owner's keys.</summary>
    public Bucket Bucket()
    {
        var services = new ClientContext(new HubClientOptions
        {
            ConfigFile = Project.Temp["wisehub.json"],
            CacheDirectory = Project.Cache,
            Log = Project.Log,
            Environment = TestEnvironment.With(("AWS_ACCESS_KEY_ID", _accessKey), ("AWS_SECRET_ACCESS_KEY", _secretKey)),
        });
        _ours.Add(services);
        return BucketProtocol.Open(services, services.Config.Find("team"));
    }

    /// <summary>Everything below the prefix, as <c>key size</c> lines.</summary>
    public async Task<string> TreeAsync()
    {
        var lines = new List<string>();
        await foreach (BucketObject found in Bucket().Client.ListAsync("", CancellationToken.None))
            lines.Add($"{found.Key} {found.Size}");
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>Lets everybody read the bucket.</summary>
    public async Task MakePublicAsync()
    {
        using AmazonS3Client client = Sdk(Endpoint, _accessKey, _secretKey);
        string policy = $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
             "Resource":"arn:aws:s3:::{{BucketName}}/*"}]}
            """;
        await client.PutBucketPolicyAsync(BucketName, policy);
    }

    public static async Task CreateBucketAsync(Uri endpoint, string accessKey, string secretKey, string name)
    {
        using AmazonS3Client client = Sdk(endpoint, accessKey, secretKey);
        await client.PutBucketAsync(name);
    }

    public static S3Bench Of(S3Fake fake) => new(fake.Endpoint, "FAKEKEY", "FAKESECRET");

    public ValueTask DisposeAsync()
    {
        _ours.ForEach(o => o.Dispose());
        Project.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<S3Bench> CreatedAsync()
    {
        await CreateBucketAsync(Endpoint, _accessKey, _secretKey, BucketName);
        return this;
    }

    private static AmazonS3Client Sdk(Uri endpoint, string accessKey, string secretKey) =>
        new(accessKey, secretKey,
            new AmazonS3Config { ServiceURL = endpoint.AbsoluteUri, AuthenticationRegion = "us-east-1", ForcePathStyle = true });
}
