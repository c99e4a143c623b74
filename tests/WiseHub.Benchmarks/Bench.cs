using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;

namespace WiseHub.Benchmarks;

/// <summary>What all measures work with.</summary>
internal sealed class Bench(
    BenchmarkOptions options, string folder, Packages packages, HubContent content, Repos repos, NginxHub hub)
{
    /// <summary>Deleted at the end.</summary>
    public string Folder { get; } = folder;

    public Packages Packages { get; } = packages;

    public Repos Repos { get; } = repos;

    public NginxHub Hub { get; } = hub;

    /// <summary>The same server, by other protocols.</summary>
    public OtherHubs OtherHubs { get; } = new(content, repos);

    public Sizes Sizes { get; } = options.Sizes;

    public int Rounds { get; } = options.Rounds ?? options.Sizes.Rounds;

    /// <summary>Builds spread more than single programs.</summary>
    public int Builds => Math.Max(Rounds, Sizes.Builds);

    public Wisehub Tool { get; } = new(packages.Tool, Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName);

    public NpmClient Npm { get; } = new(Path.Combine(folder, "npm"));

    public GitClone Git { get; } = new(Directory.CreateDirectory(Path.Combine(folder, "git")).FullName, content);
}
