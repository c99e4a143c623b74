using System.Text.Json;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>The completeness of a copy.</summary>
internal enum HgPresence
{
    /// <summary>No marker.</summary>
    None,
    /// <summary>Card or configuration of a model, without weights.</summary>
    Metadata,
    /// <summary>All files that its markers name.</summary>
    Whole,
}

/// <summary>
/// The files that show that a copy exists (docs/protocols/hg-localization.md#the-bucket). A marker alone proves little, because
/// files are uploaded one by one, so the files that it names must exist, too.
/// </summary>
internal static class HgMarkers
{
    public const string Info = "dataset_info.json", Dict = "dataset_dict.json", DatasetCard = "dataset_card.md",
        ModelCard = "model_card.md", ModelConfig = "config.json";

    /// <summary>The card of a repo on a hub.</summary>
    public const string Readme = "README.md";

    /// <summary>The card in a copy of the other tool.</summary>
    public static string CardOf(RepoType type) => type == RepoType.Model ? ModelCard : DatasetCard;

    // A state or index file has one line for each shard; 64 MiB are some 500,000.
    public const int MaxBytes = 1 << 26;

    /// <summary>True for a file that is uploaded after all others, because readers take it as a sign that they exist.</summary>
    public static bool IsMarker(RepoType type, string path) =>
        type == RepoType.Dataset ? path is Info or Dict : path is ModelConfig or ModelCard;

    /// <param name="type">Dataset or model.</param>
    /// <param name="paths">The existing files.</param>
    /// <param name="where">The copy, for messages.</param>
    /// <param name="readAsync">Reads one of them; null if it was deleted.</param>
    /// <exception cref="HubException">WISE3040: a marker names a missing file, or cannot be read.</exception>
    public static async Task<HgPresence> LookAsync(
        RepoType type, IReadOnlySet<string> paths, string where, Func<string, Task<byte[]?>> readAsync)
    {
        if (type == RepoType.Model)
            return await LookAtModelAsync(paths, where, readAsync).ConfigureAwait(false);
        if (paths.Contains(Dict))
        {
            foreach (string split in Strings(await JsonAsync(Dict).ConfigureAwait(false), "splits"))
            {
                Require(split + "/" + Info);
                Require(split + "/state.json");
                await CheckStateAsync(split + "/").ConfigureAwait(false);
            }
            return HgPresence.Whole;
        }
        if (!paths.Contains(Info))
            return HgPresence.None;
        await CheckStateAsync("").ConfigureAwait(false);
        return HgPresence.Whole;

        // Written by save_to_disk of the datasets library: {"_data_files":[{"filename":"data-00000-of-00001.arrow"}],…}.
        async Task CheckStateAsync(string folder)
        {
            // Data placed by hand need not have one.
            if (!paths.Contains(folder + "state.json"))
                return;
            JsonElement state = await JsonAsync(folder + "state.json").ConfigureAwait(false);
            if (!state.TryGetProperty("_data_files", out JsonElement files) || files.ValueKind != JsonValueKind.Array)
                return;
            foreach (JsonElement file in files.EnumerateArray())
            {
                if (file.ValueKind == JsonValueKind.Object && file.TryGetProperty("filename", out JsonElement name)
                    && name.ValueKind == JsonValueKind.String)
                    Require(folder + StrictJson.Text(name));
            }
        }

        void Require(string path)
        {
            if (!paths.Contains(path))
                throw HgMessages.Incomplete(where, (Text)$"'{path}' is missing");
        }

        Task<JsonElement> JsonAsync(string path) => ReadJsonAsync(path, where, readAsync);
    }

    private static async Task<HgPresence> LookAtModelAsync(
        IReadOnlySet<string> paths, string where, Func<string, Task<byte[]?>> readAsync)
    {
        bool hasConfig = paths.Contains(ModelConfig);
        foreach (string index in paths.Where(p => p.EndsWith(".safetensors.index.json", StringComparison.Ordinal)
            || p.EndsWith(".bin.index.json", StringComparison.Ordinal)))
        {
            JsonElement json = await ReadJsonAsync(index, where, readAsync).ConfigureAwait(false);
            string folder = index[..(index.LastIndexOf('/') + 1)];
            if (!json.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
                throw HgMessages.Incomplete(where, (Text)$"'{index}' has no weight_map");
            foreach (string shard in map.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String)
                .Select(p => StrictJson.Text(p.Value) ?? "").Distinct())
            {
                if (!paths.Contains(folder + shard))
                    throw HgMessages.Incomplete(where, (Text)$"'{index}' names '{folder + shard}', which is missing");
            }
        }
        if (hasConfig && paths.Any(p => p.EndsWith(".safetensors", StringComparison.Ordinal)
            || p.EndsWith(".bin", StringComparison.Ordinal)))
            return HgPresence.Whole;
        return hasConfig || paths.Contains(ModelCard) ? HgPresence.Metadata : HgPresence.None;
    }

    private static async Task<JsonElement> ReadJsonAsync(string path, string where, Func<string, Task<byte[]?>> readAsync)
    {
        byte[] bytes = await readAsync(path).ConfigureAwait(false)
            ?? throw HgMessages.Incomplete(where, (Text)$"'{path}' is missing");
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone()
                : throw HgMessages.Incomplete(where, (Text)$"'{path}' is not a JSON object");
        }
        catch (JsonException e)
        {
            throw HgMessages.Incomplete(where, (Text)$"'{path}' is not JSON ({e.Message.Split(" Path:")[0]})");
        }
    }

    private static IEnumerable<string> Strings(JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.String).Select(i => StrictJson.Text(i) ?? "") : [];
}
