namespace WiseHub.Client;

/// <summary>The response of a hub to a request without a token.</summary>
/// <param name="Hub">The name of the hub.</param>
/// <param name="Status">The HTTP status. Any status shows that the hub is reached, also 401 and 404.</param>
/// <param name="Elapsed">The time until the headers of the response.</param>
/// <param name="ClockSkew">How far this machine's clock is ahead of the hub's, to a second; null if it does not tell.</param>
public sealed record HubProbe(string Hub, int Status, TimeSpan Elapsed, TimeSpan? ClockSkew);
