using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The contents of the packages.</summary>
public sealed partial class PackageShapeTests(SdkFixture sdk)
{
    private static readonly string[] Projects = ["WiseHub.Build", "WiseHub.Client", "WiseHub.Extensions.Hosting", "WiseHub.Tool"];

    private static readonly string[] TaskFiles =
    [
        "AWSSDK.Core.dll", "AWSSDK.Extensions.Numerics.dll", "AWSSDK.S3.dll", "System.IO.Hashing.dll",
        "System.Security.Cryptography.Pkcs.dll", "WiseHub.Build.deps.json", "WiseHub.Build.dll", "WiseHub.Client.dll",
        "YamlDotNet.dll",
    ];

    private static readonly string[] EntryHostFiles =
        ["wisehub-entry-host.deps.json", "wisehub-entry-host.dll", "wisehub-entry-host.runtimeconfig.json"];

    private static readonly string[] ToolFiles =
    [
        "AWSSDK.Core.dll", "AWSSDK.Extensions.Numerics.dll", "AWSSDK.S3.dll", "DotnetToolSettings.xml",
        "Markdig.dll", "Spectre.Console.Ansi.dll", "Spectre.Console.dll", "System.CommandLine.dll", "System.IO.Hashing.dll",
        "System.Security.Cryptography.Pkcs.dll", "WiseHub.Client.dll", "YamlDotNet.dll", .. EntryHostFiles, "wisehub.deps.json",
        "wisehub.dll", "wisehub.runtimeconfig.json",
    ];

    // Windows has an implementation of its own.
    private static readonly string[] PortableToolFiles =
    [
        .. ToolFiles.Append("runtimes/win/lib/net10.0/System.Security.Cryptography.Pkcs.dll").Order(StringComparer.Ordinal),
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
                "WiseHub.Build/build/WiseModelReference.xaml",
                "WiseHub.Build/buildMultiTargeting/WiseHub.Build.props",
                "WiseHub.Build/buildMultiTargeting/WiseHub.Build.targets", "WiseHub.Build/buildTransitive/WiseHub.Build.props",
                "WiseHub.Build/buildTransitive/WiseHub.Build.targets",
                "WiseHub.Build/docs/diagnostics.md", "WiseHub.Build/icon.png",
                "WiseHub.Build/schemas/wise.lock.schema.json", "WiseHub.Build/schemas/wisehub.schema.json",
                .. TaskFiles.Select(f => "WiseHub.Build/tools/net10.0/any/" + f),
                "WiseHub.Client/LICENSE", "WiseHub.Client/README.md", "WiseHub.Client/WiseHub.Client.nuspec",
                "WiseHub.Client/icon.png", "WiseHub.Client/lib/net10.0/WiseHub.Client.dll",
                "WiseHub.Client/lib/net10.0/WiseHub.Client.xml",
                "WiseHub.Extensions.Hosting/LICENSE", "WiseHub.Extensions.Hosting/README.md",
                "WiseHub.Extensions.Hosting/WiseHub.Extensions.Hosting.nuspec", "WiseHub.Extensions.Hosting/icon.png",
                "WiseHub.Extensions.Hosting/lib/net10.0/WiseHub.Extensions.Hosting.dll",
                "WiseHub.Extensions.Hosting/lib/net10.0/WiseHub.Extensions.Hosting.xml",
            ], contents[0].Keys.Where(k => !k.StartsWith("WiseHub.Tool/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
            Assert.Equal(
            [
                "LICENSE", "README.md", "WiseHub.Tool.nuspec", "icon.png",
                .. PortableToolFiles.Select(f => "tools/net10.0/any/" + f),
            ], contents[0].Keys.Where(k => k.StartsWith("WiseHub.Tool/", StringComparison.Ordinal))
                .Select(k => k["WiseHub.Tool/".Length..]).Order(StringComparer.Ordinal));
            Assert.Equal(contents[0].Keys.Order(StringComparer.Ordinal), contents[1].Keys.Order(StringComparer.Ordinal));
            Assert.Equal("", string.Join('\n', contents[0].Where(c => !c.Key.EndsWith(".nuspec", StringComparison.Ordinal)
                && c.Value != contents[1][c.Key]).Select(c => c.Key)));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_package_of_the_tool_names_a_package_for_every_system_and_musl_gets_the_managed_one()
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await ToolPackageAsync(""), TestContext.Current.CancellationToken);
        string[] native = [.. await NativeSystemsAsync()];

        Assert.Equal(["LICENSE", "README.md", "WiseHub.Tool.nuspec", "icon.png", "tools/any/any/DotnetToolSettings.xml"],
            Names(package));
        XElement settings = XDocument.Load(package.GetEntry("tools/any/any/DotnetToolSettings.xml")!.Open()).Root!;
        Assert.Equal(
        [
            "DotNetCliTool Version=2", "Commands", "Command Name=wisehub", "RuntimeIdentifierPackages",
            .. ((string[])[PackedImage.Any, .. native])
                .Select(s => $"RuntimeIdentifierPackage RuntimeIdentifier={s} Id=WiseHub.Tool.{s}"),
            "RuntimeIdentifierPackage RuntimeIdentifier=linux-musl-x64 Id=WiseHub.Tool.any",
            "RuntimeIdentifierPackage RuntimeIdentifier=linux-musl-arm64 Id=WiseHub.Tool.any",
        ], settings.DescendantsAndSelf()
            .Select(e => string.Join(' ', [e.Name.LocalName, .. e.Attributes().Select(a => $"{a.Name}={a.Value}")])));
    }

    [Fact]
    public async Task The_managed_package_of_the_tool_has_IL_and_a_folder_for_each_compiled_system()
    {
        using ZipArchive package = await ZipFile.OpenReadAsync(await ToolPackageAsync(".any"),
            TestContext.Current.CancellationToken);
        IEnumerable<string> native = await NativeSystemsAsync();

        Assert.Equal(
        [
            "LICENSE", "README.md", "WiseHub.Tool.any.nuspec", "icon.png",
            .. ((string[])["any", "linux-arm64", "linux-x64", "win-x64"]).Except(native)
                .SelectMany(s => (s == "any" ? PortableToolFiles : ToolFiles).Select(f => $"tools/net10.0/{s}/{f}")),
        ], Names(package));
    }

    [Fact]
    public async Task A_native_package_of_the_tool_has_one_program_of_at_most_12_MB_and_what_runs_the_code_of_a_repo()
    {
        string[] native = [.. await NativeSystemsAsync()];
        Assert.SkipWhen(native.Length == 0, "These packages were made without native programs.");
        foreach (string system in native)
        {
            string file = await ToolPackageAsync("." + system);
            using ZipArchive package = await ZipFile.OpenReadAsync(file, TestContext.Current.CancellationToken);
            Assert.Equal(
            [
                "LICENSE", "README.md", $"WiseHub.Tool.{system}.nuspec", "icon.png",
                $"tools/any/{system}/DotnetToolSettings.xml", $"tools/any/{system}/wisehub",
                .. EntryHostFiles.Select(f => $"tools/any/{system}/{f}"),
            ], Names(package));
            Assert.Equal("DotNetCliTool Version=2 Commands Command Name=wisehub EntryPoint=wisehub Runner=executable",
                string.Join(' ', XDocument.Load(package.GetEntry($"tools/any/{system}/DotnetToolSettings.xml")!.Open())
                    .Root!.DescendantsAndSelf()
                    .Select(e => string.Join(' ', [e.Name.LocalName, .. e.Attributes().Select(a => $"{a.Name}={a.Value}")]))));
            Assert.InRange(new FileInfo(file).Length, 0, 12_000_000);
        }
    }

    [Fact]
    public async Task The_native_program_needs_no_newer_glibc_than_documented()
    {
        byte[] program = await NativeProgramAsync();
        Assert.Equal(new Version(2, 34), GlibcVersion().Matches(Encoding.Latin1.GetString(program))
            .Max(m => Version.Parse(m.Groups[1].Value)));
    }

    [Fact]
    public async Task The_publish_of_another_source_folder_is_the_same_native_program()
    {
        byte[] packed = await NativeProgramAsync();
        Assert.SkipWhen(PackageFeed.ReadyPackages is null, "Only ready packages are made of this very commit.");
        PackageFeed packages = await sdk.FeedAsync();
        using var folder = new TempFolder();
        PackageFeed.CopyPackageSources(folder["clone"]);
        // The commit is part of the program. A worktree has no repository of its own to copy.
        if (Directory.Exists(RepoFiles.At(".git")))
            await ProcessRunner.RunAsync("cp", ["-r", RepoFiles.At(".git"), folder["clone"]], folder.Path);
        else
            await ProcessRunner.RunAsync("git", ["clone", "--bare", "--quiet", RepoFiles.Root, folder["clone/.git"]],
                folder.Path);
        // The compiler is large, and the one that made the package is there.
        string compilers = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        // The command of the page about the tool.
        (await packages.Runner.RunAsync(folder["clone"], "dotnet",
            ["publish", "src/WiseHub.Tool", "-c", "Release", "-r", "linux-x64", "-p:PublishAot=true", "-o", folder["published"]],
            new Dictionary<string, string?> { ["NUGET_PACKAGES"] = compilers })).Succeeded();

        Assert.Equal([.. EntryHostFiles.Prepend("wisehub").Order(StringComparer.Ordinal)],
            Directory.EnumerateFiles(folder["published"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        byte[] published = await File.ReadAllBytesAsync(folder["published/wisehub"], TestContext.Current.CancellationToken);
        Assert.True(packed.AsSpan().SequenceEqual(published), "It differs from the packed program.");
    }

    [Fact]
    public async Task Without_a_linker_a_pack_says_so_and_the_managed_package_serves_that_system()
    {
        PackageFeed packages = await sdk.FeedAsync();
        using var folder = new TempFolder();
        PackageFeed.CopyPackageSources(folder["clone"]);

        // As IL, which takes the least time.
        SdkRun pack = (await packages.ReleaseAsync(folder["clone"], folder["feed"], "WiseHub.Tool", "-v:m",
            "-p:PackReadyToRun=false", "-p:PackNative=true",
            $"-p:NativeLinkerX64={folder["none-x64"]}", $"-p:NativeLinkerArm64={folder["none-arm64"]}"))
            .Succeeded();

        Assert.Equal(
        [
            $"No native package of WiseHub.Tool for linux-x64: its linker {folder["none-x64"]} is missing. "
                + "Install Debian's or Ubuntu's gcc-x86-64-linux-gnu.",
            $"No native package of WiseHub.Tool for linux-arm64: its linker {folder["none-arm64"]} is missing. "
                + "Install Debian's or Ubuntu's gcc-aarch64-linux-gnu.",
        ], pack.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("No ", StringComparison.Ordinal)));
        Assert.DoesNotContain("warning", pack.Output, StringComparison.Ordinal);
        Assert.Equal(["WiseHub.Tool.1.0.0.nupkg", "WiseHub.Tool.any.1.0.0.nupkg"],
            Directory.EnumerateFiles(folder["feed"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DLLs_have_embedded_symbols_and_the_package_names_its_readme_license_icon_and_changelog()
    {
        PackageFeed packages = await sdk.FeedAsync();
        var dependencies = new Dictionary<string, string[]>
        {
            // The tasks bring their own DLLs; a dependency would land in the projects that use the package.
            ["WiseHub.Build"] = [],
            ["WiseHub.Client"] =
                ["AWSSDK.Core", "AWSSDK.S3", "System.IO.Hashing", "System.Security.Cryptography.Pkcs", "YamlDotNet"],
            ["WiseHub.Extensions.Hosting"] = ["Microsoft.Extensions.Diagnostics.HealthChecks",
                "Microsoft.Extensions.Hosting.Abstractions", "WiseHub.Client"],
        };
        foreach (string id in dependencies.Keys)
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
            XElement metadata = XDocument.Load(package.GetEntry($"{id}.nuspec")!.Open()).Root!.Elements().Single();
            string? Value(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
            Assert.Equal(("MIT", "README.md", "icon.png"), (Value("license"), Value("readme"), Value("icon")));
            Assert.Equal(Value("projectUrl") + "/blob/main/CHANGELOG.md", Value("releaseNotes"));
            Assert.Equal(dependencies[id], metadata.Descendants().Where(e => e.Name.LocalName == "dependency")
                .Select(e => e.Attribute("id")!.Value).Order(StringComparer.Ordinal));
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

    private async Task<string> ToolPackageAsync(string suffix) =>
        Directory.GetFiles(await sdk.ReleaseAsync(), $"WiseHub.Tool{suffix}.*.nupkg")
            .Single(f => char.IsAsciiDigit(Path.GetFileName(f)[$"WiseHub.Tool{suffix}.".Length]));

    /// <summary>The systems with a native package: those with a linker where the packages were made.</summary>
    private async Task<IEnumerable<string>> NativeSystemsAsync()
    {
        string folder = await sdk.ReleaseAsync();
        return ((string[])["linux-x64", "linux-arm64"]).Where(s => Directory.GetFiles(folder, $"WiseHub.Tool.{s}.*").Length > 0);
    }

    /// <summary>The program for Linux x64 from its package.</summary>
    private async Task<byte[]> NativeProgramAsync()
    {
        Assert.SkipUnless((await NativeSystemsAsync()).Contains("linux-x64"),
            "These packages have no native program for Linux x64.");
        using ZipArchive package = await ZipFile.OpenReadAsync(await ToolPackageAsync(".linux-x64"),
            TestContext.Current.CancellationToken);
        using var program = new MemoryStream();
        await using Stream entry = await package.GetEntry("tools/any/linux-x64/wisehub")!
            .OpenAsync(TestContext.Current.CancellationToken);
        await entry.CopyToAsync(program, TestContext.Current.CancellationToken);
        return program.ToArray();
    }

    private static IEnumerable<string> Names(ZipArchive package) =>
        Entries(package).Select(e => e.FullName).Order(StringComparer.Ordinal);

    private static IEnumerable<ZipArchiveEntry> Entries(ZipArchive package) =>
        package.Entries.Where(e => !e.FullName.EndsWith(".psmdcp", StringComparison.Ordinal)
            && e.FullName is not "_rels/.rels" and not "[Content_Types].xml");

    private static IEnumerable<KeyValuePair<string, string>> Contents(string package, string id)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        foreach (ZipArchiveEntry entry in Entries(archive))
        {
            using Stream content = entry.Open();
            yield return new($"{id}/{entry.FullName}", Convert.ToHexString(SHA256.HashData(content)));
        }
    }

    [GeneratedRegex("\0GLIBC_([0-9]+\\.[0-9]+)")]
    private static partial Regex GlibcVersion();
}
