using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub info</c>: what the card, the configuration and the headers of the weights say about a model. Of the weights, only
/// the headers are read.
/// </summary>
internal static class InfoCommand
{
    private const string Card = "README.md", Configuration = "config.json";

    // config.json of models has a few kB.
    private const int LargestConfiguration = 1_000_000;

    // Of weights in more parts, the first ones are read.
    private const int MostFiles = 32;

    private sealed record Facts(RepoReference Repo, RepoListing Listing, CardFacts Card, IReadOnlyList<string> Architectures,
        IReadOnlyList<(TreeEntry Entry, HeaderFacts? Header)> Files, int Unread)
    {
        public long Size => Listing.Files.Sum(f => f.Size ?? 0);
    }

    public static Command Create(string[] args)
    {
        var repo = new Argument<string>("repo-id") { Description = ToolHelp.Repo };
        var file = new Argument<string?>("file") { Description = ProjectHelp.InfoFile, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(repo, args);
        Arguments.RefuseOptions(file, args);
        Option<string?> hub = Arguments.Text("--hub", "name", ToolHelp.Hub);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        Option<string?> revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("info", ProjectHelp.Info) { repo, file, hub, type, revision, json };
        command.SetAction((parsed, cancel) => new CommandRun(cancel) { AsJson = parsed.GetValue(json) }.RunAsync(
            (client, _) =>
            {
                RepoReference named = client.ParseReference(parsed.GetValue(repo)!);
                return ReadAsync(client, named with
                {
                    Hubs = parsed.GetValue(hub) is string name ? [name] : named.Hubs,
                    RepoType = parsed.GetValue(type) ?? named.RepoType,
                    Revision = parsed.GetValue(revision) ?? named.Revision,
                }, parsed.GetValue(file), cancel);
            }, Print, Write));
        return command;
    }

    private static async Task<Facts> ReadAsync(HubClient client, RepoReference repo, string? path, CancellationToken cancel)
    {
        RepoListing listing = await client.Repos.ListFilesAsync(repo with { Files = FileSelection.All },
            cancel).ConfigureAwait(false);
        Task<byte[]> Beginning(TreeEntry file, int length) =>
            client.Repos.ReadBeginningAsync(repo, listing.Commit, file, length, cancel);
        TreeEntry? Find(string name) => listing.Files.FirstOrDefault(f => f.Path == name);
        TreeEntry[] files = path is null
            ? [.. ModelFileChoice.Of(listing.Files).Chosen.Where(f => HeaderFacts.FormatOf(f.Path) is not null)]
            : [Find(path) ?? throw ProjectMessages.NoSuchFile(repo, listing.Commit, path)];
        TreeEntry[] shown = [.. files.Take(MostFiles)];
        IReadOnlyDictionary<string, HeaderFacts> headers =
            await client.Repos.ReadHeadersAsync(repo, listing.Commit, shown, cancel).ConfigureAwait(false);
        CardFacts card = Find(Card) is TreeEntry readme
            ? CardFacts.Read(await Beginning(readme, CardFacts.LargestCard).ConfigureAwait(false)) : CardFacts.None;
        string[] architectures = Find(Configuration) is TreeEntry configuration
            ? ReadArchitectures(await Beginning(configuration, LargestConfiguration).ConfigureAwait(false)) : [];
        return new Facts(repo, listing, card, architectures, [.. shown.Select(f => (f, headers.GetValueOrDefault(f.Path)))],
            files.Length - shown.Length);
    }

    // A file of the hub: what is not there, or is of another type, is not shown.
    private static string[] ReadArchitectures(byte[] bytes)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("architectures", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? [.. list.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a string that is no Unicode.
            return [];
        }
    }

    private static void Print(Facts facts)
    {
        foreach ((Text name, string value) in new (Text Name, string Value)[]
        {
            ($"repo", ProjectMessages.Repo(facts.Repo)), ($"hub", facts.Listing.Hub), ($"commit", facts.Listing.Commit),
            ($"files", Amounts.Show(facts.Listing.Files.Count, facts.Size)), ($"license", string.Join(", ", facts.Card.License)),
            ($"base model", string.Join(", ", facts.Card.BaseModels)), ($"tags", string.Join(", ", facts.Card.Tags)),
            ($"architecture", string.Join(", ", facts.Architectures)),
        }.Where(f => f.Value.Length > 0))
            ConsoleText.Say($"{name}: {value}");
        foreach ((TreeEntry file, HeaderFacts? header) in facts.Files)
        {
            string?[] parts =
            [
                header?.Format ?? ProjectMessages.UnknownFormat, file.Size is long size ? ByteSize.Show(size) : null,
                header?.Architecture, header?.Quantisation, header?.Producer,
                header is { Opsets: { Count: > 0 } opsets }
                    ? ProjectMessages.Opsets(string.Join(" ", opsets.Select(o => $"{o.Domain} {o.Version}"))) : null,
                header?.Tensors is long tensors ? ProjectMessages.Tensors(tensors) : null,
                header?.Parameters is long parameters ? ProjectMessages.Parameters(parameters) : null,
                header is { Types: { Count: > 0 } types } ? string.Join(" ", types.Select(t => t.Type)) : null,
                header is { IsComplete: false } ? ProjectMessages.LargerHeader : null,
                header is { ExternalFiles: { Count: > 0 } others }
                    ? ProjectMessages.DataIn(string.Join(" ", others.Select(f => f.Location))) : null,
            ];
            ConsoleText.Say($"{file.Path}: {string.Join(", ", parts.Where(p => p is not null))}");
        }
        if (facts.Unread > 0)
            ConsoleText.Say(ProjectMessages.MoreParts(facts.Unread));
        if (facts.Files.Count > 1)
            ConsoleText.Say(ProjectMessages.Parameters(facts.Files.Sum(f => f.Header?.Parameters ?? 0)));
    }

    private static void Write(Utf8JsonWriter json, Facts facts)
    {
        json.WriteString("repoId", facts.Repo.RepoId);
        json.WriteString("repoType", facts.Repo.RepoType.ToText());
        json.WriteString("hub", facts.Listing.Hub);
        json.WriteString("commit", facts.Listing.Commit);
        json.WriteNumber("files", facts.Listing.Files.Count);
        json.WriteNumber("size", facts.Size);
        JsonOutput.WriteStrings(json, "license", facts.Card.License);
        JsonOutput.WriteStrings(json, "baseModel", facts.Card.BaseModels);
        JsonOutput.WriteStrings(json, "tags", facts.Card.Tags);
        JsonOutput.WriteStrings(json, "architectures", facts.Architectures);
        JsonOutput.WriteList(json, "weights", facts.Files, file => WriteWeights(json, file.Entry, file.Header));
    }

    private static void WriteWeights(Utf8JsonWriter json, TreeEntry file, HeaderFacts? header)
    {
        JsonOutput.WriteFile(json, file.Path, file.Size);
        json.WriteString("format", header?.Format ?? ProjectMessages.UnknownFormat);
        json.WriteBoolean("complete", header?.IsComplete ?? true);
        if (header?.Architecture is string architecture)
            json.WriteString("architecture", architecture);
        if (header?.Quantisation is string quantisation)
            json.WriteString("quantisation", quantisation);
        if (header?.Tensors is long tensors)
            json.WriteNumber("tensors", tensors);
        if (header?.Parameters is long parameters)
            json.WriteNumber("parameters", parameters);
        JsonOutput.WriteList(json, "types", header?.Types ?? [], type =>
        {
            json.WriteString("type", type.Type);
            json.WriteNumber("tensors", type.Tensors);
            json.WriteNumber("parameters", type.Parameters);
        });
        if (header is { Format: HeaderFacts.Onnx } onnx)
            WriteOnnx(json, onnx);
        json.WriteStartObject("metadata");
        if (header is not null)
        {
            foreach ((string key, string value) in header.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
        }
        json.WriteEndObject();
    }

    private static void WriteOnnx(Utf8JsonWriter json, HeaderFacts onnx)
    {
        if (onnx.Producer is not null)
            json.WriteString("producer", onnx.Producer);
        if (onnx.IrVersion is long version)
            json.WriteNumber("irVersion", version);
        JsonOutput.WriteList(json, "opsets", onnx.Opsets, opset =>
        {
            json.WriteString("domain", opset.Domain);
            json.WriteNumber("version", opset.Version);
        });
        JsonOutput.WriteStrings(json, "customDomains", onnx.CustomDomains);
        JsonOutput.WriteStrings(json, "externalFiles", onnx.ExternalFiles.Select(f => f.Location));
    }
}
