namespace WiseHub.Client.Hubs.Git;

/// <summary>The transport for requests to a git host.</summary>
internal enum GitTransport
{
    /// <summary>Archives and smart HTTP, implemented by this library.</summary>
    Https,
    /// <summary>The local <c>git</c> over SSH.</summary>
    Ssh,
    /// <summary>The local <c>git</c> over HTTPS.</summary>
    Git,
}
