namespace WiseHub.Client;

/// <summary>
/// A failure with a WISE code. The message says what failed, what the other side responded, and what to do next.
/// </summary>
/// <param name="code">One of <see cref="WiseCodes"/>.</param>
/// <param name="message">The whole text for the user; never contains a token or the query of a URL.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed class HubException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>One of <see cref="WiseCodes"/>.</summary>
    public string Code { get; } = code;

    /// <summary>The reference that failed, if the failure belongs to one.</summary>
    public RepoReference? Reference { get; init; }

    /// <summary>The configuration or lock file with the mistake, if any.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, counted from 1; 0 if unknown.</summary>
    public int Line { get; init; }

    /// <summary>Column in <see cref="File"/>, counted from 1; 0 if unknown.</summary>
    public int Column { get; init; }

    /// <summary>True for a transient failure: the hub is down or busy.</summary>
    internal bool IsTransient { get; init; }

    /// <inheritdoc/>
    public override string? HelpLink => WiseCodes.HelpLink(Code);

    internal HubException About(RepoReference reference) =>
        Reference is null ? new(Code, Message, InnerException)
        { Reference = reference, File = File, Line = Line, Column = Column, IsTransient = IsTransient } : this;
}
