namespace WiseHub.Client;

/// <summary>The settings of a hub that only its protocol has, and what follows from them for everybody else.</summary>
internal abstract record HubSettings
{
    /// <summary>Whether two hubs of this protocol with the same endpoint and path are the same place.</summary>
    public virtual bool IsSamePlace(HubSettings? other) => true;

    /// <summary>
    /// What <see cref="HubDefinition.Identity"/> says besides protocol and address. A change loses the hub's part of every cache.
    /// </summary>
    public virtual string Identity => "";

    /// <summary>The hub takes writes over the network although it has a folder.</summary>
    public virtual bool WritesOverNetwork => false;

    /// <summary>A password that netrc has for the hub is a token, whatever user stands beside it.</summary>
    public virtual bool PasswordsAreTokens => false;

    /// <summary>A token for one of the hub's origins may be kept by the user's credential helper.</summary>
    public virtual bool AsksCredentialHelper(Uri origin) => false;

    /// <summary>Why nobody can log in to the hub, as the end of a sentence; null where a login is possible.</summary>
    public virtual string? NoLogin => null;

    /// <summary>The origins that belong to the hub.</summary>
    public virtual IReadOnlyList<Uri> Origins(Uri? endpoint) => endpoint is null ? [] : [endpoint];

    /// <summary>The page on which people make tokens; null where that is not known.</summary>
    public virtual Uri? TokenPage(Uri? endpoint) => null;

    /// <summary>A file of certificates that the hub's connections trust instead of the system's; null for none.</summary>
    public virtual string? CaBundle(Func<string, string?> environment) => null;

    /// <summary>The settings when the user has put the hub at another endpoint.</summary>
    public virtual HubSettings At(Uri endpoint) => this;
}
