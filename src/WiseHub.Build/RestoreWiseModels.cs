using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Restores the project's references: from lock file and cache in milliseconds, where they have everything, else it resolves and
/// downloads. One task does it all, so that references, configuration and lock file are read once in a build.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class RestoreWiseModels : ReferenceTask
{
    /// <summary>Locked mode came from ContinuousIntegrationBuild alone and there is no lock file: worth a warning.</summary>
    public bool LockedModeLacksFile { get; set; }

    /// <summary>Resolves every revision again and rewrites the lock file.</summary>
    public bool Update { get; set; }

    /// <summary>
    /// Entries of the lock file that no reference uses go. Only for somebody who sees all references that use it.
    /// </summary>
    public bool RemoveUnused { get; set; }

    /// <summary>The project has other target frameworks, whose references are not here.</summary>
    public bool SeesOneFramework { get; set; }

    /// <summary>Downloads again what is already there.</summary>
    public bool Force { get; set; }

    /// <summary>The references of several target frameworks together: one may stand there more than once.</summary>
    public bool ManyProjects { get; set; }

    /// <summary>False in a build that must not resolve (<c>--no-build</c>).</summary>
    public bool MayResolve { get; set; } = true;

    /// <summary>Absolute path of <c>WiseModels.g.cs</c>; empty = it is not written.</summary>
    public string AccessorFile { get; set; } = "";

    /// <summary>The project's root namespace, for <see cref="AccessorFile"/>.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>One item a reference: RepoId, Hub, Revision, Commit, Alias, Folder.</summary>
    [Output]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>One item a file: physical path; PathInRepo, Sha256, Size, Alias, and what the SDK needs to copy it.</summary>
    [Output]
    public ITaskItem[] Files { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        if (RemoveUnused)
            RequireAllReferences();
        using HubClient client = CreateClient(log);
        if (ReadReferences(client, uniqueAliases: !ManyProjects) is not List<ModelItem> models)
            return;
        var request = new RestoreRequest
        {
            References = [.. models.Select(m => m.Reference)],
            LockFilePath = Settings.LockFilePath,
            Locked = Settings.LockedMode,
            Update = Update,
            RemoveUnused = RemoveUnused,
            Force = Force,
            LookFirst = true,
            ExpectsLockFile = LockedModeLacksFile,
            MayResolve = MayResolve,
            // By identity: of two items that ask for the same, only one may want a folder.
            Materialise = models.Where(m => !ManyProjects && m.CopyToOutputDirectory == "Never").Select(m => m.Reference)
                .ToHashSet<RepoReference>(ReferenceEqualityComparer.Instance),
            LinkMode = Settings.LinkMode,
        };
        RestoreResult result = client.RestoreAsync(request, cancel).GetAwaiter().GetResult();
        if (result.LockFileChanged)
            log.Info($"Wrote {Settings.LockFilePath}; commit it.");
        foreach ((ModelItem model, Snapshot snapshot) in models.Zip(result.Snapshots))
            RefuseHostFiles(model, snapshot);
        if (Log.HasLoggedErrors)
            return;
        Models = [.. models.Zip(result.Snapshots, ModelOutput)];
        var files = new List<ITaskItem>();
        for (int i = 0; i < models.Count; i++)
        {
            var metadata = new FileMetadata(models[i], request.LinkMode);
            foreach (SnapshotFile file in result.Snapshots[i].Files)
                files.Add(metadata.ItemOf(file));
        }
        Files = [.. files];
        if (AccessorFile.Length > 0)
        {
            new AccessorWriter(AccessorFile, RootNamespace)
                .Write(models, client, result.LockFile, [.. result.Snapshots.Select(s => s.Directory)]);
        }
    }

    // All of them at once. A path that the project itself states is its own decision.
    private void RefuseHostFiles(ModelItem model, Snapshot snapshot)
    {
        if (model is { CopyToOutputDirectory: "Never", CopyToPublishDirectory: "Never" })
            return;
        var bad = new List<string>();
        foreach (SnapshotFile file in snapshot.Files)
        {
            string? reason = HostFiles.Reject(model.TargetPath, file.Path);
            if (reason is null && HostFiles.MustLookInto(model.TargetPath, file.Path) && HostFiles.IsProgram(file.BlobPath))
                reason = "it is a program";
            if (reason is not null && !model.Reference.AsksByName(file.Path))
                bad.Add($"'{file.Path}' ({reason})");
        }
        if (bad.Count == 0)
            return;
        string where = model.TargetPath.Length == 0 ? "beside the program" : $"into {model.TargetPath}";
        string names = string.Join(", ", bad.Take(HostFilesShown));
        LogError(new HubException(WiseCodes.TakenUpByHost,
            $"{model.Reference}: a model brings no such file {where} by itself: "
            + $"{names}{(bad.Count > HostFilesShown ? $" and {bad.Count - HostFilesShown} more" : "")}. "
            + "Leave it out with IgnorePatterns, give the model a TargetPath of its own, or, for a file that you trust, "
            + "name its whole path in AllowPatterns.")
        { Reference = model.Reference });
    }

    private const int HostFilesShown = 20;

    // The file's place is all that an evaluation has to tell whose it is.
    private void RequireAllReferences()
    {
        const string AskAll = ". Run 'wisehub update --remove-unused' on the solution, which asks all of them";
        string folder = Path.GetDirectoryName(Settings.ProjectFile)!;
        string? why = SeesOneFramework ? "this build sees one of several target frameworks. Update the whole project, without -f"
            : Path.GetDirectoryName(Settings.LockFilePath) != folder ? "it is not beside the project, "
                + "so that other projects may use it" + AskAll
            : Directory.EnumerateFiles(folder, "*.*proj").Skip(1)
                .Any() ? "there are other projects in the folder, which use it, too" + AskAll
            : null;
        if (why is not null)
            throw new HubException(WiseCodes.RemovalUnsafe, $"Nothing was removed from {Settings.LockFilePath}: "
                + $"WiseRemoveUnused is true, but {why}; or leave WiseRemoveUnused out.");
    }

    private static TaskItem ModelOutput(ModelItem model, Snapshot snapshot) =>
        new(ModelItem.Escape(model.Alias), new Dictionary<string, string>
        {
            [Names.RepoId] = ModelItem.Escape(model.Reference.RepoId),
            [Names.Hub] = ModelItem.Escape(snapshot.Hub),
            [Names.Revision] = ModelItem.Escape(model.Reference.Revision ?? ""),
            [Names.Commit] = snapshot.Commit ?? "",
            [Names.Alias] = ModelItem.Escape(model.Alias),
            [Names.Folder] = ModelItem.Escape(snapshot.Directory ?? model.TargetPath),
        });
}
