namespace WiseHub.Client;

/// <summary>The forms of a commit id: 40 hex of git, 64 hex of a store's own push.</summary>
internal static class CommitId
{
    public static bool IsCommit(string text) => text.Length is 40 or 64 && text.AsSpan().IndexOfAnyExcept(Digest.LowerHex) < 0;

    public static bool IsGitId(string text) => text.Length == 40 && IsCommit(text);
}
