namespace WiseHub.Client.Formats;

/// <summary>
/// A fault, on the way from a parser to the entry point of this folder that was called. It never leaves the folder: callers get a
/// <see cref="HeaderFault"/> or a <see cref="HubException"/>.
/// </summary>
internal sealed class FalseHeaderException(Text what, Exception? cause = null) : Exception(what, cause)
{
    public HeaderFault Fault { get; } = new(what);

    /// <summary>The format is right, and its version is not known.</summary>
    public bool IsOtherVersion { get; init; }
}
