namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>The settings of a Wisemodel hub.</summary>
internal sealed record WisemodelSettings : HubSettings
{
    /// <summary>The endpoints of its services.</summary>
    public WisemodelEndpoints Endpoints { get; init; } = WisemodelEndpoints.Official;

    /// <summary>Bytes of one chunk of an upload; null = 5 MiB, or the size with which the upload was begun.</summary>
    public long? UploadChunkSize { get; init; }

    /// <summary>
    /// The hub commits in the background. A push fails if the branch does not move for this time while files wait for
    /// their commit.
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
    /// <summary>The settings of a hub of this protocol.</summary>
    public static WisemodelSettings Wisemodel(this HubDefinition hub) => hub.SettingsAs<WisemodelSettings>();

    /// <summary>The endpoints of a hub of this protocol.</summary>
    public static WisemodelEndpoints Services(this HubDefinition hub) => hub.Wisemodel().Endpoints;
}
