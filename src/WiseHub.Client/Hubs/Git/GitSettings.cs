namespace WiseHub.Client.Hubs.Git;

/// <summary>The settings of a git host.</summary>
internal sealed record GitSettings : HubSettings
{
    /// <inheritdoc cref="GitTransport"/>
    public GitTransport Transport { get; init; }

    /// <summary>
    /// Path of a commit's archive, below the endpoint, with <c>{id}</c>, <c>{owner}</c>, <c>{name}</c> and <c>{commit}</c>;
    /// null = probed.
    /// </summary>
    public string? Archive { get; init; }

    public override bool AsksCredentialHelper(Uri origin) => true;

    // GitHub's REST API has a separate host (docs.github.com, "Getting started with the REST API").
    public override IReadOnlyList<Uri> Origins(Uri? endpoint) => endpoint is null ? []
        : endpoint.Host == "github.com" && endpoint.Scheme == Uri.UriSchemeHttps ? [endpoint, new Uri("https://api.github.com")]
        : [endpoint];

    public override Uri? TokenPage(Uri? endpoint) => endpoint?.Host switch
    {
        "github.com" => new Uri(endpoint, "/settings/tokens"),
        "gitlab.com" => new Uri(endpoint, "/-/user_settings/personal_access_tokens"),
        _ => null,
    };
}

internal static class GitDefinition
{
    /// <summary>The settings of a hub of this protocol.</summary>
    public static GitSettings Git(this HubDefinition hub) => hub.SettingsAs<GitSettings>();
}
