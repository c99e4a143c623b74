using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>What becomes of a warning.</summary>
internal enum WarningFate
{
    /// <summary>It stays a warning.</summary>
    Warning,

    /// <summary>It fails the build.</summary>
    Error,

    /// <summary>Only a detailed log shows it.</summary>
    Message,
}

/// <summary>
/// What a project says of warnings, by the properties that the compiler obeys. MSBuild reads some of them itself, but not
/// <c>TreatWarningsAsErrors</c>, and none of them in the outer build of a project with several target frameworks. The
/// decision for a code needs no list of codes, because any failure can be told as a warning where a reference is optional
/// or has a fallback.
/// </summary>
internal sealed class WarningRules(ITaskItem item)
{
    private const string TreatWarningsAsErrorsName = "TreatWarningsAsErrors";
    private const string WarningsAsErrorsName = "WarningsAsErrors";
    private const string WarningsNotAsErrorsName = "WarningsNotAsErrors";
    private const string NoWarnName = "NoWarn";

    // People separate codes by all of these, and the compiler takes them.
    private static readonly char[] Separators = [';', ',', ' ', '\t', '\r', '\n'];

    /// <summary>The metadata that hold the properties.</summary>
    public static IReadOnlyList<string> Metadata { get; } =
        [TreatWarningsAsErrorsName, WarningsAsErrorsName, WarningsNotAsErrorsName, NoWarnName];

    /// <summary>
    /// <c>NoWarn</c> comes first, then a code that <c>WarningsAsErrors</c> names, then one that <c>WarningsNotAsErrors</c> names:
    /// this is MSBuild's order.
    /// </summary>
    public WarningFate Of(string code) => Names(NoWarnName, code) ? WarningFate.Message
        : Names(WarningsAsErrorsName, code) ? WarningFate.Error
        : Names(WarningsNotAsErrorsName, code) ? WarningFate.Warning
        : item.GetMetadata(TreatWarningsAsErrorsName).Trim()
            .Equals("true", StringComparison.OrdinalIgnoreCase) ? WarningFate.Error
        : WarningFate.Warning;

    private bool Names(string property, string code) =>
        item.GetMetadata(property).Split(Separators, StringSplitOptions.RemoveEmptyEntries)
            .Contains(code, StringComparer.OrdinalIgnoreCase);
}
