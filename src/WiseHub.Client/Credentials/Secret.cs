namespace WiseHub.Client.Credentials;

/// <summary>What a secret opens.</summary>
internal enum SecretKind
{
    /// <summary>A Hugging Face token, a git token, the token of a web server.</summary>
    Token,

    /// <summary>What a login by user name and password gave: the session of Wisemodel's gateway.</summary>
    Session,
}

/// <summary>A secret as it was found. How it is sent is the hub's matter.</summary>
/// <param name="Value">The secret itself.</param>
/// <param name="Source">Where it was found, in words, for messages.</param>
internal sealed record Secret(string Value, string Source)
{
    /// <summary>The user name that belongs to it, where the source has one (netrc, git's helpers).</summary>
    public string? User { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a secret from {Source}";

    /// <summary>
    /// A text as a secret: line ends and spaces around it belong to the file or variable. Null when nothing is left.
    /// </summary>
    /// <exception cref="HubException">WISE1055: no header can carry it.</exception>
    public static Secret? Read(string? text, string source, string? user = null)
    {
        string cleaned = (text ?? "").Replace("\r", "", StringComparison.Ordinal)
            .Replace("\n", "", StringComparison.Ordinal).Trim();
        if (cleaned.Length == 0)
            return null;
        // A password goes in base64; a token stands in the header as it is.
        if (user is null ? cleaned.Any(c => c is <= ' ' or > '~') : cleaned.Any(char.IsControl))
        {
            throw new HubException(WiseCodes.UnusableToken,
                $"The token of {source} has characters that no token has, such as a space inside or letters that are not ASCII. "
                + "Copy it again from the hub's page.");
        }
        return new Secret(cleaned, source) { User = user };
    }
}
