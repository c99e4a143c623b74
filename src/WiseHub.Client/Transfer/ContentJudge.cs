namespace WiseHub.Client.Transfer;

/// <summary>Judges a content by its first bytes, before more of it is requested.</summary>
/// <param name="beginning">The first bytes; all of them if the content is smaller than a block.</param>
/// <param name="size">The size of the content in bytes; null if it is not known yet.</param>
/// <returns>Why it is refused; null if it may come.</returns>
internal delegate HubException? ContentJudge(ReadOnlySpan<byte> beginning, long? size);
