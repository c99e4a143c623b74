using System.Security.Cryptography;
using WiseHub.Client;
using WiseHub.EntryHost;

namespace WiseHub.Tool.Tests;

/// <summary>The process for the code of a repo: where its program is found, and what it refuses to load.</summary>
public sealed class EntryProcessTests : IDisposable
{
    private static readonly string Dotnet = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("wisehub-entry-");
    private readonly Dictionary<string, string?> _environment = [];
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        _errors.Dispose();
        _root.Delete(recursive: true);
    }

    private EntryProcess New(params string[] folders) =>
        new(_environment.GetValueOrDefault, new PlainLog(_errors), _errors) { InstallFolders = folders };

    private string Folder(string name, string script = "")
    {
        string file = Path.Combine(_root.CreateSubdirectory(name).FullName, Dotnet);
        File.WriteAllText(file, "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return Path.GetDirectoryName(file)!;
    }

    private static EntryHostRequest Request(string path, string? entry = null) => new()
    {
        Repo = "acme/m",
        Path = path,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(TestEntries.Read("hubconf.dll"))),
        Dependencies = [],
        Entry = entry,
        Arguments = new Dictionary<string, string>(),
    };

    private static async Task<string> FailureAsync(EntryProcess process, EntryHostRequest request)
    {
        HubException e = await Assert.ThrowsAsync<HubException>(
            () => process.RunAsync(request, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        return $"{e.Code}: {e.Message}";
    }

    [Fact]
    public void Dotnet_is_found_by_the_variables_then_on_PATH_then_in_the_usual_folders()
    {
        string[] folders = [.. ((string[])["host", "root", "path", "usual"]).Select(f => Folder(f))];
        string?[] found = new string?[5];
        _environment["DOTNET_HOST_PATH"] = Path.Combine(folders[0], Dotnet);
        _environment["DOTNET_ROOT"] = folders[1];
        _environment["PATH"] = string.Join(Path.PathSeparator, ".", folders[2]);
        found[0] = New(folders[3]).FindDotnet();
        _environment["DOTNET_HOST_PATH"] = Path.Combine(folders[0], "missing");
        found[1] = New(folders[3]).FindDotnet();
        _environment["DOTNET_ROOT"] = "";
        found[2] = New(folders[3]).FindDotnet();
        _environment["PATH"] = ".";
        found[3] = New(Path.Combine(_root.FullName, "missing"), folders[3]).FindDotnet();
        found[4] = New().FindDotnet();
        Assert.Equal<string?>([.. folders.Select(f => Path.Combine(f, Dotnet)), null], found.AsEnumerable());
    }

    [Fact]
    public void A_relative_path_of_a_variable_is_never_used()
    {
        string folder = Path.GetRelativePath(Directory.GetCurrentDirectory(), Folder("relative"));
        _environment["DOTNET_HOST_PATH"] = Path.Combine(folder, Dotnet);
        _environment["DOTNET_ROOT"] = _environment["PATH"] = folder;
        Assert.Null(New().FindDotnet());
    }

    [Fact]
    public async Task Without_dotnet_the_error_says_what_to_install_and_where_it_was_searched() =>
        Assert.Equal("WISE1060: The code of a repo runs in a process of .NET, but the program 'dotnet' was not found. It was "
            + "searched in DOTNET_HOST_PATH, DOTNET_ROOT, PATH, /usr/none. Install the .NET runtime 10 or later. Only absolute "
            + "folders of PATH are searched.", await FailureAsync(New("/usr/none"), Request("/none/hubconf.dll")));

    [Fact]
    public async Task A_dotnet_without_a_suitable_runtime_is_an_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is a shell script here.");
        string folder = Folder("old", "echo 'You must install or update .NET' >&2; exit 150");
        Assert.Equal($"WISE1060: The code of a repo runs in a process of .NET, but {folder}/dotnet could not start it: it "
            + "ended with exit code 150. Install the .NET runtime 10 or later.",
            await FailureAsync(New(folder), Request("/none/hubconf.dll")));
        Assert.Equal("You must install or update .NET\n", _errors.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_missing_host_is_an_error()
    {
        string path = Path.Combine(_root.FullName, "wisehub-entry-host.dll");
        var process = new EntryProcess(_environment.GetValueOrDefault, new PlainLog(_errors), _errors)
        { InstallFolders = [Folder("usual")], HostPath = path };
        Assert.Equal($"WISE1060: The code of a repo cannot be run, because {path} is missing. It is a part of wisehub. Install "
            + "wisehub again.", await FailureAsync(process, Request("/none/hubconf.dll")));
    }

    [Fact]
    public async Task The_DLL_is_hashed_again_before_it_is_loaded()
    {
        _environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        string path = Path.Combine(_root.FullName, "hubconf.dll");
        byte[] bytes = TestEntries.Read("hubconf.dll");
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        EntryHostResponse response = await New().RunAsync(
            Request(path), TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.StartsWith("hubconf, Version=", response.Assembly, StringComparison.Ordinal);

        string changed = $"WISE3014: acme/m: {path} was changed after the download, so it was not loaded. Delete it, and load "
            + "the entry again.";
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(changed, await FailureAsync(New(), Request(path, "Fails")));
        File.Delete(path);
        Assert.Equal(changed, await FailureAsync(New(), Request(path)));
        Assert.Empty(_root.GetFiles("ran-*"));
    }

    [Fact]
    public async Task A_line_without_an_end_is_printed_in_pieces()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is a shell script here.");
        _environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        _environment["DOTNET_ROOT"] = Folder("long", "head -c 40000 /dev/zero | tr '\\0' x");
        await FailureAsync(New(), Request("/none/hubconf.dll"));
        Assert.Equal([16384, 16384, 7232],
            _errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(l => l.Length));
    }
}
