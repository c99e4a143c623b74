namespace WiseHub.Client.Policies;

/// <summary>The <c>policy</c> of a <c>wisehub.json</c> (docs/policy.md): what may enter a build.</summary>
internal sealed record TrustPolicy
{
    /// <summary>The configuration file, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The JSON of the policy; another text is another policy.</summary>
    public required string Text { get; init; }

    /// <summary>True if violations are warnings.</summary>
    public bool WarnsOnly { get; init; }

    /// <summary>The allowed hubs; null for all.</summary>
    public NamePatterns? Hubs { get; init; }

    /// <summary>The allowed repos; null for all.</summary>
    public NamePatterns? Repos { get; init; }

    /// <summary>The allowed licences; null for all.</summary>
    public LicenseRule? Licenses { get; init; }

    /// <summary>How strictly formats are checked; null if the policy does not say it.</summary>
    public FormatLevel? Level { get; init; }

    /// <summary>The names of the allowed formats; null for all.</summary>
    public IReadOnlyList<string>? Formats { get; init; }

    /// <summary>The largest file in bytes; null without a limit.</summary>
    public long? MaxFileSize { get; init; }

    /// <summary>The largest sum of the files of a reference in bytes; null without a limit.</summary>
    public long? MaxReferenceSize { get; init; }

    /// <summary>True if a revision must be a commit.</summary>
    public bool Pinned { get; init; }

    /// <summary>Which repos need a signature.</summary>
    public IReadOnlyList<SignatureRule> Signatures { get; init; } = [];

    /// <summary>A file with the trust root for keyless signatures; null for that of Sigstore's public instance.</summary>
    public string? TrustRoot { get; init; }

    /// <summary>The files with keys and certificates that the policy trusts.</summary>
    public IEnumerable<string> TrustedFiles => Signatures.Select(s => s.Signer.File).Append(TrustRoot).OfType<string>();

    /// <summary>
    /// The strictest level of several policies. A project cannot weaken the user's own policy; without any, the standard counts.
    /// </summary>
    public static FormatLevel? LevelOf(IEnumerable<TrustPolicy> policies)
    {
        FormatLevel? strictest = null;
        foreach (TrustPolicy policy in policies)
        {
            if (policy.Level is FormatLevel level && (strictest is null || level > strictest))
                strictest = level;
        }
        return strictest;
    }
}
