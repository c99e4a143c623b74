using System.Diagnostics;

namespace WiseHub.Testing;

/// <summary>Something that goes wrong with an answer.</summary>
// CA1034: the kinds of fault are read as Fault.CutAfter(…), one closed family.
#pragma warning disable CA1034
public abstract record Fault
{
    private Fault() { }

    /// <summary>
    /// The connection breaks after so many bytes of the body, which of a server that ignores ranges is always the whole.
    /// </summary>
    public sealed record CutAfter(long Bytes, bool IgnoresRange = false) : Fault;

    /// <summary>Silence after so many bytes of the body.</summary>
    public sealed record Stall(long AfterBytes, TimeSpan Duration) : Fault;

    /// <summary>Another status.</summary>
    public sealed record Status(
        int Code, string? RetryAfter = null, string? ErrorCode = null, string? ErrorMessage = null, string? Body = null) : Fault;

    /// <summary>200 with the whole content to a range.</summary>
    public sealed record IgnoreRange : Fault;

    /// <summary>416 to whatever was asked.</summary>
    public sealed record RangeNotSatisfiable : Fault;

    /// <summary>206 whose Content-Range and bytes are those of another range.</summary>
    public sealed record WrongRange(long Shift) : Fault;

    /// <summary>One byte of the content is flipped.</summary>
    public sealed record WrongBytes(long At) : Fault;

    /// <summary>No more than this many bytes a second, in all answers that share this object.</summary>
    public sealed record Throttle(long BytesPerSecond) : Fault
    {
        private readonly Lock _gate = new();
        private long _free;

        /// <summary>Waits until a part may be sent.</summary>
        internal async Task WaitAsync(int bytes, CancellationToken cancel)
        {
            TimeSpan wait;
            lock (_gate)
            {
                long now = Stopwatch.GetTimestamp();
                _free = Math.Max(_free, now);
                wait = Stopwatch.GetElapsedTime(now, _free);
                _free += Stopwatch.Frequency * bytes / BytesPerSecond;
            }
            // A shorter one would be rounded up to this.
            if (wait > TimeSpan.FromMilliseconds(15))
                await Task.Delay(wait, cancel);
        }
    }

    /// <summary>The announced length is off; the body is as long as announced, padded or cut.</summary>
    public sealed record WrongLength(long Delta) : Fault;

    /// <summary>Packed without being asked to, in chunks, without a length.</summary>
    public sealed record Gzip : Fault;

    /// <summary>The CDN says that the signed URL has expired.</summary>
    public sealed record ExpiredUrl : Fault;

    /// <summary>A redirect to somewhere else.</summary>
    public sealed record RedirectTo(Uri Target, int Code = 302) : Fault;

    /// <summary>A wait before the right answer.</summary>
    public sealed record Delay(TimeSpan Duration) : Fault;

    /// <summary>The right answer without some of its headers.</summary>
    public sealed record OmitHeaders(params string[] Names) : Fault;
}
#pragma warning restore CA1034

/// <summary>A fault and when it applies.</summary>
public sealed class FaultRule
{
    private int _left;

    internal FaultRule(string pathContains, Fault fault, int times, string? method, string? origin) =>
        (PathContains, Fault, _left, Method, Origin) = (pathContains, fault, times, method, origin);

    internal string PathContains { get; }

    internal Fault Fault { get; }

    internal string? Method { get; }

    internal string? Origin { get; }

    /// <summary>How often it may still apply.</summary>
    public int Left => Volatile.Read(ref _left);

    internal bool Take(string origin, string method, string path)
    {
        if ((Origin is not null && Origin != origin) || (Method is not null && Method != method)
            || !path.Contains(PathContains, StringComparison.Ordinal))
            return false;
        for (int left = Left; left > 0; left = Left)
        {
            if (left == int.MaxValue || Interlocked.CompareExchange(ref _left, left - 1, left) == left)
                return true;
        }
        return false;
    }
}

/// <summary>Which answers go wrong, and how. The first rule that matches applies. Safe for several threads.</summary>
public sealed class FaultScript
{
    private readonly Lock _gate = new();
    private readonly List<FaultRule> _rules = [];

    /// <summary>Adds a rule.</summary>
    /// <param name="pathContains">Part of path and query.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="times">How often; <see cref="int.MaxValue"/> = always.</param>
    /// <param name="method">Only this method.</param>
    /// <param name="origin">Only <c>hub</c> or <c>cdn</c>.</param>
    public FaultRule On(string pathContains, Fault fault, int times = 1, string? method = null, string? origin = null)
    {
        var rule = new FaultRule(pathContains, fault, times, method, origin);
        lock (_gate)
            _rules.Add(rule);
        return rule;
    }

    /// <summary>Everything is well again.</summary>
    public void Clear()
    {
        lock (_gate)
            _rules.Clear();
    }

    internal Fault? Take(string origin, string method, string path)
    {
        lock (_gate)
            return _rules.Find(r => r.Take(origin, method, path))?.Fault;
    }
}
