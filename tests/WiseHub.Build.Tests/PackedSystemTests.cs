using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// The packages of <c>dotnet pack</c> load on every system, and a build loads the images for the system that it runs on.
/// </summary>
public sealed partial class PackedSystemTests(SdkFixture sdk)
{
    private static readonly string[] CompiledFor = ["linux-arm64", "linux-x64", "win-x64"];

    /// <summary>The RID of the process that builds here; for macOS and musl nothing is compiled ahead of time.</summary>
    private static readonly string ThisSystem =
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    [Fact]
    public async Task Every_DLL_in_the_packages_is_for_the_system_of_its_folder()
    {
        var faults = new List<string>();
        var tools = new Dictionary<string, ILookup<string, string>>();
        foreach (string file in Directory.GetFiles(await sdk.ReleaseAsync(), "*.nupkg").Order(StringComparer.Ordinal))
        {
            using ZipArchive package = await ZipFile.OpenReadAsync(file, TestContext.Current.CancellationToken);
            foreach (ZipArchiveEntry image in package.Entries.Where(IsImage))
            {
                using var bytes = new MemoryStream();
                await using (Stream content = await image.OpenAsync(TestContext.Current.CancellationToken))
                    await content.CopyToAsync(bytes, TestContext.Current.CancellationToken);
                bytes.Position = 0;
                if (PackedImage.Fault(image.FullName, bytes) is { } fault)
                    faults.Add($"{Path.GetFileName(file)}: {fault}");
            }

            // Of WiseHub.Tool.any.1.0.0.nupkg, Tool.any.
            tools[VersionAndExtension().Replace(Path.GetFileName(file), "")["WiseHub.".Length..]] = package.Entries
                .Where(e => e.FullName.StartsWith("tools/", StringComparison.Ordinal))
                .ToLookup(e => e.FullName.Split('/')[2], e => e.Name);
        }

        Assert.Equal([], faults);
        string[] native = [.. tools.Keys.Where(k => k.StartsWith("Tool.linux-", StringComparison.Ordinal))];
        Assert.Equal(["Build", "Client", "Extensions.Hosting", "Tool", "Tool.any", .. native],
            tools.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(tools["Client"]);
        Assert.Equal([PackedImage.Any, .. CompiledFor], tools["Build"].Select(t => t.Key).Order(StringComparer.Ordinal));
        // A system has a native package or, without one, a folder of compiled DLLs.
        Assert.Equal([PackedImage.Any, .. CompiledFor.Where(s => !native.Contains($"Tool.{s}"))],
            tools["Tool.any"].Select(t => t.Key).Order(StringComparer.Ordinal));
        foreach (string package in (string[])["Build", "Tool.any"])
        {
            // A folder of one system has all that the folder of any system has: whoever takes it looks nowhere else.
            string[] all = [.. tools[package][PackedImage.Any].Distinct().Order(StringComparer.Ordinal)];
            Assert.All(tools[package], t => Assert.Equal(all, t.Distinct().Order(StringComparer.Ordinal)));
        }
    }

    private static bool IsImage(ZipArchiveEntry entry) =>
        entry.Name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || entry.Name == "wisehub";

    [Theory]
    [InlineData("tools/net10.0/any/x.dll")]
    [InlineData("tools/net10.0/x.dll")]
    [InlineData("lib/net10.0/x.dll")]
    [InlineData("tools/net10.0/linux-s390x/x.dll")]
    public void The_check_detects_an_image_in_the_folder_of_another_system(string path)
    {
        // .NET's own DLLs are ready-to-run images of the system they run on.
        using FileStream image = File.OpenRead(typeof(object).Assembly.Location);
        Assert.NotNull(PackedImage.Fault(path, image));
        image.Position = 0;
        Assert.Null(PackedImage.Fault($"tools/net10.0/{ThisSystem}/x.dll", image));
    }

    [Fact]
    public void The_check_detects_IL_in_the_folder_of_a_compiled_image()
    {
        using FileStream image = File.OpenRead(typeof(PackedSystemTests).Assembly.Location);
        Assert.Equal("tools/net10.0/win-x64/x.dll: for win-x64 by its folder, but it is any",
            PackedImage.Fault("tools/net10.0/win-x64/x.dll", image));
        image.Position = 0;
        Assert.Null(PackedImage.Fault("tools/net10.0/any/x.dll", image));
    }

    [Fact]
    public void The_check_detects_a_native_program_for_another_processor()
    {
        byte[] header = new byte[64];
        "\u007FELF"u8.CopyTo(header);
        header[18] = 0xB7;
        Assert.Equal("tools/any/linux-x64/wisehub: for native linux-x64 by its folder, but it is native linux-arm64",
            PackedImage.Fault("tools/any/linux-x64/wisehub", new MemoryStream(header)));
        Assert.Null(PackedImage.Fault("tools/any/linux-arm64/wisehub", new MemoryStream(header)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("-p:RuntimeIdentifier=linux-arm64")]
    [InlineData("-p:RuntimeIdentifier=win-x64")]
    public async Task Tasks_are_compiled_for_the_building_system_and_not_for_the_target_system(string? argument) =>
        Assert.Equal(CompiledFor.Contains(ThisSystem) && !IsMusl ? ThisSystem : PackedImage.Any,
            await ChosenAsync(argument, CompiledFor));

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-s390x")]
    [InlineData("osx-arm64")]
    [InlineData("")]
    public async Task An_SDK_for_another_system_or_for_none_loads_IL(string system) =>
        Assert.Equal(PackedImage.Any, await ChosenAsync($"-p:NETCoreSdkPortableRuntimeIdentifier={system}", CompiledFor));

    [Fact]
    public async Task An_SDK_that_names_another_processor_loads_IL() => Assert.Equal(PackedImage.Any,
        await ChosenAsync($"-p:NETCoreSdkPortableRuntimeIdentifier={CompiledFor.First(s => s != ThisSystem)}", CompiledFor));

    [Fact]
    public async Task A_package_without_compiled_images_provides_IL() =>
        Assert.Equal(PackedImage.Any, await ChosenAsync(null, []));

    [GeneratedRegex(@"\.[0-9]+\.[0-9]+\.[0-9]+.*$")]
    private static partial Regex VersionAndExtension();

    private static bool IsMusl => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    /// <summary>The folder from which a project would take its tasks, when the package has some for these systems.</summary>
    private static async Task<string> ChosenAsync(string? argument, string[] systems)
    {
        using var folder = new TempFolder();
        foreach (string file in Directory.GetFiles(RepoFiles.At("build")))
            folder.Write("build/" + Path.GetFileName(file),
                await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        foreach (string system in (string[])[PackedImage.Any, .. systems])
            folder.Write($"tools/net10.0/{system}/WiseHub.Build.dll", "");
        folder.Write("App.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="build/WiseHub.Build.props" />
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Import Project="build/WiseHub.Build.targets" />
            </Project>
            """);
        SdkRun run = (await new SdkRunner(folder["packages"]).RunAsync(folder.Path, "dotnet",
            ["msbuild", "App.csproj", "-nologo", "-getProperty:WiseHubTasksAssembly",
                .. argument is null ? [] : (string[])[argument]])).Succeeded();
        string assembly = Path.GetFullPath(run.Output.Trim());
        Assert.True(File.Exists(assembly), assembly);
        return Path.GetFileName(Path.GetDirectoryName(assembly)!);
    }
}
