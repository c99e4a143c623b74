using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Reporting;

internal enum Kind
{
    /// <summary>What this repository makes.</summary>
    Ours,
    /// <summary>Another program that does the same work or a part of it.</summary>
    Peer,
    /// <summary>What the machine can do at best.</summary>
    Limit,
}

/// <summary>One line of a table.</summary>
internal sealed record Row(string Name, Kind Kind)
{
    /// <summary>Content hashes are checked before it says that it is done; null where nothing is delivered.</summary>
    public bool? Verifies { get; init; }

    /// <summary>Wall time; of ours less that of a start that does nothing.</summary>
    public Samples? Seconds { get; init; }

    /// <summary>What was taken off from it in each round: the start that does nothing.</summary>
    public Samples? StartSeconds { get; init; }

    /// <summary>User and system time of the whole process.</summary>
    public Samples? CpuSeconds { get; init; }

    /// <summary>Highest resident memory of its largest process.</summary>
    public double? PeakMiB { get; init; }

    /// <summary>The same above that of a start that does nothing.</summary>
    public double? PeakAboveIdleMiB { get; init; }

    /// <summary>What the hub answered.</summary>
    public IReadOnlyList<ReceivedRequest>? Answers { get; init; }

    /// <summary>Those of them that were files.</summary>
    public IReadOnlyList<ReceivedRequest> Contents => [.. (Answers ?? []).Where(r => r.IsContent)];

    /// <summary>Why there are no figures.</summary>
    public string? Missing { get; init; }

    /// <summary>What a program that failed leaves in the report; all that it said goes to standard error.</summary>
    public static string Failure(InvalidOperationException failure)
    {
        const int Room = 160;
        Console.Error.WriteLine(failure.Message);
        string[] lines = failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string text = lines.Length == 1 ? lines[0] : $"{lines[0]} {lines[^1]}";
        return "failed: " + (text.Length > Room ? text[..Room] + "…" : text).Replace('|', '/');
    }
}

/// <summary>Something that issue 3 asks for.</summary>
/// <param name="Text">What.</param>
/// <param name="Value">What was measured; null when it could not be.</param>
/// <param name="Limit">The highest value that is good enough.</param>
/// <param name="Unit">Of both.</param>
internal sealed record Goal(string Text, Samples? Value, double Limit, string Unit)
{
    public bool IsReached => Value is not null && Value.Median <= Limit;
}

/// <summary>The outcome of one measure.</summary>
internal sealed record Section(string Title, IReadOnlyList<Row> Rows, IReadOnlyList<Goal> Goals, IReadOnlyList<string> Notes)
{
    /// <summary>All rows do the work of the first one.</summary>
    public bool IsOneContest { get; init; } = true;

    /// <summary>It was ours that broke, and not a peer that is not there.</summary>
    public bool IsBroken => Rows.Any(r => r.Kind == Kind.Ours && r.Missing is not null);

    /// <summary>A goal of ours as a part of a peer's time; without a value when one of the two has none.</summary>
    public static Goal Ratio(string text, IReadOnlyList<Row> rows, string ours, string other, double limit) =>
        new(text,
            Find(rows, ours)?.Seconds is Samples a && Find(rows, other)?.Seconds is Samples b ? a.Over(b) : null, limit, "×");

    /// <summary>The goal for memory that holds for everything.</summary>
    public static Goal Memory(string text, IReadOnlyList<Row> rows, string ours) =>
        new($"peak memory of {text} above the idle process",
            Find(rows, ours)?.PeakAboveIdleMiB is double peak ? new Samples([peak]) : null, 64, "MiB");

    public static Row? Find(IReadOnlyList<Row> rows, string name) => rows.FirstOrDefault(r => r.Name == name);
}
