using Amazon.S3;
using Amazon.S3.Model;
using WiseHub.Testing.S3;

namespace WiseHub.Benchmarks.Measures;

/// <summary>Buckets of a Ceph of this machine.</summary>
internal sealed class BucketPlace : IPushPlace
{
    private readonly CephServer _ceph = new();
    private int _buckets;

    public string Title => "Pushes to a bucket";

    public string Note => "The server is a Ceph of this machine, in memory. In a bucket each small file is an object and a "
        + "request; one archive of them is one.";

    public string? WhyNot { get; private set; }

    public bool TakesSmallFilesTogether => false;

    public string Hub => $"\"protocol\":\"s3\",\"bucket\":\"{Bucket}\",\"endpoint\":\"{_ceph.Endpoint}\",\"pathStyle\":true,"
        + "\"conditionalWrites\":true";

    public IReadOnlyDictionary<string, string?> Secrets { get; } = new Dictionary<string, string?>
    {
        ["AWS_ACCESS_KEY_ID"] = CephServer.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = CephServer.SecretKey
    };

    public int? Requests => null;

    private string Bucket => $"push{_buckets}";

    public static async Task<IPushPlace> StartAsync()
    {
        var place = new BucketPlace();
        await place._ceph.StartAsync(why => place.WhyNot = why);
        return place;
    }

    public async Task<string> BeginAsync(CancellationToken cancel)
    {
        _buckets++;
        using AmazonS3Client client = Client();
        await client.PutBucketAsync(Bucket, cancel);
        return "acme/pushed";
    }

    // Ceph keeps deleted objects for hours, unless their bucket is deleted, too.
    public Task EndAsync() => _ceph.AdminAsync($"bucket rm --bucket={Bucket} --purge-objects --bypass-gc");

    public Task<string> UrlAsync(string file, CancellationToken cancel)
    {
        using AmazonS3Client client = Client();
        return client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = "curl",
            Verb = HttpVerb.PUT,
            Protocol = Protocol.HTTP,
            Expires = DateTime.UtcNow.AddHours(1)
        });
    }

    public ValueTask DisposeAsync() => _ceph.DisposeAsync();

    private AmazonS3Client Client() => new(CephServer.AccessKey, CephServer.SecretKey, new AmazonS3Config
    {
        ServiceURL = _ceph.Endpoint.AbsoluteUri,
        AuthenticationRegion = "us-east-1",
        ForcePathStyle = true
    });
}
