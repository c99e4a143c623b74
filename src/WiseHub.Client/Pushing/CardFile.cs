using WiseHub.Client.Files;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The card of a push as a file like any other: one that is made or merged lies in a temporary folder until the push is over.
/// </summary>
internal sealed class CardFile : IDisposable
{
    private const string Name = "README.md";

    // Hubs show no page that is longer; a file that is no text must not fill the memory.
    private const long MostBytes = 4 << 20;

    private DirectoryInfo? _folder;

    private CardFile(IReadOnlyList<PushFile> files) => Files = files;

    /// <summary>The files of the push with their card.</summary>
    public IReadOnlyList<PushFile> Files { get; private set; }

    /// <exception cref="HubException">WISE5060 or WISE5061.</exception>
    /// <exception cref="AggregateException">Several of them.</exception>
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
            log.Info($"{request.RepoId}: the set has no {Name}; one is made from what the card options state.");
        }
        else if (file is { PathInRepo: Name })
        {
            Check(file, options, request, log);
        }
        else if (file is not null && options.IsAnythingStated)
        {
            throw new HubException(WiseCodes.CardNotPossible, $"{request.RepoId}: the set has '{file.PathInRepo}', "
                + $"but hubs read a card only from {Name}, written so. Rename {file.SourcePath}.");
        }
    }

    private void Check(PushFile file, CardOptions options, PushRequest request, IHubLog log)
    {
        // What is wrong with a file itself is told where all files are read.
        if (Store.FileStamp.Of(file.SourcePath) is not Store.FileStamp stamp)
            return;
        if (stamp.Size > MostBytes)
            throw new HubException(WiseCodes.InvalidCard, $"{file.SourcePath} has {ByteSize.Show(stamp.Size)}; "
                + $"a card may have {ByteSize.Show(MostBytes)}. Put the rest into other files.")
            { File = file.SourcePath };
        FrontMatter card = FrontMatter.Read(file.SourcePath, ContendedFiles.OfSystem.Read(file.SourcePath));
        if (options.Mode != CardMode.Merge)
            return;
        List<(string Key, List<string> Lines)> missing =
            [.. CardText.Keys(options, request.RepoType).Where(k => !card.Has(k.Key))];
        if (missing.Count == 0)
            return;
        Take(card.With(missing.SelectMany(k => k.Lines)), file);
        log.Info($"{request.RepoId}: {Name} is pushed with {string.Join(", ", missing.Select(k => k.Key))} added to what "
            + $"{file.SourcePath} says.");
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
            throw new HubException(WiseCodes.CardNotPossible,
                $"Only the card of a model can say {string.Join(" and ", forModels)}, and this is a dataset. Leave that out.");
        if (type is not (RepoType.Model or RepoType.Dataset) && options.IsAnythingStated)
            throw new HubException(WiseCodes.CardNotPossible, $"A repo of type {type.ToText()} has no card that could be made, "
                + $"only models and datasets have. Leave the card options out, or put a {Name} into the set.");
    }
}
