namespace WiseHub.Client.Formats;

/// <summary>Whether the usual loader of a format runs what the author of a file chose.</summary>
internal enum FormatRisk
{
    /// <summary>It does not.</summary>
    Data,
    /// <summary>It cannot be said, because the format is unknown or was not looked into.</summary>
    Unknown,
    /// <summary>It does, or can be made to.</summary>
    Code,
}
