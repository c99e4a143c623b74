using System.Text;

namespace WiseHub.Client.Pushing;

/// <summary>
/// Writes a card from its options. Equal options give equal bytes, so that an unchanged publish makes no commit.
/// </summary>
internal static class CardText
{
    private const string DefaultLibrary = "dotnet";

    // The branch of new repos on every hub; users of the repo need not specify it.
    private const string DefaultBranch = "main";

    /// <summary>The keys of the front matter that are set by the options, each with its lines.</summary>
    public static List<(string Key, List<string> Lines)> Keys(CardOptions options, RepoType type)
    {
        var keys = new List<(string Key, List<string> Lines)>();
        bool isModel = type == RepoType.Model;
        if (!isModel)
            Add("pretty_name", Trimmed(options.Title));
        // CA1308: the hubs' identifiers of licences are lower case.
#pragma warning disable CA1308
        Add("license", Trimmed(options.License)?.ToLowerInvariant());
#pragma warning restore CA1308
        AddList("language", options.Language, oneAsText: true);
        AddList("tags", options.Tags);
        if (isModel)
        {
            Add("library_name", Trimmed(options.LibraryName));
            Add("pipeline_tag", Trimmed(options.PipelineTag));
            AddList("base_model", options.BaseModel, oneAsText: true);
            AddList("datasets", options.Datasets);
            AddList("widget", options.Widget, write: w => "text: " + YamlText.Quote(w));
        }
        else
        {
            AddList("task_categories", Trimmed(options.PipelineTag) is string task ? [task] : []);
        }
        return keys;

        void Add(string key, string? value)
        {
            if (value is not null)
                keys.Add((key, [$"{key}: {YamlText.Write(value)}"]));
        }

        void AddList(string key, IReadOnlyList<string> values, bool oneAsText = false, Func<string, string>? write = null)
        {
            List<string> items = [.. values.Select(Trimmed).OfType<string>().Distinct(StringComparer.Ordinal)];
            if (oneAsText && items is [string only])
                Add(key, only);
            else if (items.Count > 0)
                keys.Add((key, [key + ":", .. items.Select(i => "- " + (write ?? YamlText.Write)(i))]));
        }
    }

    /// <summary>Writes a whole card.</summary>
    /// <param name="options">The content of the card.</param>
    /// <param name="reference">The repo, with its hub and the target branch.</param>
    public static byte[] Whole(CardOptions options, RepoReference reference)
    {
        CardOptions full = reference.RepoType == RepoType.Model
            ? options with { LibraryName = Trimmed(options.LibraryName) ?? DefaultLibrary } : options;
        string title = Trimmed(options.Title)?.ReplaceLineEndings(" ") ?? reference.RepoId.Split('/')[^1];
        var text = new StringBuilder("---\n");
        foreach (string line in Keys(full, reference.RepoType).SelectMany(k => k.Lines))
            text.Append(line).Append('\n');
        text.Append("---\n\n# ").Append(title).Append('\n');
        if (Trimmed(options.Description) is string description)
            text.Append('\n').Append(description.ReplaceLineEndings("\n")).Append('\n');
        // A name without an owner means the pusher's own namespace, so it would not work for other users.
        if (reference.RepoId.Contains('/', StringComparison.Ordinal))
            text.Append("\n## Use\n\nIn a .NET project with the package WiseHub.Build:\n\n```xml\n")
                .Append(UsageSnippet.ProjectItem(
                    reference with { Revision = reference.Revision == DefaultBranch ? null : reference.Revision }))
                .Append("\n```\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
