using System.Globalization;
using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks;

/// <summary>The repos of the hub; each is made at its first use and has the same contents in every run.</summary>
internal sealed class Repos
{
    private const string Main = "main";

    private const int FewFiles = 10;

    private readonly HubContent _content;
    private readonly Sizes _sizes;
    private readonly Lazy<HubRepo> _large, _many, _few, _changed, _ten, _mixed, _both, _hub;
    private readonly Lazy<IReadOnlyList<HubRepo>> _series, _references;

    public Repos(HubContent content, Sizes sizes)
    {
        (_content, _sizes) = (content, sizes);
        _large = new(() => MakeOne(1, "large", sizes.Large));
        _many = new(() => Make(2, "many", () => content.Small(sizes.Many)));
        _few = new(() => Make(8, "few", () => content.Small(FewFiles)));
        _changed = new(MakeChanged);
        _ten = new(() => Make(4, "ten-times-many", () => content.Small(10 * sizes.Many)));
        _mixed = new(() => Make(5, "mixed", MixedFiles));
        _both = new(() => Make(6, "large-and-many", () => Large.Files.Concat(Many.Files)));
        _hub = new(() => MakeOne(7, "hub", sizes.Hub));
        _series = new(() => [.. sizes.Series.Select(
            (size, i) => MakeOne(10 + i, string.Create(CultureInfo.InvariantCulture, $"size-{i}"), size))]);
        _references = new(() => [.. Enumerable.Range(0, sizes.References).Select(i => Make(100 + i,
            string.Create(CultureInfo.InvariantCulture, $"part-{i:000}"), () => content.Small(sizes.FilesEach)))]);
    }

    /// <summary>One large file.</summary>
    public HubRepo Large => _large.Value;

    /// <summary>Small files.</summary>
    public HubRepo Many => _many.Value;

    /// <summary>Ten small files.</summary>
    public HubRepo Few => _few.Value;

    /// <summary>The next commit of <see cref="Many"/>, with one changed file.</summary>
    public HubRepo Changed => _changed.Value;

    /// <summary>The branch of <see cref="Changed"/>.</summary>
    public string ChangedRevision { get; } = "next";

    /// <summary>Ten times as many small files.</summary>
    public HubRepo TenTimesMany => _ten.Value;

    /// <summary>Eight large files and forty small ones.</summary>
    public HubRepo Mixed => _mixed.Value;

    /// <summary>The contents of <see cref="Large"/> and of <see cref="Many"/>.</summary>
    public HubRepo LargeAndMany => _both.Value;

    /// <summary>The file that comes through each hub.</summary>
    public HubRepo Hub => _hub.Value;

    /// <summary>One file each, in growing sizes.</summary>
    public IReadOnlyList<HubRepo> Series => _series.Value;

    /// <summary>The repos of a build with many references.</summary>
    public IReadOnlyList<HubRepo> References => _references.Value;

    private HubRepo Make(int seed, string name, Func<IEnumerable<(string Path, Blob Blob)>> files)
    {
        _content.Seed(seed);
        return _content.Commit("bench/" + name, Main, files());
    }

    private IEnumerable<(string Path, Blob Blob)> MixedFiles()
    {
        string[] folders = ["", "onnx/", "tokenizer/", "tokenizer/extra/"];
        for (int i = 1; i <= 8; i++)
            yield return ($"model-{i:00000}-of-00008.bin", _content.Large(_sizes.Shard));
        for (int i = 0; i < 40; i++)
            yield return ($"{folders[i % folders.Length]}file-{i:00}.json", _content.Small());
    }

    private HubRepo MakeOne(int seed, string name, long size) =>
        Make(seed, name, () => [("model.bin", _content.Large(size))]);

    private HubRepo MakeChanged()
    {
        (string Path, Blob Blob)[] files = [.. Many.Files];
        _content.Seed(3);
        files[_sizes.Many / 2].Blob = _content.Small();
        return _content.Commit(Many.Id, ChangedRevision, files);
    }
}
