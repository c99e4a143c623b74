namespace WiseHub.Client;

/// <summary>The forms of a commit id: 40 hexadecimal digits in git, 64 for a push to a store.</summary>
internal static class CommitId
{
    public static bool IsCommit(string text) => text.Length is 40 or 64 && text.AsSpan().IndexOfAnyExcept(Digest.LowerHex) < 0;

    public static bool IsGitId(string text) => text.Length == 40 && IsCommit(text);
}
