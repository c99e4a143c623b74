namespace WiseHub.Client;

/// <summary>The files of a revision.</summary>
/// <param name="Hub">The hub that was asked.</param>
/// <param name="Commit">What the revision is.</param>
/// <param name="Files">In ordinal UTF-8 order.</param>
public sealed record RepoListing(string Hub, string Commit, IReadOnlyList<TreeEntry> Files);
