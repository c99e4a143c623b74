using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Looks for the files of a model that a program fetches at run time, without a request and without a configuration.
/// </summary>
/// <param name="alias">The model.</param>
/// <param name="manifestPath">Absolute path of the manifest.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="options">The options.</param>
internal sealed class RunTimeLook(string alias, string manifestPath, RunTimeManifest manifest, RunTimeOptions options)
{
    private readonly Func<string, string?> _environment = options.Environment ?? Environment.GetEnvironmentVariable;

    /// <summary>The folder of the program.</summary>
    public static string Application(RunTimeOptions options) =>
        Path.GetFullPath(options.ApplicationDirectory ?? AppContext.BaseDirectory);

    /// <summary>The root of the cache.</summary>
    public string CacheRoot { get; } = options.CacheDirectory is { Length: > 0 } root
        ? UserPath.Resolve(root, Application(options), options.Environment)
        : SnapshotStore.DefaultRoot(options.Environment ?? Environment.GetEnvironmentVariable);

    /// <summary>The folder that the user or the program names, or null.</summary>
    /// <exception cref="HubException">WISE1070 or WISE1107.</exception>
    public string? GivenFolder()
    {
        string variable = RunTimeManifest.FolderVariable(alias), data = "WiseHub.Model." + alias;
        (string? folder, string source) =
            options.Folder is { Length: > 0 } given
                ? (UserPath.Resolve(given, Application(options), options.Environment), "RunTimeOptions.Folder")
            : UserPath.Of(variable, _environment) is string named ? (named, variable)
            : AppContext.GetData(data) is string { Length: > 0 } set
                ? (UserPath.Resolve(set, Application(options), options.Environment), $"\"{data}\" of AppContext")
            : (null, "");
        if (folder is null)
            return null;
        if (!Directory.Exists(folder))
            throw RestoreMessages.ModelFolderIncomplete(alias, source, folder, []);
        var wrong = new List<string>();
        foreach (LockedFile file in manifest.Entry.Files)
        {
            if (SizeOf(RunTimeManifest.PathOf(folder, file)) is not long size)
                wrong.Add(RestoreMessages.FileMissing(file.Path));
            else if (size != file.Size)
                wrong.Add(RestoreMessages.FileOfOtherSize(file.Path, size, file.Size));
        }
        return wrong.Count == 0 ? folder : throw RestoreMessages.ModelFolderIncomplete(alias, source, folder, wrong);
    }

    /// <summary>
    /// The folder in the cache, if it has all files: one look at each. At most once an hour it marks the files as used, if the
    /// cache can be written.
    /// </summary>
    public string? InCache()
    {
        using var store = new SnapshotStore(CacheRoot, log: options.Log);
        string folder = manifest.FolderIn(store);
        if (!store.PrepareToLook(manifestPath, manifest.ToBytes()))
            return null;
        foreach (LockedFile file in manifest.Entry.Files)
        {
            if (!store.HasFile(RunTimeManifest.PathOf(folder, file), file.Sha256, file.Size))
                return null;
        }
        return folder;
    }

    /// <summary>The files whose contents the cache lacks.</summary>
    public IReadOnlyList<LockedFile> Missing()
    {
        using var store = new SnapshotStore(CacheRoot, log: options.Log);
        store.Unsynced.ClaimOthers(store.Blobs);
        return [.. manifest.Entry.Files.Where(f => store.Blobs.Look(f.Sha256, f.Size) == BlobState.Missing)];
    }

    // The files of a user's own folder may be links, as in the caches of other tools.
    private static long? SizeOf(string path)
    {
        var file = new FileInfo(path);
        string real = file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return FileStamp.Of(real)?.Size;
    }
}

/// <summary>Passes the progress of a restore to a program, and everything else to its log.</summary>
internal sealed class RunTimeLog(IHubLog? log, IProgress<TransferProgress>? progress) : IHubLog
{
    public void Info(string message) => log?.Info(message);

    public void Detail(string message) => log?.Detail(message);

    public void Warning(string code, string message, RepoReference? reference = null) => log?.Warning(code, message, reference);

    public void Progress(TransferProgress transfer)
    {
        log?.Progress(transfer);
        progress?.Report(transfer);
    }
}
