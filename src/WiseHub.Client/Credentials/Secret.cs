namespace WiseHub.Client.Credentials;

/// <summary>The kinds of secrets.</summary>
internal enum SecretKind
{
    /// <summary>A Hugging Face token, a git token, the token of a web server.</summary>
    Token,

    /// <summary>The result of a login by user name and password: a session of Wisemodel's gateway.</summary>
    Session,
}

/// <summary>A secret from a source. The hub decides how to send it.</summary>
/// <param name="Value">The secret itself.</param>
/// <param name="Source">A description of its source, for messages.</param>
internal sealed record Secret(string Value, string Source)
{
    /// <summary>The user name stored with it, if the source has one (netrc, git's helpers).</summary>
    public string? User { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a secret from {Source}";

    /// <summary>
    /// Makes a secret of a text, without surrounding spaces and line breaks, which belong to the file or variable. Null for an
    /// empty text.
    /// </summary>
    /// <exception cref="HubException">WISE1055: the text cannot be sent in a header.</exception>
    public static Secret? Read(string? text, string source, string? user = null)
    {
        string cleaned = (text ?? "").Replace("\r", "", StringComparison.Ordinal)
            .Replace("\n", "", StringComparison.Ordinal).Trim();
        if (cleaned.Length == 0)
            return null;
        // A password is sent in base64, a token unencoded.
        if (user is null ? cleaned.Any(c => c is <= ' ' or > '~') : cleaned.Any(char.IsControl))
        {
            throw CredentialMessages.UnusableToken(source);
        }
        return new Secret(cleaned, source) { User = user };
    }
}
