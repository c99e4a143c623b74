namespace WiseHub.Client;

/// <summary>The files of a revision.</summary>
/// <param name="Hub">The hub that listed them.</param>
/// <param name="Commit">The commit of the revision.</param>
/// <param name="Files">In ordinal UTF-8 order.</param>
public sealed record RepoListing(string Hub, string Commit, IReadOnlyList<TreeEntry> Files);
