namespace WiseHub.Client.Policies;

/// <summary>How strictly the formats of files are checked, from the weakest.</summary>
internal enum FormatLevel
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>A file whose usual loader runs code is refused.</summary>
    Standard,

    /// <summary>Only a file that is known to be data is taken.</summary>
    Strict,
}
