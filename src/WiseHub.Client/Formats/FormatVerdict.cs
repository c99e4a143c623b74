namespace WiseHub.Client.Formats;

/// <summary>What a file is.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Imports">
/// What its pickles import, as <c>module.name</c>: distinct, in ordinal order, at most <see cref="MostImports"/>. A note for
/// people: an import that is not listed may still happen.
/// </param>
/// <param name="Reason">Why it is not what it seems, as one clause; null if there is nothing to say.</param>
internal sealed record FormatVerdict(FileFormat Format, IReadOnlyList<string> Imports, Text? Reason)
{
    /// <summary>The largest number of imports in a verdict.</summary>
    public const int MostImports = 20;

    /// <summary>Whether loading the file runs code.</summary>
    public FormatRisk Risk => Format.Risk;

    /// <summary>A verdict without imports.</summary>
    public static FormatVerdict Of(FileFormat format, Text? reason = null) => new(format, [], reason);
}
