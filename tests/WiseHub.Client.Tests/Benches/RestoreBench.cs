using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A project folder with a store hub <c>local</c>, a cache and a lock file, all of it in a temporary folder.</summary>
internal sealed partial class RestoreBench : IDisposable
{
    private readonly TestEnvironment _environment;

    public RestoreBench()
    {
        Log = new RecordingLog().Hiding(Temp.Path, "<temp>");
        Hub = new StoreBuilder(Temp["hub"]);
        _environment = new TestEnvironment(Temp["home"]);
        Configure("""
            {"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"},
             "second":{"protocol":"store","path":"second"}}}
            """);
    }

    public TempFolder Temp { get; } = new();

    public RecordingLog Log { get; }

    public StoreBuilder Hub { get; }

    public StoreBuilder Second => new(Temp["second"]);

    public string Cache => Temp["cache"];

    public string LockFile => Temp["wise.lock.json"];

    public string LockText => File.ReadAllText(LockFile);

    /// <summary>The cache's own store, with the ids that depend on the place of the temporary folder as <c>#</c>.</summary>
    public string CacheTree => Marks().Replace(Ids().Replace(TempFolder.Tree(Cache), "$1#"), "roots/#");

    public void Configure(string json) => Temp.Write("wisehub.json", json);

    /// <summary>Sets a variable of the clients; <c>HOME</c> moves the whole profile.</summary>
    public void SetEnvironment(string name, string value) => _environment[name] = value;

    /// <summary>Lets clients find the programs of this machine, such as git.</summary>
    public void UsePrograms() => _environment.UsePrograms();

    /// <summary>Where a login is stored.</summary>
    public string CredentialFile => new Credentials.CredentialFile(_environment.Read).Path;

    /// <summary>Writes what a login would have stored, for this user alone.</summary>
    public void WriteCredentials(string text)
    {
        Store.PrivateFile.CreateFolder(Path.GetDirectoryName(CredentialFile)!);
        File.Delete(CredentialFile);
        using FileStream file = Store.PrivateFile.CreateNew(CredentialFile);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    public HubClientOptions Options => new()
    {
        ConfigFile = Temp["wisehub.json"],
        CacheDirectory = Cache,
        ExcludeOption = "IgnorePatterns",
        Log = Log,
        Environment = _environment.Read,
        // By the real clock the tries of the default take half a minute.
        Retries = 3,
        Jitter = () => 0,
    };

    public HubClient NewClient(Func<HubClientOptions, HubClientOptions>? change = null) =>
        new(change is null ? Options : change(Options));

    public RestoreRequest Request(params RepoReference[] references) =>
        new() { References = references, LockFilePath = LockFile };

    public async Task<RestoreResult> RestoreAsync(params RepoReference[] references) => await RestoreAsync(Request(references));

    public async Task<RestoreResult> RestoreAsync(RestoreRequest request, CancellationToken cancel = default)
    {
        using HubClient client = NewClient();
        return await client.RestoreAsync(request, cancel);
    }

    public RestoreResult? TryRestoreLocally(RestoreRequest request)
    {
        using HubClient client = NewClient();
        return client.TryRestoreLocally(request);
    }

    /// <summary>The failure of a restore, as <c>CODE: message</c> lines with the temporary folder hidden.</summary>
    public async Task<string> FailureAsync(RestoreRequest request) =>
        await FailureOfAsync(() => RestoreAsync(request));

    public Task<string> FailureAsync(params RepoReference[] references) => FailureAsync(Request(references));

    /// <summary>The failure of other work of a client.</summary>
    public async Task<string> FailureOfAsync(
        Func<HubClient, Task> work, Func<HubClientOptions, HubClientOptions>? change = null)
    {
        using HubClient client = NewClient(change);
        return await FailureOfAsync(() => work(client));
    }

    /// <summary>The failure of any work.</summary>
    public async Task<string> FailureOfAsync(Func<Task> work) => Show(await Assert.ThrowsAnyAsync<Exception>(work));

    public string Show(Exception e) => Log.Hide(e switch
    {
        HubException hub => $"{hub.Code}: {hub.Message}",
        AggregateException all => string.Join('\n', all.InnerExceptions.Select(Show)),
        _ => e.ToString(),
    });

    public string BlobPath(string sha256) => Path.Combine(Cache, "blobs", sha256[..2], sha256[2..]);

    public static string Sha256(string text) => Sha256(System.Text.Encoding.UTF8.GetBytes(text));

    public static string Sha256(byte[] content) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));

    public static string Contents(Snapshot snapshot) =>
        string.Join('\n', snapshot.Files.Select(f => $"{f.Path}={File.ReadAllText(f.BlobPath)}"));

    /// <summary>Changes a blob's bytes the way an editor that writes through a hard link does.</summary>
    public static void Damage(string blob, string text) => File.WriteAllText(blob, text);

    public void Dispose() => Temp.Dispose();

    [GeneratedRegex("((?<=^|\n)(?:hubs/[A-Za-z0-9]+-|locks/(?!store )|gates/|unsynced/))[^ /]+")]
    private static partial Regex Ids();

    // Holds a path below the temporary folder, whose length differs between machines.
    [GeneratedRegex("(?<=^|\n)roots/[0-9a-f]{16} [0-9]+")]
    private static partial Regex Marks();
}
