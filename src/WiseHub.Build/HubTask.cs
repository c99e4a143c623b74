using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task that works with hubs, and the one place that creates their client.</summary>
public abstract class HubTask : WiseTask
{
    private protected HubClient CreateClient(IHubLog log) => new(Settings.Options(log));

    private protected string Absolute(string path) => Settings.Absolute(path);
}
