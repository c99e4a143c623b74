namespace WiseHub.Client;

/// <summary>A client, as members for one protocol extend it.</summary>
public interface IHubClient
{
    /// <summary>What it lends to hubs.</summary>
    internal Hubs.IHubContext Context { get; }
}
