using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Restores the project's references. If the lock file and the cache have everything, this takes milliseconds; else it resolves
/// and downloads. One task does it all, so that references, configuration and lock file are read once per build.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class RestoreWiseModels : ReferenceTask
{
    /// <summary>Only ContinuousIntegrationBuild would have set locked mode, but there is no lock file: logs a warning.</summary>
    public bool LockedModeLacksFile { get; set; }

    /// <summary>Resolves every revision again and rewrites the lock file.</summary>
    public bool Update { get; set; }

    /// <summary>
    /// Removes the entries of the lock file that no reference uses. Requires that this build sees all references that use it.
    /// </summary>
    public bool RemoveUnused { get; set; }

    /// <summary>True: the waivers of the references cover new contents.</summary>
    public string RenewWaivers { get; set; } = "";

    /// <summary>The project has other target frameworks, whose references are not here.</summary>
    public bool SeesOneFramework { get; set; }

    /// <summary>True: downloads existing files again.</summary>
    public string Force { get; set; } = "";

    /// <summary>The references come from several target frameworks, so one may occur more than once.</summary>
    public bool ManyProjects { get; set; }

    /// <summary>False in a build that must not resolve (<c>--no-build</c>).</summary>
    public bool MayResolve { get; set; } = true;

    /// <summary>Absolute path of <c>WiseModels.g.cs</c>; empty to not write it.</summary>
    public string AccessorFile { get; set; } = "";

    /// <summary>The language of the project; empty if it has no accessor because it does not want one.</summary>
    public string Language { get; set; } = "";

    /// <summary>The namespace of the accessor.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>True to add a global using of the namespace.</summary>
    public bool GlobalUsing { get; set; }

    /// <summary>The name of the assembly.</summary>
    public string AssemblyName { get; set; } = "";

    /// <summary>Absolute path of the folder in obj for the files that this task writes for the program.</summary>
    public string GeneratedFolder { get; set; } = "";

    /// <summary>Logs a line if there was nothing to download: for a user who asked for the restore, not for a build.</summary>
    public bool SayIfAllIsThere { get; set; }

    /// <summary>One item per reference: RepoId, Hub, Revision, Commit, Alias, Folder.</summary>
    [Output]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>One item per file: its path, PathInRepo, Sha256, Size, Alias, and the metadata for the SDK's copy.</summary>
    [Output]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>One item per file to embed, with LogicalName.</summary>
    [Output]
    public ITaskItem[] Embedded { get; set; } = [];

    /// <summary>Files that were written for the program, with Link and the metadata for the SDK's copy.</summary>
    [Output]
    public ITaskItem[] Generated { get; set; } = [];

    /// <summary>Attributes of the assembly that name its files with code, if no accessor has them.</summary>
    [Output]
    public ITaskItem[] Waivers { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        if (RemoveUnused)
            RequireAllReferences();
        Settings.CheckSwitches();
        CheckProject();
        using HubClient client = CreateClient(log);
        if (ReadReferences(client, uniqueAliases: !ManyProjects) is not List<ModelItem> models)
            return;
        var request = new RestoreRequest
        {
            References = [.. models.Select(m => m.Reference)],
            LockFilePath = Settings.LockFilePath,
            Locked = Settings.LockedMode && !(Update && Settings.LockedModeIsImplied),
            Update = Update,
            RemoveUnused = RemoveUnused,
            RenewWaivers = Settings.ReadFlag(RenewWaivers, "WiseRenewWaivers", otherwise: false),
            Force = Settings.ReadFlag(Force, "WiseForce", otherwise: false),
            LookFirst = true,
            ExpectsLockFile = LockedModeLacksFile,
            ChecksPatterns = true,
            MayResolve = MayResolve,
            // By identity: of two items for the same repo, possibly only one needs a folder.
            Materialise = ManyProjects ? ReferencesOf([]) : ReferencesOf(models.Where(m => m.Place == ModelPlace.Cache)),
            LockOnly = ReferencesOf(models.Where(m => m.Place == ModelPlace.RunTime)),
            LinkMode = Settings.LinkMode,
        };
        RestoreResult result = client.RestoreAsync(request, cancel).GetAwaiter().GetResult();
        if (result.LockFileChanged)
            log.Info(BuildMessages.LockFileWritten(Settings.LockFilePath, Settings.IsCi));
        if (SayIfAllIsThere && result.FilesTransferred == 0)
            log.Info(BuildMessages.NothingToDownload(models.Count, result.Snapshots.Sum(s => s.Files.Count)));
        if (LacksAccessor)
            log.Info(BuildMessages.NoAccessor(Language, FoldersOf(models)));
        if (!Settings.IsCi)
            TerminalSummary.Add(BuildEngine, Summary(models, result));
        foreach ((ModelItem model, Snapshot snapshot) in models.Zip(result.Snapshots))
            RefuseHostFiles(model, snapshot);
        if (Log.HasLoggedErrors)
            return;
        Models = [.. models.Zip(result.Snapshots, ModelOutput)];
        var files = new List<ITaskItem>();
        for (int i = 0; i < models.Count; i++)
        {
            if (models[i].Place is not (ModelPlace.Output or ModelPlace.Cache))
                continue;
            var metadata = new FileMetadata(models[i], request.LinkMode);
            foreach (SnapshotFile file in result.Snapshots[i].Files)
                files.Add(metadata.ItemOf(file));
        }
        Files = [.. files];
        Embedded = [.. models.Zip(result.Snapshots).Where(m => m.First.Place == ModelPlace.Assembly)
            .SelectMany(m => EmbeddedItems(m.First, m.Second))];
        if (Log.HasLoggedErrors)
            return;
        RunTimeManifest?[] manifests = ProgramFiles.ManifestsOf(models, client, result.LockFile);
        Generated = GeneratedFolder.Length == 0 ? []
            : new ProgramFiles(GeneratedFolder, AssemblyName).Write(models, manifests, result.Snapshots);
        if (AccessorFile.Length > 0)
        {
            new AccessorWriter(AccessorFile, RootNamespace, GlobalUsing, AssemblyName)
                .Write(models, client, result.LockFile, manifests);
        }
        else
        {
            Waivers = [.. AccessorWriter.WaiversOf(models, client, result.LockFile).Select(WaiverItem)];
        }
    }

    // The SDK writes such items into the assembly, in the language of the project.
    private static TaskItem WaiverItem(string waiver) =>
        new("System.Reflection.AssemblyMetadataAttribute", new Dictionary<string, string>
        {
            ["_Parameter1"] = AccessorModel.WaiverKey,
            ["_Parameter2"] = ModelItem.Escape(waiver),
        });

    private IEnumerable<string> Summary(List<ModelItem> models, RestoreResult result)
    {
        if (result.FilesTransferred > 0)
        {
            yield return BuildMessages.FetchedAndVerified(
                [.. result.Snapshots.Where(s => s.IsPresent).Select(s => s.Reference.ToString()).Distinct()],
                result.FilesTransferred, result.BytesTransferred);
        }
        if (result.LockFileChanged)
            yield return BuildMessages.LockFileWritten(Settings.LockFilePath, isCi: false);
        if (result.LockFileChanged && LacksAccessor)
            yield return BuildMessages.NoAccessor(Language, FoldersOf(models));
    }

    private bool LacksAccessor => Language.Length > 0 && Language != "C#";

    private static string[] FoldersOf(IEnumerable<ModelItem> models) =>
        [.. models.Where(m => m.Place == ModelPlace.Output)
            .Select(m => m.TargetPath.Length == 0 ? "." : m.TargetPath).Distinct()];

    private static HashSet<RepoReference> ReferencesOf(IEnumerable<ModelItem> models) =>
        models.Select(m => m.Reference).ToHashSet<RepoReference>(ReferenceEqualityComparer.Instance);

    // An assembly of this size already takes seconds to load, and the compiler holds all of it in memory.
    private const long MostEmbedded = 64_000_000;

    private IEnumerable<ITaskItem> EmbeddedItems(ModelItem model, Snapshot snapshot)
    {
        long size = snapshot.Files.Sum(f => f.Size);
        if (size > MostEmbedded)
        {
            LogError(BuildMessages.TooLargeToEmbed(model.Reference, size, MostEmbedded));
            return [];
        }
        return snapshot.Files.Select(f => new TaskItem(ModelItem.Escape(f.BlobPath), new Dictionary<string, string>
        {
            ["LogicalName"] = ModelItem.Escape(AccessorCode.ResourceName(model.Alias, f.Path)),
            ["Type"] = "Non-Resx",
            ["WithCulture"] = "false",
        }));
    }

    // Reports all rejected files at once. A path that the project itself names is allowed.
    private void RefuseHostFiles(ModelItem model, Snapshot snapshot)
    {
        if (model is { CopyToOutputDirectory: "Never", CopyToPublishDirectory: "Never" }
            or { Place: ModelPlace.Assembly or ModelPlace.RunTime })
            return;
        var rejected = new List<(string Path, string Reason)>();
        foreach (SnapshotFile file in snapshot.Files)
        {
            string? reason = HostFiles.Reject(model.TargetPath, file.Path);
            if (reason is null && HostFiles.MustLookInto(model.TargetPath, file.Path) && HostFiles.IsProgram(file.BlobPath))
                reason = BuildMessages.IsProgram;
            if (reason is not null && !model.Reference.AsksByName(file.Path))
                rejected.Add((file.Path, reason));
        }
        if (rejected.Count > 0)
            LogError(BuildMessages.RejectedFiles(model.Reference, model.TargetPath, rejected));
    }

    // One evaluation can tell only from the location of the lock file whether other projects use it.
    private void RequireAllReferences()
    {
        string folder = Path.GetDirectoryName(Settings.ProjectFile)!;
        string? reason = SeesOneFramework ? BuildMessages.OneFrameworkOnly
            : Path.GetDirectoryName(Settings.LockFilePath) != folder ? BuildMessages.LockFileElsewhere
            : Directory.EnumerateFiles(folder, "*.*proj").Skip(1).Any() ? BuildMessages.OtherProjects
            : null;
        if (reason is not null)
            throw BuildMessages.RemovalUnsafe(Settings.LockFilePath, reason);
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
