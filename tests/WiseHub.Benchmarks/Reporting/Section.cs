using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Reporting;

internal enum Kind
{
    /// <summary>A program of this repository.</summary>
    Ours,
    /// <summary>Another program that does the same work or a part of it.</summary>
    Peer,
    /// <summary>A limit of the machine.</summary>
    Limit,
}

/// <summary>One line of a table.</summary>
internal sealed record Row(string Name, Kind Kind)
{
    /// <summary>The program checks content hashes before it reports success; null where it delivers nothing.</summary>
    public bool? Verifies { get; init; }

    /// <summary>Wall time of the whole process, less <see cref="StartSeconds"/>.</summary>
    public Samples? Seconds { get; init; }

    /// <summary>The time of starts without work that was subtracted in each round; null where none was.</summary>
    public Samples? StartSeconds { get; init; }

    /// <summary>User time of the whole process and its children.</summary>
    public Samples? UserSeconds { get; init; }

    /// <summary>System time of the whole process and its children.</summary>
    public Samples? SystemSeconds { get; init; }

    /// <summary>Peak RSS of the largest process.</summary>
    public double? PeakMiB { get; init; }

    /// <summary>System calls for each additional file.</summary>
    public Samples? CallsEachFile { get; init; }

    /// <summary>The responses of the hub.</summary>
    public IReadOnlyList<ReceivedRequest>? Answers { get; init; }

    /// <summary>The number of requests, where the server does not list them.</summary>
    public int? Requests { get => field ?? Answers?.Count; init; }

    /// <summary>The responses with contents of files.</summary>
    public IReadOnlyList<ReceivedRequest> Contents => [.. (Answers ?? []).Where(r => r.IsContent)];

    /// <summary>Why there are no figures.</summary>
    public string? Missing { get; init; }

    /// <summary>This line with the times of its rounds.</summary>
    public Row With(IReadOnlyList<Cost> costs) => this with
    {
        Seconds = new Samples([.. costs.Select(c => c.Seconds)]),
        UserSeconds = new Samples([.. costs.Select(c => c.UserSeconds)]),
        SystemSeconds = new Samples([.. costs.Select(c => c.SystemSeconds)]),
    };

    /// <summary>The text of the report for a program that failed; its whole output goes to standard error.</summary>
    public static string Failure(InvalidOperationException failure)
    {
        const int Room = 160;
        Console.Error.WriteLine(failure.Message);
        string[] lines = failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string text = lines.Length == 1 ? lines[0] : $"{lines[0]} {lines[^1]}";
        return "failed: " + (text.Length > Room ? text[..Room] + "…" : text).Replace('|', '/');
    }
}

/// <summary>An aim of this project: a figure with the highest value that is good enough.</summary>
/// <param name="Text">Its name in the report.</param>
/// <param name="Value">The measured value; null if it could not be measured.</param>
/// <param name="Must">The value that must be reached.</param>
/// <param name="Excellent">The value that would be excellent; null where there is none.</param>
/// <param name="Unit">The unit of all values.</param>
internal sealed record Goal(string Text, Samples? Value, double Must, double? Excellent, string Unit)
{
    /// <summary>It is a goal for the native tool, and figures of a managed one say nothing about it.</summary>
    public bool IsForNativeTool { get; init; }

    public bool IsReached => Value is not null && Value.Median <= Must;

    public bool IsExcellent => Value is not null && Value.Median <= Excellent;
}

/// <summary>The outcome of one measure.</summary>
internal sealed record Section(string Title, IReadOnlyList<Row> Rows, IReadOnlyList<Goal> Goals, IReadOnlyList<string> Notes)
{
    /// <summary>All rows do the work of the first one.</summary>
    public bool IsOneContest { get; init; } = true;

    /// <summary>A program of ours failed; a missing peer is no failure.</summary>
    public bool IsBroken => Rows.Any(r => r.Kind == Kind.Ours && r.Missing is not null);

    /// <summary>A goal for our time divided by a peer's; without a value if one of the two has none.</summary>
    public static Goal Ratio(
        string text, IReadOnlyList<Row> rows, string ours, string other, double must, double? excellent = null) =>
        new(text, Find(rows, ours)?.Seconds is Samples a && Find(rows, other)?.Seconds is Samples b ? a.Over(b) : null, must,
            excellent, "×");

    /// <summary>The goal for memory, which is the same for all work.</summary>
    public static Goal Memory(string text, IReadOnlyList<Row> rows, string ours) =>
        new($"peak RSS of {text}", Find(rows, ours)?.PeakMiB is double peak ? new Samples([peak]) : null, 72, 56, "MiB")
        {
            IsForNativeTool = true
        };

    /// <summary>A goal for the time of a whole process of the native tool.</summary>
    public static Goal Milliseconds(
        string text, IReadOnlyList<Row> rows, string ours, double must, double? excellent = null) =>
        new(text, Find(rows, ours)?.Seconds?.Times(1000), must, excellent, "ms") { IsForNativeTool = true };

    public static Row? Find(IReadOnlyList<Row> rows, string name) => rows.FirstOrDefault(r => r.Name == name);
}
