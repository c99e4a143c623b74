namespace WiseHub.Client.Policies;

/// <summary>Which licences are allowed.</summary>
/// <param name="Allow">Patterns of allowed licences; empty for all that are not denied.</param>
/// <param name="Deny">Patterns of denied licences.</param>
/// <param name="AllowsUnstated">Whether a commit without a stated licence is allowed.</param>
internal sealed record LicenseRule(NamePatterns Allow, NamePatterns Deny, bool AllowsUnstated)
{
    /// <summary>The first of the licences that is not allowed; null if all are. Each must be: a list may mean "and".</summary>
    public string? FindRefused(IEnumerable<string> license) =>
        license.FirstOrDefault(l => Deny.Matches(l) || (!Allow.IsEmpty && !Allow.Matches(l)));
}
