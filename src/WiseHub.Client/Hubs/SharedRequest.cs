namespace WiseHub.Client.Hubs;

/// <summary>
/// A request whose result several callers need: the first one sends it, and the others get the same result. A failure is not
/// kept, so the next call sends it again. Safe for several threads.
/// </summary>
internal sealed class SharedRequest<T>(Func<CancellationToken, Task<T>> send)
{
    private readonly Lock _gate = new();
    private Task<T>? _sent;

    public Task<T> SendAsync(CancellationToken cancel)
    {
        lock (_gate)
            return _sent = _sent is { IsFaulted: false, IsCanceled: false } sent ? sent : send(cancel);
    }
}
