using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>What is said about repos: one, and lists of them.</summary>
internal sealed class InfoApi(TestHub hub)
{
    // What a list says of a model unless more is asked for, by `full` or `expand`; of datasets and spaces it says more. The
    // clients show it: list-models.ts of huggingface.js expands what is missing here, and list-datasets.ts there less.
    private static readonly string[] ModelList =
        ["_id", "id", "likes", "trendingScore", "private", "downloads", "tags", "pipeline_tag", "library_name",
            "createdAt", "modelId"];

    private static readonly string[] OtherList =
        ["_id", "id", "author", "disabled", "gated", "lastModified", "likes", "trendingScore", "private", "sha", "downloads",
            "tags", "createdAt", "sdk"];

    // The Expand…Property_T types of https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/hf_api.py,
    // which a test there compares with the hub's own message.
    private static readonly Dictionary<string, string[]> Expandable = new(StringComparer.Ordinal)
    {
        ["model"] =
        [
            "author", "baseModels", "cardData", "childrenModelCount", "config", "createdAt", "disabled", "downloads",
            "downloadsAllTime", "evalResults", "gated", "gguf", "inference", "inferenceProviderMapping", "lastModified",
            "library_name", "likes", "mask_token", "model-index", "pipeline_tag", "private", "resourceGroup", "safetensors",
            "sha", "siblings", "spaces", "tags", "transformersInfo", "trendingScore", "usedStorage", "widgetData",
            "gitalyUid", "xetEnabled",
        ],
        ["dataset"] =
        [
            "author", "cardData", "citation", "createdAt", "description", "disabled", "downloads", "downloadsAllTime", "gated",
            "lastModified", "likes", "mainSize", "paperswithcode_id", "private", "resourceGroup", "sha", "siblings", "tags",
            "trendingScore", "usedStorage", "gitalyUid", "xetEnabled",
        ],
        ["space"] =
        [
            "author", "cardData", "createdAt", "datasets", "disabled", "lastModified", "likes", "models", "private", "region",
            "resourceGroup", "runtime", "sdk", "sha", "siblings", "subdomain", "tags", "trendingScore", "usedStorage",
            "gitalyUid", "xetEnabled",
        ],
    };

    private const int LargestPage = 1000;

    public static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>false, or how access is granted.</summary>
    public static JsonNode GatedOf(TestRepo repo) => repo.Gated is string how ? how : false;

    public static async Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest)
    {
        if (call.Verb != "GET" || (verb, rest) is not (("", []) or ("revision", [_])))
            return false;
        RepoCommit? commit = verb.Length == 0 ? repo.Find("HEAD") : repo.Find(rest[0]) ?? throw ApiError.NoRevision(rest[0]);
        string[] expand = Expanded(call, repo.Type);
        JsonObject info = Info(repo, commit, call.Flag("blobs"));
        await call.WriteJsonAsync(expand.Length == 0 ? Without(info, ["trendingScore", "xetEnabled"])
            : Only(info, ["_id", "id", .. expand]));
        return true;
    }

    public async Task<bool> SearchAsync(Call call, string type)
    {
        IQueryCollection query = call.Request.Query;
        string author = query["author"].ToString();
        string[] expand = Expanded(call, type);
        string[] tags = [.. query["filter"].SelectMany(f => f!.Split(',', StringSplitOptions.RemoveEmptyEntries)),
            .. query["pipeline_tag"].OfType<string>()];
        IEnumerable<TestRepo> found = hub.ReposOf(type).Where(r => (!r.IsPrivate || call.IsMember(r))
            && tags.All(t => r.Labels.Contains(t))
            && query["search"].All(s => r.Id.Contains(s!, StringComparison.OrdinalIgnoreCase))
            && (author.Length == 0 || r.Namespace.Equals(author, StringComparison.OrdinalIgnoreCase))
            && (query["gated"].Count == 0 || r.IsGated == call.Flag("gated")));
        // The newest first; repos of one moment by their ids.
        Func<TestRepo, DateTimeOffset>? key = query["sort"].ToString() switch
        {
            "createdAt" => r => r.CreatedAt,
            "lastModified" => r => r.Find("HEAD")?.Time ?? r.CreatedAt,
            "" or "downloads" or "likes" or "trendingScore" => null,
            _ => throw new ApiError(400, null,
                "\"sort\" must be one of [createdAt, downloads, lastModified, likes, trendingScore]"),
        };
        List<TestRepo> all = [.. key is null ? found : found.OrderByDescending(key)];
        int limit = Math.Clamp(call.Number("limit", LargestPage), 1, LargestPage), skip = call.Number("cursor", 0);
        if (skip + limit < all.Count)
            call.AddNextLink((skip + limit).ToString(CultureInfo.InvariantCulture));
        bool full = call.Flag("full");
        await call.WriteJsonAsync(new JsonArray([.. all.Skip(skip).Take(limit).Select(r =>
        {
            JsonObject info = Info(r, r.Find("HEAD"), blobs: false);
            return (JsonNode)(expand.Length > 0 ? Only(info, ["_id", "id", .. expand])
                : full ? Without(info, call.Flag("cardData") ? ["usedStorage", "xetEnabled"]
                    : ["usedStorage", "xetEnabled", "cardData"]) : Only(info, type == "model" ? ModelList : OtherList));
        })]));
        return true;
    }

    private static string[] Expanded(Call call, string type)
    {
        string[] expand = [.. call.Request.Query["expand"].Concat(call.Request.Query["expand[]"]).OfType<string>()];
        string[] known = Expandable[type];
        return expand.All(known.Contains) ? expand
            : throw new ApiError(400, null, $"\"expand\" must be one of [{string.Join(", ", known)}]");
    }

    private static JsonObject Only(JsonObject info, IEnumerable<string> keys) =>
        new([.. keys.Where(info.ContainsKey).Distinct().Select(k => KeyValuePair.Create(k, info[k]?.DeepClone()))]);

    private static JsonObject Without(JsonObject info, string[] keys)
    {
        Array.ForEach(keys, k => info.Remove(k));
        return info;
    }

    private static JsonObject Info(TestRepo repo, RepoCommit? commit, bool blobs)
    {
        var siblings = new JsonArray();
        foreach (RepoFile file in (commit?.Files.Values ?? []).OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var sibling = new JsonObject { ["rfilename"] = file.Path };
            if (blobs)
            {
                sibling["size"] = file.Content.Size;
                sibling["blobId"] = file.BlobId;
                if (file.IsLfs)
                    sibling["lfs"] = new JsonObject
                    {
                        ["sha256"] = file.Content.Sha256,
                        ["size"] = file.Content.Size,
                        ["pointerSize"] = file.Pointer.Length
                    };
            }
            siblings.Add(sibling);
        }
        var info = new JsonObject { ["_id"] = "0123456789abcdef01234567", ["id"] = repo.Id };
        if (repo.Type == "model")
            info["modelId"] = repo.Id;
        info["sha"] = commit?.Id;
        info["author"] = repo.Id.Split('/')[0];
        info["private"] = repo.IsPrivate;
        info["gated"] = GatedOf(repo);
        info["disabled"] = repo.IsDisabled;
        info["lastModified"] = Time(commit?.Time ?? repo.CreatedAt);
        info["createdAt"] = Time(repo.CreatedAt);
        info["downloads"] = 0;
        info["likes"] = repo.Likes.Count;
        info["trendingScore"] = 0;
        info["tags"] = new JsonArray([.. repo.Labels.Select(l => (JsonNode)l)]);
        info["usedStorage"] = commit?.Files.Values.Sum(f => f.Content.Size) ?? 0;
        info["xetEnabled"] = true;
        if (repo.Type == "space")
            info["sdk"] = repo.Sdk ?? "static";
        if (commit is not null && repo.CardOf(commit) is JsonObject card)
            info["cardData"] = card;
        info["siblings"] = siblings;
        return info;
    }
}
