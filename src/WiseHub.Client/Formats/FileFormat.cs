namespace WiseHub.Client.Formats;

/// <summary>A format of files.</summary>
/// <param name="Id">The stable name for policies, in lower case.</param>
/// <param name="Risk">Whether loading a file of it runs code.</param>
/// <param name="Waiver">The word with which a user allows it; null for what runs no code.</param>
internal sealed record FileFormat(string Id, FormatRisk Risk, string? Waiver)
{
    /// <summary>The name for people, in the language of the process.</summary>
    public Text Name => FormatMessages.NameOf(Id);
}
