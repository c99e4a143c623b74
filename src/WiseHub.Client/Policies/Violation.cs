namespace WiseHub.Client.Policies;

/// <summary>A rule that is broken.</summary>
/// <param name="Failure">What broke it, and what to do.</param>
/// <param name="WarnsOnly">True if the policy only warns.</param>
internal sealed record Violation(HubException Failure, bool WarnsOnly);
