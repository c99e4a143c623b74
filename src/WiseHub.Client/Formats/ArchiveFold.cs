namespace WiseHub.Client.Formats;

/// <summary>The verdict about an archive from those about its files.</summary>
internal sealed class ArchiveFold
{
    private readonly SortedSet<string> _imports = new(StringComparer.Ordinal);
    private string _unknownPath = "";
    private FormatVerdict? _unknown;

    /// <summary>The first file that runs code, pickles before others.</summary>
    public FormatVerdict? Code { get; private set; }

    /// <summary>Its path in the archive.</summary>
    public string CodePath { get; private set; } = "";

    /// <summary>True if it is a pickle.</summary>
    public bool HasPickle => Code?.Format.Waiver == FileFormats.Pickle.Waiver;

    /// <summary>What all pickles import.</summary>
    public IReadOnlyList<string> Imports => [.. _imports.Take(FormatVerdict.MostImports)];

    public void Add(string path, FormatVerdict verdict)
    {
        _imports.UnionWith(verdict.Imports);
        if (verdict.Risk == FormatRisk.Code && (Code is null || (!HasPickle
            && verdict.Format.Waiver == FileFormats.Pickle.Waiver)))
            (Code, CodePath) = (verdict, path);
        if (verdict.Risk == FormatRisk.Unknown && _unknown is null)
            (_unknown, _unknownPath) = (verdict, path);
    }

    /// <summary>The verdict.</summary>
    /// <param name="data">The format if no file runs code.</param>
    /// <param name="unknown">The format if that cannot be said.</param>
    /// <param name="fault">What is wrong with the archive.</param>
    public FormatVerdict Verdict(FileFormat data, FileFormat unknown, Text? fault) =>
        Code is not null ? new FormatVerdict(Code.Format, Imports, fault ?? FormatMessages.Member(CodePath, Code.Format.Name))
        : fault is not null ? FormatVerdict.Of(unknown, fault)
        : _unknown is null ? FormatVerdict.Of(data)
        : FormatVerdict.Of(unknown, _unknown.Reason is Text reason ? FormatMessages.MemberReason(_unknownPath, reason)
            : FormatMessages.Member(_unknownPath, _unknown.Format.Name));
}
