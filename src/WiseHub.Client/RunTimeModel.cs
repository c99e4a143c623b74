using WiseHub.Client.Configuration;
using WiseHub.Client.Files;
using WiseHub.Client.Restoring;

namespace WiseHub.Client;

/// <summary>
/// A model that a program fetches at run time, in the version that was locked when the program was built (docs/run-time.md). The
/// build generates one for each such reference: <c>WiseModels.&lt;alias&gt;.Model</c>. It is thread-safe.
/// </summary>
public sealed class RunTimeModel
{
    private readonly Digest _sha256;

    /// <summary>Describes a model.</summary>
    /// <param name="alias">Its name in the program.</param>
    /// <param name="manifest">The path of its manifest, relative to the program's folder, with <c>/</c>.</param>
    /// <param name="manifestSha256">The digest of the manifest: 64 hexadecimal characters.</param>
    /// <exception cref="ArgumentException">The digest has another form, or a text is empty.</exception>
    public RunTimeModel(string alias, string manifest, string manifestSha256)
    {
        ArgumentException.ThrowIfNullOrEmpty(alias);
        ArgumentException.ThrowIfNullOrEmpty(manifest);
        (Alias, Manifest) = (alias, manifest);
        if (!Digest.TryParse(manifestSha256, out _sha256))
            throw new ArgumentException(ModelMessages.NotASha256(manifestSha256), nameof(manifestSha256));
    }

    /// <summary>Its name in the program.</summary>
    public string Alias { get; }

    /// <summary>The path of its manifest, relative to the program's folder, with <c>/</c>.</summary>
    public string Manifest { get; }

    /// <summary>The digest of the manifest.</summary>
    public string ManifestSha256 => _sha256.Hex;

    /// <inheritdoc/>
    public override string ToString() => Alias;

    /// <summary>
    /// Provides the files of the model: from the cache, or else from the hubs of the manifest. Every file is verified; the commit
    /// is that of the manifest. Processes that start at once download together once. What was downloaded before a failure or a
    /// cancellation stays for the next try.
    /// </summary>
    /// <param name="progress">Receives the progress of a download.</param>
    /// <param name="options">Options; null = the defaults.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The absolute path of a folder with the files. They must not be changed.</returns>
    /// <exception cref="HubException">
    /// WISE1105: the manifest is missing or unreadable. WISE1106: it was edited. WISE1107: the folder named instead is
    /// incomplete. WISE1108: the cache lacks files and is read-only. WISE1002, WISE1008, WISE1070, any WISE2xxx or WISE3xxx code.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<string> EnsureAsync(
        IProgress<TransferProgress>? progress = null, RunTimeOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new RunTimeOptions();
        cancel.ThrowIfCancellationRequested();
        (RunTimeManifest manifest, RunTimeLook look) = Read(options);
        return look.GivenFolder() ?? look.InCache()
            ?? await FetchAsync(manifest, look, options, progress, cancel).ConfigureAwait(false);
    }

    /// <summary>Finds the files of the model without a request.</summary>
    /// <param name="options">Options; null = the defaults.</param>
    /// <returns>The absolute path of the folder; null if a file is missing.</returns>
    /// <exception cref="HubException">WISE1105, WISE1106, WISE1107 or WISE1070, as for <see cref="EnsureAsync"/>.</exception>
    public string? TryFind(RunTimeOptions? options = null)
    {
        (_, RunTimeLook look) = Read(options ?? new RunTimeOptions());
        return look.GivenFolder() ?? look.InCache();
    }

    private string ManifestPath(RunTimeOptions options) => Path.GetFullPath(
        Manifest.Replace('/', Path.DirectorySeparatorChar), RunTimeLook.Application(options));

    private (RunTimeManifest, RunTimeLook) Read(RunTimeOptions options)
    {
        string path = ManifestPath(options);
        RunTimeManifest manifest = RunTimeManifest.Read(Alias, path, _sha256);
        return (manifest, new RunTimeLook(Alias, path, manifest, options));
    }

    private async Task<string> FetchAsync(RunTimeManifest manifest, RunTimeLook look, RunTimeOptions options,
        IProgress<TransferProgress>? progress, CancellationToken cancel)
    {
        string application = RunTimeLook.Application(options), path = ManifestPath(options);
        Func<string, string?> environment = options.Environment ?? Environment.GetEnvironmentVariable;
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = options.ConfigFile is { Length: > 0 } file ? UserPath.Resolve(file, application, options.Environment)
                : UserPath.Of("WISEHUB_CONFIG", environment) ?? HubConfig.FindUpward(application),
            WorkingDirectory = application,
            CacheDirectory = look.CacheRoot,
            Offline = options.Offline,
            Log = new RunTimeLog(options.Log, progress),
            Tokens = options.Tokens,
            Product = options.Product,
            Retries = options.Retries,
            Environment = options.Environment,
            // Mirrors are filled by builds.
            MirrorWrite = false,
            Shipped = new ShippedHubs(manifest.ToBytes(), path),
        });
        foreach (string hub in manifest.Reference.Hubs)
        {
            if (!UrlReference.IsHub(hub) && !client.Config.Hubs.ContainsKey(hub))
                throw RestoreMessages.HubNotShipped(Alias, hub, application);
        }
        try
        {
            RestoreResult result = await client.RestoreAsync(new RestoreRequest
            {
                References = [manifest.Reference],
                LockFilePath = path,
                Manifest = manifest,
                Locked = true,
                LookFirst = true,
                Materialise = new HashSet<RepoReference> { manifest.Reference },
            }, cancel).ConfigureAwait(false);
            return result.Snapshots[0].Directory!;
        }
        catch (HubException e) when (e.Code == WiseCodes.OfflineAndMissing)
        {
            throw RestoreMessages.ProgramOffline(Alias, client.OfflineVariables, look.CacheRoot, look.Missing());
        }
        catch (HubException e) when (e.Code == WiseCodes.NoPermission && !CanWrite(look.CacheRoot))
        {
            throw RestoreMessages.CacheReadOnly(Alias, look.CacheRoot, look.Missing(), e);
        }
        catch (HubException e) when (e.Code.StartsWith("WISE2", StringComparison.Ordinal))
        {
            throw RestoreMessages.StillMissing(e, Alias, look.CacheRoot, look.Missing());
        }
    }

    // Tried, because no system tells it beforehand: a read-only mount, the rights of a folder, a security module.
    private static bool CanWrite(string cache)
    {
        string trial = Path.Combine(cache, TemporaryNames.New());
        try
        {
            Directory.CreateDirectory(cache);
            File.WriteAllBytes(trial, []);
            return true;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return false;
        }
        finally
        {
            ContendedFiles.OfSystem.Discard(trial);
        }
    }
}
