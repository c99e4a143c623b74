using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace WiseHub.Testing;

/// <summary>How a test hub behaves.</summary>
public sealed class TestHubOptions
{
    /// <summary>Regular files answer with a relative 307 to <c>/api/resolve-cache/…</c>, as the live hub does.</summary>
    public bool RegularByRedirect { get; set; } = true;

    /// <summary>LFS files also have the headers of Xet storage.</summary>
    public bool Xet { get; set; }

    /// <summary>Entries of a tree page.</summary>
    public int TreePageSize { get; set; } = 1000;

    /// <summary>How long a signed URL works.</summary>
    public TimeSpan SignedUrlLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>LFS contents of this size and more are uploaded in parts.</summary>
    public long MultipartThreshold { get; set; } = 1_000_000;

    /// <summary>Size of a part.</summary>
    public long PartSize { get; set; } = 500_000;

    /// <summary>
    /// The part URLs of an upload are not listed in their order, which the protocol allows and not every client survives.
    /// </summary>
    public bool PartsOutOfOrder { get; set; }

    /// <summary>Port of the hub; 0 = one that is free.</summary>
    public int Port { get; set; }

    /// <summary>Who may log in. The first is the one of <see cref="TestHub.Token"/>.</summary>
    public IList<TestAccount> Accounts { get; } =
    [
        new("tester", "hf_test") { Organizations = ["acme"] },
        new("reader", "hf_read") { MayWrite = false },
    ];

    /// <summary>
    /// Namespaces whose new repos are private unless their creator says otherwise, as an organization of the
    /// live hub can ask for.
    /// </summary>
    public IList<string> PrivateByDefault { get; } = [];

    /// <summary>The clock of commits and signed URLs.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
}

/// <summary>
/// A server on loopback that speaks the Hugging Face protocol for reading and writing (docs/protocols/huggingface.md), and
/// Wisemodel's (docs/protocols/wisemodel.md), holds contents on disk, logs requests, and fails by script. It has two origins: the
/// hub, and a CDN that serves LFS contents by signed URLs.
/// </summary>
public sealed class TestHub : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Type, string Id), TestRepo> _repos = [];
    private readonly Dictionary<(string Type, string Id), string> _renamed = [];
    private readonly HubApi _api;
    private readonly LfsApi _lfs;
    private readonly GitLabReadApi _gitlab;
    private readonly GatewayApi _gateway;

    private TestHub(TestHubOptions options, DirectoryInfo root)
    {
        Options = options;
        Root = root;
        Contents = new ContentStore(Directory.CreateDirectory(Path.Combine(root.FullName, "content")).FullName);
        _api = new HubApi(this);
        _lfs = new LfsApi(this);
        _gitlab = new GitLabReadApi(this);
        _gateway = new GatewayApi(this);
        _app = LoopbackServer.Create([options.Port, 0]);
        _app.Run(HandleAsync);
    }

    /// <summary>The hub's origin.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The origin of signed URLs.</summary>
    public Uri CdnEndpoint { get; private set; } = null!;

    /// <summary>
    /// The token of the first account, which is <c>tester</c> unless the options say otherwise: it may write to what is its own.
    /// </summary>
    public string Token => Options.Accounts[0].Token;

    /// <summary>The git token of <c>tester</c>, for GitLab's API and git over HTTPS.</summary>
    public string GitToken { get; } = "wm_git";

    /// <summary>The password of <c>tester</c>, for Wisemodel's gateway.</summary>
    public string Password { get; } = "wm_password";

    /// <summary>
    /// How it behaves as Wisemodel. Contents come from both origins, so that the proxy can be apart from GitLab.
    /// </summary>
    public WisemodelOptions Wisemodel { get; } = new();

    /// <summary>What was asked.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary>Where contents are; deleted at the end.</summary>
    public DirectoryInfo Root { get; }

    internal TestHubOptions Options { get; }

    internal ContentStore Contents { get; }

    /// <summary>Starts a hub on ports of its own.</summary>
    public static async Task<TestHub> StartAsync(TestHubOptions? options = null)
    {
        var hub = new TestHub(options ?? new TestHubOptions(), Directory.CreateTempSubdirectory("wisehub-testhub"));
        await hub._app.StartAsync();
        string[] addresses = [.. hub._app.Urls];
        (hub.Endpoint, hub.CdnEndpoint) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return hub;
    }

    /// <summary>Makes an empty repo.</summary>
    /// <param name="id"><c>owner/name</c> or a name.</param>
    /// <param name="type">model, dataset, code or space.</param>
    /// <param name="isPrivate">Only seen with the token.</param>
    /// <param name="gated">Files only with the token.</param>
    public TestRepo CreateRepo(string id, string type = "model", bool isPrivate = false, bool gated = false) =>
        TryCreateRepo(id, type, isOfTest: true) is TestRepo repo ? With(repo, isPrivate, gated)
        : throw new ArgumentException($"{id} is there already.", nameof(id));

    /// <summary>A repo, or null. Ids ignore case.</summary>
    public TestRepo? FindRepo(string id, string type = "model")
    {
        lock (_gate)
            return _repos.GetValueOrDefault(Key(id, type));
    }

    /// <summary>Gives a repo another id; the old one redirects.</summary>
    public void Rename(string fromId, string toId, string type = "model")
    {
        lock (_gate)
        {
            _repos.Remove(Key(fromId, type), out TestRepo? repo);
            repo!.Id = toId;
            _repos[Key(toId, type)] = repo;
            _renamed[Key(fromId, type)] = toId;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Root.Delete(recursive: true);
    }

    internal TestRepo? TryCreateRepo(string id, string type, bool isOfTest = false)
    {
        lock (_gate)
        {
            if (_repos.ContainsKey(Key(id, type)))
                return null;
            return _repos[Key(id, type)] = new TestRepo(id, type, Contents, Options.Time) { IsOfTest = isOfTest };
        }
    }

    internal bool DeleteRepo(string id, string type)
    {
        lock (_gate)
            return _repos.Remove(Key(id, type));
    }

    internal string? RenamedTo(string id, string type)
    {
        lock (_gate)
            return _renamed.GetValueOrDefault(Key(id, type));
    }

    internal IReadOnlyList<TestRepo> ReposOf(string type)
    {
        lock (_gate)
            return [.. _repos.Values.Where(r => r.Type == type).OrderBy(r => r.Id, StringComparer.Ordinal)];
    }

    private static TestRepo With(TestRepo repo, bool isPrivate, bool gated)
    {
        (repo.IsPrivate, repo.IsGated) = (isPrivate, gated);
        return repo;
    }

    private static (string, string) Key(string id, string type) => (type, id.ToUpperInvariant());

    private async Task HandleAsync(HttpContext context)
    {
        string origin = context.Connection.LocalPort == Endpoint.Port ? "hub" : "cdn";
        string path = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        Dictionary<string, string> headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        bool isRecorded = false;
        var body = new AnswerBody(context, Faults.Take(origin, context.Request.Method, path));
        body.BeforeLast = Record;
        context.Response.Body = body;
        try
        {
            await AnswerAsync(new Call(this, context, origin, path, body.Fault));
        }
        catch (ApiError e)
        {
            await e.WriteAsync(context.Response);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedForTest)
        {
            // The other side left, or a fault broke the connection.
            context.Abort();
        }
        finally
        {
            if (!isRecorded)
                Record();
        }

        void Record()
        {
            isRecorded = true;
            Requests.Add(new RequestRecord(origin, context.Request.Method, path, headers,
                context.Response.StatusCode, body.Written));
        }
    }

    private async Task AnswerAsync(Call call)
    {
        switch (call.Fault)
        {
            case Fault.Status status:
                throw new ApiError(status.Code, status.ErrorCode, status.ErrorMessage)
                { RetryAfter = status.RetryAfter, Text = status.Body };
            case Fault.RedirectTo redirect:
                call.Response.StatusCode = redirect.Code;
                call.Response.Headers.Location = redirect.Target.OriginalString;
                return;
            case Fault.Delay delay:
                await Task.Delay(delay.Duration, Options.Time, call.Cancel);
                break;
            case Fault.RangeNotSatisfiable:
                throw new ApiError(416, null, "Range not satisfiable");
            case Fault.ExpiredUrl:
                throw new ApiError(403, null, null)
                { Text = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>" };
        }
        if (await _gateway.TryAnswerAsync(call) || await _gitlab.TryAnswerAsync(call))
            return;
        if (call.Origin == "cdn")
        {
            await _lfs.ServeCdnAsync(call);
            return;
        }
        // Every answer of the live hub has these (docs/protocols/huggingface.md#errors).
        call.Response.Headers["RateLimit"] = "\"api\";r=499;t=300";
        call.Response.Headers["RateLimit-Policy"] = "\"fixed window\";\"api\";q=500;w=300";
        call.Response.Headers["X-Request-Id"] = $"Root=1-{Guid.NewGuid():N};{call.Request.Headers["X-Amzn-Trace-Id"]}";
        // The LFS server stands for both hubs.
        call.Authenticate([.. Options.Accounts],
            call.Parts.Any(p => p.EndsWith(".git", StringComparison.Ordinal)) || call.Parts[0] == "lfs-verify" ? GitToken : null);
        if (!await _lfs.TryAnswerAsync(call) && !await _api.TryAnswerAsync(call))
            throw new ApiError(404, null, "Not Found");
    }
}
