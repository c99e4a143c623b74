namespace WiseHub.Client.Hubs.Git;

/// <summary>How a git host is spoken to.</summary>
internal enum GitTransport
{
    /// <summary>Archives and smart HTTP, by the library itself.</summary>
    Https,
    /// <summary>The local <c>git</c> over SSH.</summary>
    Ssh,
    /// <summary>The local <c>git</c> over HTTPS.</summary>
    Git,
}
