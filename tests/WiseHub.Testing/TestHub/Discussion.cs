using System.Globalization;
using System.Text.Json.Nodes;

namespace WiseHub.Testing;

/// <summary>A user's wish to see a gated repo.</summary>
/// <param name="Status"><c>pending</c>, <c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Time">Since when.</param>
internal sealed record AccessRequest(string Status, DateTimeOffset Time);

/// <summary>A discussion of a repo, or a pull request.</summary>
internal sealed class Discussion(
    int number, string title, string author, bool isPullRequest, string branch, DateTimeOffset createdAt)
{
    private readonly Lock _gate = new();
    private readonly List<JsonObject> _events = [];

    public int Number { get; } = number;

    public string Title { get; private set; } = title;

    public string Author { get; } = author;

    public bool IsPullRequest { get; } = isPullRequest;

    /// <summary>Where a pull request is to be merged.</summary>
    public string Branch { get; } = branch;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    /// <summary><c>open</c>, <c>closed</c>, <c>draft</c> or <c>merged</c>.</summary>
    public string Status { get; set; } = "open";

    public string? MergeCommit { get; set; }

    public string Reference => string.Create(CultureInfo.InvariantCulture, $"refs/pr/{Number}");

    public JsonObject Comment(string user, string text, DateTimeOffset time) =>
        Add("comment", user, time,
            new JsonObject { ["edited"] = false, ["hidden"] = false, ["latest"] = Version(user, text, time) });

    public JsonObject Rename(string user, string to, DateTimeOffset time)
    {
        string from = Title;
        Title = to;
        return Add("title-change", user, time, new JsonObject { ["from"] = from, ["to"] = to });
    }

    public JsonObject ChangeStatus(string user, string status, DateTimeOffset time)
    {
        Status = status;
        return Add("status-change", user, time, new JsonObject { ["status"] = status });
    }

    /// <summary>Edits (null: hides) a comment; null when there is none of that id.</summary>
    public JsonObject? Edit(string id, string? text, string user, DateTimeOffset time)
    {
        lock (_gate)
        {
            if (_events.Find(e => e["id"]!.GetValue<string>() == id && e["type"]!.GetValue<string>() == "comment")
                is not JsonObject comment)
                return null;
            JsonNode data = comment["data"]!;
            data[text is null ? "hidden" : "edited"] = true;
            data["latest"] = Version(user, text ?? "This comment has been hidden", time);
            return (JsonObject)comment.DeepClone();
        }
    }

    public JsonArray Events()
    {
        lock (_gate)
            return new JsonArray([.. _events.Select(e => e.DeepClone())]);
    }

    private JsonObject Add(string type, string user, DateTimeOffset time, JsonObject data)
    {
        var added = new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString("N")[..24],
            ["type"] = type,
            ["createdAt"] = InfoApi.Time(time),
            ["author"] = new JsonObject { ["name"] = user, ["type"] = "user" },
            ["data"] = data,
        };
        lock (_gate)
            _events.Add(added);
        return (JsonObject)added.DeepClone();
    }

    private static JsonObject Version(string user, string text, DateTimeOffset time) =>
        new() { ["raw"] = text, ["updatedAt"] = InfoApi.Time(time), ["author"] = new JsonObject { ["name"] = user } };
}
