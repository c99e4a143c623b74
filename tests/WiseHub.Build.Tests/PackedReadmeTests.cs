using System.IO.Compression;
using System.Reflection;
using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The README in the packages: a gallery shows it alone, without the files of the repository and without HTML.</summary>
public sealed partial class PackedReadmeTests(SdkFixture sdk)
{
    // From Directory.Build.props, by way of the attribute that the SDK makes of it.
    private static readonly string Repository =
        typeof(WiseCodes).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryUrl").Value!;

    [Fact]
    public async Task The_packed_README_has_absolute_links_and_is_otherwise_unchanged()
    {
        PackageFeed packages = await sdk.FeedAsync();
        string source = await File.ReadAllTextAsync(RepoFiles.At("README.md"));

        foreach (string file in Directory.EnumerateFiles(packages.Folder, "*.nupkg"))
        {
            string packed = await ReadmeAsync(file);
            IEnumerable<string> links = Link().Matches(packed).Select(m => m.Groups["target"].Value);
            Assert.Equal([], links.Where(l => !l.StartsWith("https://", StringComparison.Ordinal)));
            string pattern = $@"\]\({Regex.Escape(Repository)}/(blob|raw)/main/(?<path>[^)#\s]+)";
            IEnumerable<string> paths = Regex.Matches(packed, pattern).Select(m => m.Groups["path"].Value);
            Assert.Equal([], paths.Where(p => !Path.Exists(RepoFiles.At(p))));
            Assert.Equal(Mark().Replace(source, ""), packed.Replace($"{Repository}/blob/main/", "", StringComparison.Ordinal)
                .Replace($"{Repository}/raw/main/", "", StringComparison.Ordinal));
            Assert.Contains($"]({Repository}/blob/main/docs/index.md)", packed, StringComparison.Ordinal);
            Assert.Contains($"]({Repository}/raw/main/docs/images/terminal.svg)", packed, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_help_links_of_codes_point_to_the_same_repository()
    {
        string page = $"{Repository}/blob/main/docs/diagnostics.md";
        Assert.Equal($"{page}#wise1001", WiseCodes.HelpLink(WiseCodes.SdkTooOld));
        string targets = File.ReadAllText(RepoFiles.At("build/WiseHub.Build.targets"));
        Assert.Contains($"<_WiseHelp>{page}</_WiseHelp>", targets, StringComparison.Ordinal);
    }

    private static async Task<string> ReadmeAsync(string package)
    {
        await using ZipArchive archive = await ZipFile.OpenReadAsync(package);
        using var reader = new StreamReader(await archive.GetEntry("README.md")!.OpenAsync());
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"<!-- test: [a-z-]+ -->\n")]
    private static partial Regex Mark();
}
