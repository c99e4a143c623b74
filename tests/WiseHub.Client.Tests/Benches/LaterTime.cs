namespace WiseHub.Client.Tests;

/// <summary>A clock that is ahead by a fixed time.</summary>
internal sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
