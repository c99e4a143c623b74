using System.Reflection;
using WiseHub.Client;

namespace WiseHub.Build.Tests;

/// <summary>
/// A task that warns of every code: any failure is a warning for a reference that is optional or has a fallback or a
/// mirror. The engine of a real build loads it, too.
/// </summary>
public sealed class WarnOfAllCodes : WiseTask
{
    /// <summary>All codes.</summary>
    public static readonly IReadOnlyList<string> Codes =
        [.. typeof(WiseCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        foreach (string code in Codes)
            log.Warning(code, "doubtful");
    }
}
