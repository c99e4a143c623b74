namespace WiseHub.Testing;

/// <summary>An account of a test hub. It may write to its own namespace and to those of its organizations.</summary>
/// <param name="Name">The user's name, which is also a namespace.</param>
/// <param name="Token">Its access token.</param>
public sealed record TestAccount(string Name, string Token)
{
    /// <summary>The token has the role <c>write</c>; else <c>read</c>.</summary>
    public bool MayWrite { get; init; } = true;

    /// <summary>Organizations that the account is a member of.</summary>
    public IReadOnlyList<string> Organizations { get; init; } = [];

    /// <summary>Whether a namespace is the account's own or one of its organizations. Names ignore case.</summary>
    public bool IsMemberOf(string ns) => Organizations.Append(Name).Contains(ns, StringComparer.OrdinalIgnoreCase);
}
