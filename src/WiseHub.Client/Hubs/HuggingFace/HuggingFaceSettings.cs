namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>Settings of hubs of the Hugging Face protocol.</summary>
internal sealed record HuggingFaceSettings : HubSettings
{
    public override bool PasswordsAreTokens => true;

    public override Uri? TokenPage(Uri? endpoint) => endpoint is null ? null : new Uri(endpoint, "/settings/tokens");
}
