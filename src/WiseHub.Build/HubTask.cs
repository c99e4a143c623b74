using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task that works with hubs: one way of making a client.</summary>
public abstract class HubTask : WiseTask
{
    private protected HubClient CreateClient(IHubLog log) => new(Settings.Options(log));

    private protected string Absolute(string path) => Settings.Absolute(path);
}
