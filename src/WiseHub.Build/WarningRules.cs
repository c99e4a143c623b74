using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>The severity that a project gives a warning.</summary>
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
/// The project's rules for warnings, from the properties that the compiler obeys. MSBuild reads some of them itself, but not
/// <c>TreatWarningsAsErrors</c>, and none of them in the outer build of a project with several target frameworks. The rules apply
/// to any code, because any failure can become a warning if a reference is optional or has a fallback.
/// </summary>
internal sealed class WarningRules(ITaskItem item)
{
    private const string TreatWarningsAsErrorsName = "TreatWarningsAsErrors";
    private const string WarningsAsErrorsName = "WarningsAsErrors";
    private const string WarningsNotAsErrorsName = "WarningsNotAsErrors";
    private const string NoWarnName = "NoWarn";

    // The separators that the compiler accepts.
    private static readonly char[] Separators = [';', ',', ' ', '\t', '\r', '\n'];

    /// <summary>The metadata with the properties.</summary>
    public static IReadOnlyList<string> Metadata { get; } =
        [TreatWarningsAsErrorsName, WarningsAsErrorsName, WarningsNotAsErrorsName, NoWarnName];

    /// <summary>
    /// The severity of a code, in MSBuild's order: <c>NoWarn</c>, then <c>WarningsAsErrors</c>, then <c>WarningsNotAsErrors</c>,
    /// then <c>TreatWarningsAsErrors</c>.
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
