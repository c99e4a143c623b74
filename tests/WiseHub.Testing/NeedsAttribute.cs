using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace WiseHub.Testing;

/// <summary>
/// Says what a test needs that not every machine has. Where it is missing the test is skipped, with the reason. Every need is
/// also a trait, so that a run can leave such tests out: <c>-trait- "Needs=git"</c>, <c>-trait- "System=Linux"</c>.
/// </summary>
/// <param name="needs">Constants of <see cref="Need"/>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class NeedsAttribute(params string[] needs) : BeforeAfterTestAttribute, ITraitAttribute
{
    /// <summary>What is needed.</summary>
    public IReadOnlyList<string> Needs { get; } = needs;

    /// <summary>Why the test needs it, where the test itself does not show that. Part of the skip message.</summary>
    public string? Because { get; init; }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. Needs.Select(n => new KeyValuePair<string, string>(Need.IsSystem(n) ? "System" : "Needs", n))];

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Needs.Select(Need.WhyMissing).FirstOrDefault(r => r is not null) is string reason)
            throw SkipException.ForSkip(Because is null ? reason : $"{reason} {Because}");
    }
}
