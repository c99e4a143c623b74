using WiseHub.Client.Files;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The card of a push, pushed like any other file. A generated or merged card is in a temporary folder until the push ends.
/// </summary>
internal sealed class CardFile : IDisposable
{
    private const string Name = "README.md";

    // Hubs do not show longer pages, and a binary file must not fill the memory.
    private const long MostBytes = 4 << 20;

    private DirectoryInfo? _folder;

    private CardFile(IReadOnlyList<PushFile> files) => Files = files;

    /// <summary>The files of the push, including the card.</summary>
    public IReadOnlyList<PushFile> Files { get; private set; }

    /// <exception cref="HubException">WISE5060 or WISE5061.</exception>
    /// <exception cref="AggregateException">Several of these.</exception>
    public static CardFile For(PushRequest request, string hub, IHubLog log)
    {
        var card = new CardFile(PushSet.Combine(request.Files));
        try
        {
            if (request is { Card: CardOptions options, Files.Count: > 0 })
                card.Apply(options, request, hub, log);
            return card;
        }
        catch
        {
            card.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_folder is not null)
            ContendedFiles.OfSystem.DeleteFolder(_folder.FullName);
    }

    private void Apply(CardOptions options, PushRequest request, string hub, IHubLog log)
    {
        CheckOptions(options, request.RepoType);
        if (request.RepoType is not (RepoType.Model or RepoType.Dataset))
            return;
        PushFile? file = Files.FirstOrDefault(f => f.PathInRepo.Equals(Name, StringComparison.OrdinalIgnoreCase));
        if (file is null && options.IsAnythingStated)
        {
            var reference = new RepoReference
            {
                RepoId = request.RepoId,
                RepoType = request.RepoType,
                Revision = request.Revision,
                Hubs = [hub]
            };
            Take(CardText.Whole(options, reference));
            log.Info(PushMessages.CardMade(request.RepoId, Name));
        }
        else if (file is { PathInRepo: Name })
        {
            Check(file, options, request, log);
        }
        else if (file is not null && options.IsAnythingStated)
        {
            throw PushMessages.CardNameWrong(request.RepoId, file, Name);
        }
    }

    private void Check(PushFile file, CardOptions options, PushRequest request, IHubLog log)
    {
        // A problem with the file itself is reported when all files are read.
        if (Store.FileStamp.Of(file.SourcePath) is not Store.FileStamp stamp)
            return;
        if (stamp.Size > MostBytes)
            throw PushMessages.CardTooLarge(file.SourcePath, stamp.Size, MostBytes);
        FrontMatter card = FrontMatter.Read(file.SourcePath, ContendedFiles.OfSystem.Read(file.SourcePath));
        if (options.Mode != CardMode.Merge)
            return;
        List<(string Key, List<string> Lines)> missing =
            [.. CardText.Keys(options, request.RepoType).Where(k => !card.Has(k.Key))];
        if (missing.Count == 0)
            return;
        Take(card.With(missing.SelectMany(k => k.Lines)), file);
        log.Info(PushMessages.CardMerged(request.RepoId, Name, missing.Select(k => k.Key), file.SourcePath));
    }

    private void Take(byte[] content, PushFile? instead = null)
    {
        _folder = Directory.CreateTempSubdirectory("wisehub-card-");
        string path = Path.Combine(_folder.FullName, Name);
        File.WriteAllBytes(path, content);
        Files = [.. Files.Where(f => f != instead), new PushFile(path, Name) { IsTemporary = true }];
    }

    private static void CheckOptions(CardOptions options, RepoType type)
    {
        (string Name, bool IsStated)[] ofModels =
            [(nameof(options.BaseModel), options.BaseModel.Count > 0), (nameof(options.Datasets), options.Datasets.Count > 0),
                (nameof(options.Widget), options.Widget.Count > 0),
                (nameof(options.LibraryName), options.LibraryName is not null)];
        string[] forModels = [.. ofModels.Where(o => o.IsStated).Select(o => o.Name)];
        if (type == RepoType.Dataset && forModels.Length > 0)
            throw PushMessages.OptionsOnlyForModels(forModels);
        if (type is not (RepoType.Model or RepoType.Dataset) && options.IsAnythingStated)
            throw PushMessages.NoCardForType(type, Name);
    }
}
