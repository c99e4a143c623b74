namespace WiseHub.Client.Hubs.Git;

/// <summary>Errors that both ways to a git host have.</summary>
internal static class GitProblems
{
    /// <summary>The host no longer has a commit.</summary>
    /// <param name="reference">What is wanted.</param>
    /// <param name="hub">The host.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="said">The words of git or of the host.</param>
    /// <param name="cause">What they came with.</param>
    public static HubException CommitGone(RepoReference reference, HubDefinition hub, string commit, string said, Exception cause)
    {
        string host = Urls.Show(hub.Endpoint!);
        return new HubException(WiseCodes.RevisionNotFound,
            $"{reference} on '{hub.Name}' ({host}) has no commit {commit} (\"{said}\"). If it was there before, the history was "
            + "rewritten (squashed or force-pushed) or the repo was made anew. Name a commit or a branch that the host has.",
            cause)
        { Reference = reference };
    }
}
