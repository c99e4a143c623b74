namespace WiseHub.Client;

/// <content>
/// The place of a failure. Apart from the rest, which the program that runs the code of a repo uses without this library.
/// </content>
public sealed partial class HubException
{
    /// <summary>The reference that failed, if the failure belongs to one.</summary>
    public RepoReference? Reference { get; init; }

    /// <summary>The configuration or lock file with the mistake, if any.</summary>
    public string? File { get; init; }

    /// <summary>Line in <see cref="File"/>, counted from 1; 0 if unknown.</summary>
    public int Line { get; init; }

    /// <summary>Column in <see cref="File"/>, counted from 1; 0 if unknown.</summary>
    public int Column { get; init; }

    /// <summary>
    /// All names of a list of which <see cref="Exception.Message"/> has the first, one a line, for a detailed log; null if there
    /// are no more.
    /// </summary>
    public string? Details { get; init; }

    /// <summary>True for a transient failure: the hub is down or busy.</summary>
    internal bool IsTransient { get; init; }

    /// <inheritdoc/>
    public override string? HelpLink => WiseCodes.HelpLink(Code);

    /// <summary>The same failure with a further sentence.</summary>
    /// <param name="sentence">Begins with a space; empty for no sentence.</param>
    internal HubException With(string sentence) => sentence.Length == 0 ? this : new(Code, Message + sentence, InnerException)
    { Reference = Reference, File = File, Line = Line, Column = Column, IsTransient = IsTransient, Details = Details };

    internal HubException About(RepoReference reference) =>
        Reference is null ? new(Code, Message, InnerException)
        { Reference = reference, File = File, Line = Line, Column = Column, IsTransient = IsTransient, Details = Details } : this;
}
