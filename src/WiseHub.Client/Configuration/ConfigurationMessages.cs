namespace WiseHub.Client.Configuration;

/// <summary>The messages about <c>wisehub.json</c>, the names of hubs, and references as users write them.</summary>
internal static class ConfigurationMessages
{
    public static HubException UnknownHub(string name, IReadOnlyList<string> known, string? file) => new(WiseCodes.UnknownHub,
        $"There is no hub '{name}'."
        + $"{(name.Contains(',', StringComparison.Ordinal) ? (Text)$" Several hubs are separated by ';', not by ','. "
            : ModelMessages.DidYouMean(name, known) + " ")}"
        + $"The known hubs are {string.Join(", ", known)}. "
        + $"{(file is null ? (Text)$"Declare others in a {HubNames.ConfigFile} at or above the project (none was found)."
            : (Text)$"Declare others in {file}.")}");

    public static HubException NotReadable(string file, Exception e) => new(WiseCodes.InvalidConfig,
        $"{file} cannot be read: {e.Message} Correct WiseHubConfigFile or the file's permissions.", e)
    { File = file };

    public static HubException InvalidEndpointVariable(string variable) => new(WiseCodes.InvalidConfig,
        $"The environment variable {variable} is not an http(s) URL without user, query and fragment. Correct it or remove it.");

    public static HubException AmbiguousHubNames(string? file, IEnumerable<string> hubs, string variable) =>
        new(WiseCodes.AmbiguousHubNames,
            $"{file}: the hubs {string.Join((Text)$" and ", hubs)} would share the environment variable {variable}. Rename one.")
        { File = file };

    /// <summary>The last sentence of a message about a malformed file.</summary>
    public static Text SeeConfigurationPage => $"docs/configuration.md lists all keys.";

    /// <summary>The last sentence of a message about a malformed manifest.</summary>
    public static Text BuildAgain => $"Build and publish the program again, with one version of WiseHub.";

    /// <summary>An invalid value; the reader of the file adds its position and a remedy.</summary>
    public static Text HubsNotAnObject => $"'hubs' must be an object.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text DeclaredTwice(string hub) => $"the hub '{hub}' is declared twice; hub names are case-insensitive.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text DefaultHubNotDeclared(string hub, IEnumerable<string> known) =>
        $"the default hub '{hub}' is not declared.{ModelMessages.DidYouMean(hub, known)}";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text MirrorsOnlyWithoutMirrors => $"'mirrorsOnly' needs at least one hub in 'mirrors'.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text MirrorNotDeclared(string hub, IEnumerable<string> known) =>
        $"the mirror '{hub}' is not declared under 'hubs'.{ModelMessages.DidYouMean(hub, known)}";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text MirrorNotWritable(string hub, string forms) =>
        $"the mirror '{hub}' is not writable: a mirror with \"write\": true must be {forms}.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text HubNameNotUnicode => $"the name of this hub is not valid Unicode.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text InvalidHubName(string name) =>
        $"the hub name '{name}' must have 1 to 64 letters, digits, '-', '_' and '.'.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text UnusableHubName(string name, string reason) => $"the hub name '{name}' cannot be used: {reason}.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text ReservedHubName(string name) =>
        $"the hub name '{name}' is reserved for references by URL. Choose another one.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text UnknownProtocol(string name, IReadOnlyList<string> known) =>
        $"'{name}' is not a known protocol.{ModelMessages.DidYouMean(name, known)} The protocols are {string.Join(", ", known)}.";

    /// <inheritdoc cref="HubsNotAnObject"/>
    public static Text RetriesOutOfRange => $"'retries' must be 1 to 100.";

    public static HubException NotAnHttpUrl(string text) => new(WiseCodes.UnusableUrl,
        $"'{text.Split("://")[0]}://…' is not an http(s) URL. Write owner/name, or the https URL of a file.");

    public static HubException UrlWithSecret(Uri uri, string reason) => new(WiseCodes.UnusableUrl,
        $"'{Urls.Show(uri)}' {reason}. Write the URL without it.");

    public static HubException UnpackWithoutUrl(string text) => new(WiseCodes.UrlSetting,
        $"'{text}' is not a URL, so there is nothing to unpack. Remove Unpack.");

    public static HubException UnpackOfPage(Uri uri, string hub) => new(WiseCodes.UrlSetting,
        $"'{Urls.Show(uri)}' is a page of the hub '{hub}', whose files are never unpacked. Remove Unpack.");
}
