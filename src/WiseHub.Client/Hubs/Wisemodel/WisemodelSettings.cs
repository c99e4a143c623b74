namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>The settings of a Wisemodel hub.</summary>
internal sealed record WisemodelSettings : HubSettings
{
    /// <summary>Where its services are.</summary>
    public WisemodelEndpoints Endpoints { get; init; } = WisemodelEndpoints.Official;

    /// <summary>Bytes of one piece of an upload; null = 5 MiB, or what the file was begun with.</summary>
    public long? UploadChunkSize { get; init; }

    /// <summary>
    /// The hub commits in the background: the longest time in which its branch may stay as it is while files
    /// wait for their commit.
    /// </summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromMinutes(10);

    public override bool IsSamePlace(HubSettings? other) =>
        other is WisemodelSettings settings && settings.Endpoints == Endpoints;

    public override bool AsksCredentialHelper(Uri origin) => Urls.SameOrigin(Endpoints.Git, origin);

    public override IReadOnlyList<Uri> Origins(Uri? endpoint) =>
        [Endpoints.Web, Endpoints.Gateway, Endpoints.Upload, Endpoints.Raw, Endpoints.GitLab, Endpoints.Git];

    public override Uri? TokenPage(Uri? endpoint) => endpoint is null ? null : new Uri(endpoint, "/my-token");

    public override HubSettings At(Uri endpoint) => this with { Endpoints = WisemodelEndpoints.At(endpoint) };
}

internal static class WisemodelDefinition
{
    /// <summary>The settings of a hub that speaks this protocol.</summary>
    public static WisemodelSettings Wisemodel(this HubDefinition hub) => hub.SettingsAs<WisemodelSettings>();

    /// <summary>Where the services of a hub that speaks this protocol are.</summary>
    public static WisemodelEndpoints Services(this HubDefinition hub) => hub.Wisemodel().Endpoints;
}
