using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Pushes the result of the build as one commit: the artifacts of the project, or, if it has none, its publish folder without the
/// models that came from hubs. It only converts properties and items to a <see cref="PushRequest"/>.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PushWiseArtifacts : HubTask
{
    /// <summary><c>WiseArtifact</c> items: files and folders, with PathInRepo.</summary>
    public ITaskItem[] Artifacts { get; set; } = [];

    /// <summary>Absolute path of the publish folder.</summary>
    public string PublishDirectory { get; set; } = "";

    /// <summary>The files that the SDK publishes, with RelativePath. Models from hubs are not pushed back.</summary>
    public ITaskItem[] Published { get; set; } = [];

    /// <summary>The hub; empty for the default hub.</summary>
    public string Hub { get; set; } = "";

    /// <summary>The repo: <c>owner/name</c>.</summary>
    public string RepoId { get; set; } = "";

    /// <summary>model, dataset, code or space.</summary>
    public string RepoType { get; set; } = "";

    /// <summary>The branch.</summary>
    public string Revision { get; set; } = "";

    /// <summary>The message of the commit.</summary>
    public string Message { get; set; } = "";

    /// <summary>Creates the repo if it does not exist.</summary>
    public string CreateRepo { get; set; } = "";

    /// <summary>Makes a new repo private.</summary>
    public string Private { get; set; } = "";

    /// <summary>Creates a pull request with the commit.</summary>
    public string CreatePullRequest { get; set; } = "";

    /// <summary>Deletes files of the repo that are not part of the push.</summary>
    public string Prune { get; set; } = "";

    /// <summary>Only logs the plan.</summary>
    public string DryRun { get; set; } = "";

    /// <summary>Hashes and queries everything again; see <see cref="PushRequest.Force"/>.</summary>
    public string Force { get; set; } = "";

    /// <summary>The path of a PEM file with the key that signs the files; empty for no signature.</summary>
    public string SignKey { get; set; } = "";

    /// <summary>The path of a PEM file with the certificates of the key; empty for none.</summary>
    public string SignChain { get; set; } = "";

    /// <summary>Also pushes debugging symbols (<c>*.pdb</c>, <c>*.dbg</c>, <c>*.dSYM</c>).</summary>
    public string Symbols { get; set; } = "";

    /// <summary>Patterns of the files that are pushed, separated by <c>;</c>.</summary>
    public string AllowPatterns { get; set; } = "";

    /// <summary>Patterns of the files that are left out, separated by <c>;</c>.</summary>
    public string IgnorePatterns { get; set; } = "";

    /// <summary>The part size of an upload in bytes; see <see cref="PushRequest.ChunkSize"/>.</summary>
    public string ChunkSize { get; set; } = "";

    /// <summary>The number of files sent in parallel.</summary>
    public string Workers { get; set; } = "";

    /// <summary>Absolute path of the file in obj that caches the digests of files.</summary>
    public string MemoryFile { get; set; } = "";

    /// <summary>The license in the card.</summary>
    public string License { get; set; } = "";

    /// <summary>Tags in the card, separated by <c>;</c>.</summary>
    public string Tags { get; set; } = "";

    /// <summary>Base models in the card.</summary>
    public string BaseModel { get; set; } = "";

    /// <summary>Languages in the card.</summary>
    public string Language { get; set; } = "";

    /// <summary>Datasets in the card.</summary>
    public string Datasets { get; set; } = "";

    /// <summary>The task of the model in the card.</summary>
    public string PipelineTag { get; set; } = "";

    /// <summary>Examples in the card.</summary>
    public string Widget { get; set; } = "";

    /// <summary>The library in the card.</summary>
    public string LibraryName { get; set; } = "";

    /// <summary>The title of the card.</summary>
    public string Title { get; set; } = "";

    /// <summary>The description in the card.</summary>
    public string Description { get; set; } = "";

    /// <summary>Adds missing keys to an existing card.</summary>
    public string MergeCard { get; set; } = "";

    /// <summary>The commit; empty in a dry run on a branch without commits.</summary>
    [Output]
    public string PushedCommit { get; set; } = "";

    /// <summary>The page of the commit; empty for hubs without pages.</summary>
    [Output]
    public string PushedUrl { get; set; } = "";

    private protected override string ItemType => Names.Artifact;

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        if (RepoId.Trim().Length == 0)
            throw BuildMessages.NoRepo();
        MetadataCheck.Run(Artifacts, Names.Artifact, Names.ArtifactMetadata, DeclaredIn, LogError);
        WiseHub.Client.RepoType type = WiseHub.Client.RepoType.Model;
        if (RepoType.Trim().Length > 0 && !RepoTypes.TryParse(RepoType.Trim(), out type))
            throw Settings.WrongProperty("WisePushRepoType", RepoType, BuildMessages.Types);
        var request = new PushRequest
        {
            Hub = Text(Hub),
            RepoId = RepoId.Trim(),
            RepoType = type,
            Files = Files(),
            CreateRepo = Flag(CreateRepo, "WisePushCreateRepo"),
            Private = Flag(Private, "WisePushPrivate"),
            CreatePullRequest = Flag(CreatePullRequest, "WisePushPullRequest"),
            Prune = Flag(Prune, "WisePushPrune"),
            DryRun = Flag(DryRun, "WisePushDryRun"),
            Force = Flag(Force, "WisePushForce"),
            SignKey = SigningKey(),
            MemoryFile = MemoryFile.Length > 0 ? Absolute(MemoryFile) : null,
            ChunkSize = Settings.ReadNumber(ChunkSize, "WisePushChunkSize", 64 << 10, 1 << 30),
            Card = Card(),
        };
        // Missing artifacts were logged one by one.
        if (Log.HasLoggedErrors)
            return;
        request = request with
        {
            Revision = Text(Revision) ?? request.Revision,
            Message = Text(Message) ?? request.Message,
            Workers = Settings.ReadNumber(Workers, "WisePushWorkers", 1, 64) ?? request.Workers,
        };
        using HubClient client = CreateClient(log);
        PushResult pushed = client.PushAsync(request, cancel).GetAwaiter().GetResult();
        PushedCommit = pushed.Commit;
        PushedUrl = (pushed.PullRequestUrl ?? pushed.Url)?.AbsoluteUri ?? "";
        if (PushedUrl.Length > 0)
            log.Info(PushedUrl);
    }

    private IReadOnlyList<PushFile> Files()
    {
        string[] ignored = Flag(Symbols, "WisePushSymbols", otherwise: true) ? [] : ["*.pdb", "*.dbg", "*.dSYM/*"];
        var selection = new FileSelection(List(AllowPatterns), [.. List(IgnorePatterns), .. ignored]);
        if (Artifacts.Length > 0)
            return PushSet.Combine(ArtifactItem.ReadAll(Artifacts, selection, LogError));
        HashSet<string> models = [.. Published.Where(p => FilePlacer.IsBlob(p.GetMetadata("FullPath")))
            .Select(p => p.GetMetadata("RelativePath").Replace('\\', '/'))];
        return [.. PushSet.FromFolder(Absolute(PublishDirectory), selection: selection)
            .Where(f => !models.Contains(f.PathInRepo))];
    }

    // The password of an encrypted key is never a property, which logs would show: the library reads it from the environment.
    private SigningKey? SigningKey()
    {
        if (Text(SignKey) is not string file)
            return Text(SignChain) is null ? null : throw BuildMessages.CertificatesWithoutKey();
        return new SigningKey(Absolute(file))
        { CertificateFile = Text(SignChain) is string chain ? Absolute(chain) : null };
    }

    private CardOptions? Card()
    {
        var card = new CardOptions
        {
            Mode = Flag(MergeCard, "WisePushMergeCard") ? CardMode.Merge : CardMode.Keep,
            License = Text(License),
            Tags = List(Tags),
            BaseModel = List(BaseModel),
            Language = List(Language),
            Datasets = List(Datasets),
            PipelineTag = Text(PipelineTag),
            Widget = List(Widget),
            LibraryName = Text(LibraryName),
            Title = Text(Title),
            Description = Text(Description),
        };
        return card;
    }

    private bool Flag(string value, string property, bool otherwise = false) => Settings.ReadFlag(value, property, otherwise);

    private static string? Text(string value) => value.Trim() is { Length: > 0 } text ? text : null;

    private static string[] List(string value) =>
        value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
