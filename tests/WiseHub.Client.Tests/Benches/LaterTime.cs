namespace WiseHub.Client.Tests;

/// <summary>The clock of somebody who comes later.</summary>
internal sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
