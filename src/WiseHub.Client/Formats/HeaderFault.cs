namespace WiseHub.Client.Formats;

/// <summary>A fault of a header: what is wrong, in one clause for a message.</summary>
/// <param name="What">The clause; the file is its subject ("it has no graph").</param>
internal sealed record HeaderFault(Text What);
