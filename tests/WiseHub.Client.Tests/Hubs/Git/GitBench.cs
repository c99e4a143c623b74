using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A project whose default hub <c>git</c> is a <see cref="GitHost"/>, and a clock that skips waits.</summary>
internal sealed partial class GitBench : IAsyncDisposable
{
    public const string Id = "acme/tiny";

    private GitBench(GitHost host, string? more)
    {
        Host = host;
        Project.Log.Hiding(host.Endpoint.GetLeftPart(UriPartial.Authority), "<host>")
            .Hiding(host.LfsEndpoint.GetLeftPart(UriPartial.Authority), "<lfs>");
        Configure(more ?? "");
        Project.UsePrograms();
        foreach ((string name, string? value) in GitRepo.Environment)
        {
            if (value is not null)
                Project.SetEnvironment(name, value);
        }
    }

    public RestoreBench Project { get; } = new();

    public GitHost Host { get; }

    public SkippingTime Time { get; } = new();

    /// <summary>Requests in order, with commits and digests shortened, without queries.</summary>
    public string Requests =>
        string.Join('\n', Host.Requests.All.Select(r => Hexadecimal().Replace(r.ToString(), m => m.Value[..4] + "…")));

    public static async Task<GitBench> StartAsync(GitHostOptions? options = null, string? more = null) =>
        new(await GitHost.StartAsync(options), more);

    /// <summary>Declares the hub again, with more settings.</summary>
    public void Configure(string more) => Project.Configure(
        $$"""
        {"defaultHub":"git","hubs":{"git":{"protocol":"git","endpoint":"{{Host.Endpoint.GetLeftPart(UriPartial.Authority)}}",
         "stallTimeout":3600,"totalTimeout":7200{{more}} } } }
        """);

    public static RepoReference Reference(string? revision = null, string id = Id) => new() { RepoId = id, Revision = revision };

    public HubClient NewClient(Func<HubClientOptions, HubClientOptions>? change = null) => Project.NewClient(o =>
    {
        o = o with { Time = Time, MaxParallelDownloads = 1 };
        return change is null ? o : change(o);
    });

    public async Task<RestoreResult> RestoreAsync(params RepoReference[] references)
    {
        using HubClient client = NewClient();
        return await client.RestoreAsync(Project.Request(references.Length > 0 ? references : [Reference()]));
    }

    /// <summary>Path and content of each file, after a restore of one reference.</summary>
    public async Task<string> ContentsAsync(RepoReference? reference = null) =>
        RestoreBench.Contents((await RestoreAsync(reference ?? Reference())).Snapshots[0]);

    public async Task<string> FailureAsync(RepoReference? reference = null) =>
        Hexadecimal().Replace(await Project.FailureOfAsync(() => RestoreAsync(reference ?? Reference())),
            m => m.Value[..4] + "…");

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Project.Dispose();
    }

    [GeneratedRegex("[0-9a-f]{64}|[0-9a-f]{40}")]
    private static partial Regex Hexadecimal();
}
