namespace WiseHub.Client;

/// <summary>
/// The messages about references, their parts, and JSON files. The reasons that a name or path is refused for are beside their
/// rules: <see cref="PathRules"/>, <see cref="RepoReference"/>, <see cref="UrlReference"/>.
/// </summary>
internal static class ModelMessages
{
    public static HubException MalformedRepoId(string id, string reason) => new(WiseCodes.MalformedRepoId,
        $"'{id}' is not a repo id: {reason}. Write owner/name, or a single name if the hub has such ids (gpt2).");

    public static HubException NoSubgroups(string id, string hub) => new(WiseCodes.MalformedRepoId,
        $"'{id}' is not a repo id of '{hub}': it has more than one '/', and the hub has no subgroups. Write owner/name.");

    public static HubException MalformedRevision(RepoReference reference, string reason) => new(WiseCodes.MalformedRevision,
        $"{reference}: '{reference.Revision}' is not a revision: {reason}. Write a branch, a tag or a commit.");

    /// <param name="url">The URL as it may be shown, without its query.</param>
    /// <param name="reason">The reason from <see cref="UrlReference.Reject"/>.</param>
    public static HubException UnusableUrl(string url, string reason) => new(WiseCodes.UnusableUrl,
        $"'{url}' {reason}. Write the https URL of a file, without user and query.");

    public static HubException HubOfUrl(RepoReference reference) => new(WiseCodes.UrlSetting,
        $"{reference}: a URL already identifies its server, so it cannot have a hub. Remove Hub.");

    public static HubException StreamReadTwice(string pathInRepo) => new(WiseCodes.InvalidPush,
        $"The stream for '{pathInRepo}' was read by an earlier push and cannot be read again. Give each push a new stream.");

    public static Text NotASha256(string text) => $"'{text}' is not a sha256 of 64 hexadecimal characters.";

    /// <param name="place">The file, with line and column.</param>
    /// <param name="reason">The reason from the parser.</param>
    /// <param name="remedy">The next step, which depends on the kind of file.</param>
    public static Text NotJson(string place, string reason, string remedy) => $"{place} is not valid JSON: {reason} {remedy}";

    /// <summary>A reason for <see cref="NotJson"/>; that of .NET tells programmers to change the reader.</summary>
    public static Text TrailingComma => $"nothing follows the comma before this character. Remove that comma.";

    /// <inheritdoc cref="NotJson"/>
    public static Text NotAJsonObject(string place, string remedy) => $"{place} is not a JSON object. {remedy}";

    /// <inheritdoc cref="NotJson"/>
    public static string WrongJson(string place, string problem, string remedy) => $"{place}: {problem} {remedy}";

    /// <summary>A problem for <see cref="WrongJson"/>.</summary>
    public static Text KeyNotUnicode => $"a key is not valid Unicode.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text NotUnicode => $"this string is not valid Unicode.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text ObjectExpected => $"an object is expected here.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text VersionMissing => $"'version' is missing or not 1.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text UnknownKey(string key, IEnumerable<string> known) =>
        $"'{key}' is not a known key.{DidYouMean(key, known)} The keys are {string.Join(", ", known)}.";

    /// <summary>A sentence with a space before it, or an empty text.</summary>
    public static string DidYouMean(string given, IEnumerable<string> known) =>
        Suggestions.Sentence(Suggestions.Nearest(given, known));

    /// <summary>
    /// As <see cref="DidYouMean"/>, for ids of repos. Names are compared without their owners, which would make all repos of an
    /// owner look alike. Empty if the id itself is known: the failure has another cause than its spelling.
    /// </summary>
    public static string DidYouMeanRepo(string id, IReadOnlyList<string> known)
    {
        if (known.Contains(id))
            return "";
        static string Name(string id) => id.Split('/')[^1];
        string? nearest = Suggestions.Nearest(Name(id), known.Select(Name));
        return Suggestions.Sentence(nearest is null ? null : PathRules.Printable(known.First(k => Name(k) == nearest)));
    }

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text KeyTwice(string key) => $"'{key}' occurs twice.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text Missing(string key) => $"'{key}' is missing or empty.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text NotAString(string key) => $"'{key}' must be a string.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text NotStrings(string key) => $"'{key}' must contain strings.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text NotAList(string key) => $"'{key}' must be a list.";

    /// <inheritdoc cref="Missing"/>
    public static Text NotABoolean(string key) => $"'{key}' must be true or false.";

    /// <inheritdoc cref="KeyNotUnicode"/>
    public static Text NotANumber(string key) => $"'{key}' must be a whole number of at least 0.";
}
