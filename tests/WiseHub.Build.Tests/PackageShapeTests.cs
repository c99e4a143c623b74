using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Xml.Linq;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The contents of the three packages.</summary>
public sealed class PackageShapeTests(SdkFixture sdk)
{
    private static readonly string[] Projects = ["WiseHub.Build", "WiseHub.Client", "WiseHub.Tool"];

    private static readonly string[] TaskFiles =
    [
        "AWSSDK.Core.dll", "AWSSDK.Extensions.Numerics.dll", "AWSSDK.S3.dll", "System.IO.Hashing.dll", "WiseHub.Build.deps.json",
        "WiseHub.Build.dll", "WiseHub.Client.dll", "YamlDotNet.dll",
    ];

    private static readonly string[] ToolFiles =
    [
        "AWSSDK.Core.dll", "AWSSDK.Extensions.Numerics.dll", "AWSSDK.S3.dll", "DotnetToolSettings.xml",
        "Spectre.Console.Ansi.dll", "Spectre.Console.dll", "System.CommandLine.dll", "System.IO.Hashing.dll",
        "WiseHub.Client.dll", "YamlDotNet.dll", "wisehub-entry-host.deps.json", "wisehub-entry-host.dll",
        "wisehub-entry-host.runtimeconfig.json", "wisehub.deps.json", "wisehub.dll", "wisehub.runtimeconfig.json",
    ];

    [Fact]
    public async Task Packages_have_the_right_entries_and_the_same_DLLs_from_any_source_folder()
    {
        PackageFeed packages = await sdk.FeedAsync();
        DirectoryInfo root = Directory.CreateTempSubdirectory("wisehub-pack-");
        try
        {
            var contents = new List<Dictionary<string, string>>();
            foreach (string clone in (string[])["one", "two/deeper"])
            {
                string feed = Path.Combine(root.FullName, "feed", clone);
                SdkRun pack = (await packages.PackAsync(Path.Combine(root.FullName, clone), feed, Projects)).Succeeded();
                Assert.Equal("", pack.Output);
                Assert.Equal(Projects.Select(p => $"{p}.{packages.Version}.nupkg"), Directory.EnumerateFiles(feed)
                    .Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
                contents.Add(
                    Projects.SelectMany(p => Contents(Path.Combine(feed, $"{p}.{packages.Version}.nupkg"), p)).ToDictionary());
            }

            Assert.Equal(
            [
                "WiseHub.Build/LICENSE", "WiseHub.Build/README.md", "WiseHub.Build/WiseHub.Build.nuspec",
                "WiseHub.Build/build/WiseHub.Build.props", "WiseHub.Build/build/WiseHub.Build.targets",
                "WiseHub.Build/buildMultiTargeting/WiseHub.Build.props",
                "WiseHub.Build/buildMultiTargeting/WiseHub.Build.targets", "WiseHub.Build/buildTransitive/WiseHub.Build.props",
                "WiseHub.Build/buildTransitive/WiseHub.Build.targets",
                "WiseHub.Build/docs/diagnostics.md",
                .. TaskFiles.Select(f => "WiseHub.Build/tools/net10.0/any/" + f),
                "WiseHub.Client/LICENSE", "WiseHub.Client/README.md", "WiseHub.Client/WiseHub.Client.nuspec",
                "WiseHub.Client/lib/net10.0/WiseHub.Client.dll", "WiseHub.Client/lib/net10.0/WiseHub.Client.xml",
            ], contents[0].Keys.Where(k => !k.StartsWith("WiseHub.Tool/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
            Assert.Equal(
            [
                "LICENSE", "README.md", "WiseHub.Tool.nuspec", .. ToolFiles.Select(f => "tools/net10.0/any/" + f),
            ], contents[0].Keys.Where(k => k.StartsWith("WiseHub.Tool/", StringComparison.Ordinal))
                .Select(k => k["WiseHub.Tool/".Length..]).Order(StringComparer.Ordinal));
            Assert.Equal(contents[0].Where(c => !c.Key.EndsWith(".nuspec", StringComparison.Ordinal)),
                contents[1].Where(c => !c.Key.EndsWith(".nuspec", StringComparison.Ordinal)));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task DLLs_have_embedded_symbols_and_the_package_names_its_readme_and_license()
    {
        PackageFeed packages = await sdk.FeedAsync();
        foreach (string id in (string[])["WiseHub.Build", "WiseHub.Client"])
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
            XElement metadata = XDocument.Load(package.GetEntry($"{id}.nuspec")!.Open()).Root!.Elements().Single();
            string? Value(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
            Assert.Equal(("MIT", "README.md"), (Value("license"), Value("readme")));
            // The tasks bring their own DLLs; a dependency would land in the projects that use the package.
            Assert.Equal(id == "WiseHub.Build" ? [] : ["AWSSDK.Core", "AWSSDK.S3", "System.IO.Hashing", "YamlDotNet"],
                metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value));
            foreach (ZipArchiveEntry dll in package.Entries.Where(e => e.Name.StartsWith("WiseHub.", StringComparison.Ordinal)
                && e.Name.EndsWith(".dll", StringComparison.Ordinal)))
            {
                using Stream packed = dll.Open();
                using var bytes = new MemoryStream();
                packed.CopyTo(bytes);
                bytes.Position = 0;
                using var image = new PEReader(bytes);
                Assert.Contains(image.ReadDebugDirectory(), d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
                Assert.Contains(image.ReadDebugDirectory(), d => d.Type == DebugDirectoryEntryType.Reproducible);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Contents(string package, string id)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(e => !e.FullName.EndsWith(".psmdcp", StringComparison.Ordinal)
            && e.FullName is not "_rels/.rels" and not "[Content_Types].xml"))
        {
            using Stream content = entry.Open();
            yield return new($"{id}/{entry.FullName}", Convert.ToHexString(SHA256.HashData(content)));
        }
    }
}
