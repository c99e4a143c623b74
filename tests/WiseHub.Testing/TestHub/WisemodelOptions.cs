using System.Collections.Concurrent;

namespace WiseHub.Testing;

/// <summary>How a test hub behaves where it speaks Wisemodel (docs/protocols/wisemodel.md).</summary>
public sealed class WisemodelOptions
{
    private int _endedSessions;

    /// <summary>Most items of a tree page, whatever was asked for.</summary>
    public int TreePageSize { get; set; } = 20;

    /// <summary>Key set paging; without it pages have numbers, as on an older GitLab.</summary>
    public bool KeySetPaging { get; set; } = true;

    /// <summary>Pages name the next one in <c>Link</c>; else only in <c>X-Next-Page</c>.</summary>
    public bool LinkHeaders { get; set; } = true;

    /// <summary>Each page of a list names a next one.</summary>
    public bool EndlessPages { get; set; }

    /// <summary>Links name the host by which GitLab knows itself behind its proxy.</summary>
    public string? InternalHost { get; set; } = "http://gitlab.internal:8181";

    /// <summary>GitLab's raw API gives LFS contents to those who ask with <c>lfs=true</c>; an older one gives pointers.</summary>
    public bool KnowsLfsParameter { get; set; } = true;

    /// <summary>The proxy gives LFS pointers, as one in front of a GitLab with broken LFS.</summary>
    public bool ProxyGivesPointers { get; set; }

    /// <summary>What the proxy says to private repos: a redirect to the page where people log in, or 404.</summary>
    public bool PrivateRedirectsToLogin { get; set; } = true;

    /// <summary>How long a session of the gateway lasts, as its token says.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>So many next calls of the gateway say that the session has ended, whatever its token says.</summary>
    public int EndedSessions
    {
        get => Volatile.Read(ref _endedSessions);
        set => Volatile.Write(ref _endedSessions, value);
    }

    /// <summary>Result codes are all strings; else only those with letters are.</summary>
    public bool CodesAreText { get; set; }

    /// <summary>How long added files wait for their commit.</summary>
    public TimeSpan CommitDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Told the last part of each call's path before it is answered: <c>check</c>, <c>upload</c> and so on.</summary>
    public Action<string>? Called { get; set; }

    /// <summary>What is put together has one byte flipped.</summary>
    public bool MergesWrong { get; set; }

    /// <summary>Pieces that are taken are not kept.</summary>
    public bool LosesPieces { get; set; }

    /// <summary>A file without pieces is refused.</summary>
    public bool RefusesEmptyFiles { get; set; }

    /// <summary>Added files never get their commit.</summary>
    public bool ForgetsQueued { get; set; }

    /// <summary>The pieces that came, in order: <c>name#number:bytes</c>.</summary>
    public ConcurrentQueue<string> Pieces { get; } = new();

    /// <summary>What was queued, in order: <c>branch folder/: name, name (message)</c>.</summary>
    public ConcurrentQueue<string> Queued { get; } = new();

    internal bool TakeEndedSession()
    {
        for (int left = EndedSessions; left > 0; left = EndedSessions)
        {
            if (Interlocked.CompareExchange(ref _endedSessions, left - 1, left) == left)
                return true;
        }
        return false;
    }
}
