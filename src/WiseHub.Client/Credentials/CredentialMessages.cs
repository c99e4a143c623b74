namespace WiseHub.Client.Credentials;

/// <summary>The messages about tokens, sessions and the files that hold them.</summary>
internal static class CredentialMessages
{
    public static HubException UnusableToken(string source) => new(WiseCodes.UnusableToken,
        $"The token from {source} has characters that are not valid in a token, such as a space or a non-ASCII letter. "
        + $"Copy it again from the hub's page.");

    public static HubException FileNotPrivate(string path, string remedy) => new(WiseCodes.UnsafeCredentialFile,
        $"Other users of this machine can read or change {path}. Run '{remedy}'. If others use this machine, also renew the "
        + $"tokens in it.")
    { File = path };

    public static HubException FolderNotPrivate(string path, string folder, string remedy) => new(WiseCodes.UnsafeCredentialFile,
        $"Other users of this machine can replace files in {folder}, where the tokens are stored. Run '{remedy}'.")
    { File = path };

    public static HubException FileDamaged(string path) => new(WiseCodes.DamagedCredentialFile,
        $"The file with stored tokens, {path}, is damaged. It was not changed; correct it, or move it away and log in again.")
    { File = path };

    public static HubException FileTooNew(string path, long version) => new(WiseCodes.DamagedCredentialFile,
        $"The file with stored tokens, {path}, was written by a newer version of wisehub (format {version}). "
        + $"Update wisehub, or move the file away and log in again.")
    { File = path };

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotStored(string path) => $"The tokens cannot be stored in {path}";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotReadable(string path) => $"The stored tokens in {path} cannot be read";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NetrcNotReadable(string path) => $"The file {path} cannot be read";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text TokenFileNotReadable(string path) => $"The token file {path} cannot be read";

    public static Text FileMoved(string from, string to) =>
        $"The stored tokens were moved to {to}. Windows copies their old folder to other machines: {from}.";

    /// <summary>The last sentences of an error about a missing or refused secret.</summary>
    public static Text SetTokenOrLogIn(string variable, HubDefinition hub, bool writes) =>
        $"Set {variable} to a token with {(writes ? (Text)$"write" : (Text)$"read")} access, or run 'wisehub login "
        + $"{hub.Name}'.{(hub.TokenPage is Uri page ? (Text)$" Create a token at {page.AbsoluteUri}." : "")}";

    /// <summary>The last sentences of an error about a missing secret.</summary>
    public static Text TokenWithheld(string variable, HubDefinition hub, string origin) =>
        $"{variable} was not sent, because the project's {HubNames.ConfigFile} redirects the hub '{hub.Name}' to {origin}. "
        + $"If you trust that server, set WISEHUB_ENDPOINT_{HubNames.ForEnvironment(hub.Name)} to it, or "
        + $"store a token for it with 'wisehub login {hub.Name}'.";
}
