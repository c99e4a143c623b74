using System.Collections.Concurrent;

namespace WiseHub.Testing;

/// <summary>One request and what was answered.</summary>
/// <param name="Origin"><c>hub</c> or <c>cdn</c>.</param>
/// <param name="Method">GET, HEAD, …</param>
/// <param name="Path">As sent, with query.</param>
/// <param name="Headers">All request headers.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="BodyBytes">Bytes of the answer's body that were written.</param>
public sealed record RequestRecord(
    string Origin, string Method, string Path, IReadOnlyDictionary<string, string> Headers, int Status, long BodyBytes)
{
    /// <summary>For assertions over whole logs: <c>hub GET /path 200</c>, without the query of a signed URL.</summary>
    public override string ToString() => $"{Origin} {Method} {(Origin == "cdn" ? Path.Split('?')[0] : Path)} {Status}";
}

/// <summary>What a hub was asked, in order of completion. Safe for several threads.</summary>
public sealed class RequestLog
{
    private readonly ConcurrentQueue<RequestRecord> _records = new();

    /// <summary>All requests since the start or the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<RequestRecord> All => [.. _records];

    /// <summary>Body bytes of all answers.</summary>
    public long BytesSent => _records.Sum(r => r.BodyBytes);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _records.Clear();

    /// <summary>Counts requests by method and start of the path.</summary>
    public int Count(string? method = null, string? pathPrefix = null) => _records.Count(r =>
        (method is null || r.Method == method)
        && (pathPrefix is null || r.Path.StartsWith(pathPrefix, StringComparison.Ordinal)));

    /// <summary>Called with every request once it is answered, or before the last byte of the answer goes.</summary>
    public Action<RequestRecord>? OnAdded { get; set; }

    /// <summary>Requests are remembered; without it they are only told to <see cref="OnAdded"/>.</summary>
    public bool IsKept { get; set; } = true;

    internal void Add(RequestRecord record)
    {
        if (IsKept)
            _records.Enqueue(record);
        OnAdded?.Invoke(record);
    }
}
