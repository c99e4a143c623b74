using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>Asks a hub that has no such repo or revision for the names that the user may have meant.</summary>
internal sealed class HuggingFaceSuggestions(HuggingFaceHub hub)
{
    // One page. An owner with more repos has others of the same name, too.
    private const int MostRepos = 100;

    /// <summary>A sentence with a space before it; empty if no name is near, or the hub does not say.</summary>
    /// <param name="reference">The repo and revision that do not exist.</param>
    /// <param name="code">WISE2003 if it is the revision.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<string> ForAsync(RepoReference reference, string code, CancellationToken cancel)
    {
        try
        {
            return code == WiseCodes.RevisionNotFound ? await RevisionAsync(reference, cancel).ConfigureAwait(false)
                : await RepoAsync(reference, cancel).ConfigureAwait(false);
        }
        catch (HubException)
        {
            // The user gets the failure that led here, without a suggestion.
            return "";
        }
    }

    // https://huggingface.co/docs/hub/api#get-apimodelsrepoidrefs
    private async Task<string> RevisionAsync(RepoReference reference, CancellationToken cancel)
    {
        if (reference.Revision is not string revision)
            return "";
        using JsonDocument? refs = await ReadAsync(hub.Api(reference, "/refs"), cancel).ConfigureAwait(false);
        return refs is null ? "" : ModelMessages.DidYouMean(revision,
            [.. Texts(refs.RootElement, "branches", "name"), .. Texts(refs.RootElement, "tags", "name")]);
    }

    // https://huggingface.co/docs/hub/api#get-apimodels: first the repos of the same owner, then those of the same name.
    private async Task<string> RepoAsync(RepoReference reference, CancellationToken cancel)
    {
        string[] parts = reference.RepoId.Split('/');
        string? own = parts.Length < 2 ? ""
            : await NearestAsync(reference, "author=" + Uri.EscapeDataString(parts[0]), cancel).ConfigureAwait(false);
        // A hub that does not answer one question is not asked another: the user waits.
        return own is not "" ? own ?? ""
            : await NearestAsync(reference, "search=" + Uri.EscapeDataString(parts[^1]), cancel).ConfigureAwait(false) ?? "";
    }

    // Null if the hub does not answer.
    private async Task<string?> NearestAsync(RepoReference reference, string query, CancellationToken cancel)
    {
        Uri uri = hub.At($"/api/{reference.RepoType.ToPlural()}?{query}&limit={MostRepos}");
        using JsonDocument? found = await ReadAsync(uri, cancel).ConfigureAwait(false);
        return found is null ? null : ModelMessages.DidYouMeanRepo(reference.RepoId, [.. Texts(found.RootElement, "id")]);
    }

    private async Task<JsonDocument?> ReadAsync(Uri uri, CancellationToken cancel)
    {
        using HubResponse? response = await hub.TryOnceAsync(uri, cancel).ConfigureAwait(false);
        return response?.Json(hub.Unexpected);
    }

    private static IEnumerable<string> Texts(JsonElement root, string list, string key) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(list, out JsonElement items) ? Texts(items, key) : [];

    private static IEnumerable<string> Texts(JsonElement items, string key) => items.ValueKind != JsonValueKind.Array ? []
        : items.EnumerateArray().Select(i => StrictJson.Text(i, key)).OfType<string>();
}
