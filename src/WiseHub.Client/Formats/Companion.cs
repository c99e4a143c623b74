namespace WiseHub.Client.Formats;

/// <summary>A file that another file needs.</summary>
/// <param name="Path">Its path in the repo.</param>
/// <param name="End">The bytes that it must have at least; null if any size will do.</param>
internal sealed record Companion(string Path, long? End);
