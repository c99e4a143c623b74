namespace WiseHub.Client;

/// <summary>Protocol-specific settings of a hub, and their consequences for the rest of the library.</summary>
internal abstract record HubSettings
{
    /// <summary>True if another hub of this protocol with the same endpoint and path is the same place.</summary>
    public virtual bool IsSamePlace(HubSettings? other) => true;

    /// <summary>
    /// The part of <see cref="HubDefinition.Identity"/> besides protocol and endpoint. A change abandons the hub's part of every
    /// cache.
    /// </summary>
    public virtual string Identity => "";

    /// <summary>True for a hub with a folder that is written to over the network.</summary>
    public virtual bool WritesOverNetwork => false;

    /// <summary>True if a netrc password for the hub is a token, whatever its user name.</summary>
    public virtual bool PasswordsAreTokens => false;

    /// <summary>True if the user's credential helper may have a token for one of the hub's origins.</summary>
    public virtual bool AsksCredentialHelper(Uri origin) => false;

    /// <summary>The reason why a login is not possible, as the end of a sentence; null if it is possible.</summary>
    public virtual string? NoLogin => null;

    /// <summary>The hub's own origins.</summary>
    public virtual IReadOnlyList<Uri> Origins(Uri? endpoint) => endpoint is null ? [] : [endpoint];

    /// <summary>The page for creating tokens; null if unknown.</summary>
    public virtual Uri? TokenPage(Uri? endpoint) => null;

    /// <summary>A file of certificates to trust for this hub instead of the system's, or null.</summary>
    public virtual string? CaBundle(Func<string, string?> environment) => null;

    /// <summary>The settings after the user set another endpoint for the hub.</summary>
    public virtual HubSettings At(Uri endpoint) => this;
}
