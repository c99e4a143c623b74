using System.Globalization;
using System.Text;

namespace WiseHub.Benchmarks.Reporting;

/// <summary>
/// All outcomes as a page of Markdown with a plot beside it, written anew after each measure, so that a broken-off run
/// keeps what it has.
/// </summary>
/// <param name="folder">Where it goes.</param>
/// <param name="title">Of the page.</param>
/// <param name="machine">Lines that say where the figures come from.</param>
/// <param name="judges">Says of each goal whether it is reached; with small sizes that would mean nothing.</param>
internal sealed class Report(string folder, string title, IReadOnlyList<string> machine, bool judges)
{
    private const string PlotName = "benchmarks.svg";

    private readonly List<Section> _sections = [];
    private readonly string _loadAtStart = Machine.Load();

    public string File { get; } = Path.Combine(folder, "benchmarks.md");

    public bool IsBroken => _sections.Any(s => s.IsBroken);

    public void Add(Section section)
    {
        _sections.Add(section);
        Directory.CreateDirectory(folder);
        System.IO.File.WriteAllText(Path.Combine(folder, PlotName), Plot.Draw(_sections));
        System.IO.File.WriteAllText(File, ToMarkdown());
    }

    /// <summary>The tables of one measure.</summary>
    public static string ToMarkdown(Section section)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## {section.Title}\n\n");
        AppendTable(text, section);
        foreach (string note in section.Notes)
            text.Append(CultureInfo.InvariantCulture, $"\n{note}\n");
        return text.ToString();
    }

    private string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n");
        foreach (string line in machine)
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        text.Append(CultureInfo.InvariantCulture, $"- load {_loadAtStart} at the start, {Machine.Load()} at the end\n\n");
        text.Append("""
            The contenders of a table took turns, round by round. Times are medians, with the lowest and the highest in brackets;
            a ratio is the median of the ratios of the rounds. Of `wisehub` the time of `wisehub --version` in the same round is
            taken off; peers' times are whole. All contents were in the page cache and the hub was on this machine, so that
            neither a disk nor a network was waited for; written files were deleted before the next run, up to 64 MiB at the end.
            Processor time is that of the whole process. Memory, requests and bytes come from one run more, through a port that
            writes a log.


            """);
        text.Append(CultureInfo.InvariantCulture, $"![medians, with lowest and highest]({PlotName})\n\n");
        Goal[] goals = [.. _sections.SelectMany(s => s.Goals)];
        if (goals.Length > 0)
        {
            text.Append("| goal | at most | measured | |\n|---|---|---|---|\n");
            foreach (Goal goal in goals)
            {
                string outcome = goal.Value is null || !judges ? "" : goal.IsReached ? "reached" : "**missed**";
                text.Append(CultureInfo.InvariantCulture, $"| {goal.Text} | {Number(goal.Limit)} {goal.Unit} | "
                    + $"{(goal.Value is null ? "not measured" : Spread(goal.Value, Number, " " + goal.Unit))} | {outcome} |\n");
            }
        }
        foreach (Section section in _sections)
            text.Append('\n').Append(ToMarkdown(section));
        return text.ToString();
    }

    private static void AppendTable(StringBuilder text, Section section)
    {
        Row? ours = section.Rows.FirstOrDefault(r => r.Kind == Kind.Ours && r.Seconds is not null);
        (string Head, Func<Row, string?> Cell)[] all =
        [
            ("verifies", r => r.Verifies is bool verifies ? verifies ? "yes" : "no" : null),
            ("wall", r => r.Seconds is null ? null : Spread(r.Seconds, Time)),
            ("start taken off", r => r.StartSeconds is null ? null : Time(r.StartSeconds.Median)),
            ("wisehub is", r => r.Seconds is null || ours is null || r.Kind == Kind.Ours || !section.IsOneContest ? null
                : Spread(ours.Seconds!.Over(r.Seconds), Number, " ×")),
            ("CPU", r => r.CpuSeconds is null ? null : Time(r.CpuSeconds.Median)),
            ("peak MiB", r => r.PeakMiB?.ToString("0", CultureInfo.InvariantCulture)),
            ("above idle", r => r.PeakAboveIdleMiB?.ToString("0", CultureInfo.InvariantCulture)),
            ("requests", r => r.Answers?.Count.ToString("N0", CultureInfo.InvariantCulture)),
            ("bytes", r => r.Answers?.Sum(a => a.Bytes).ToString("N0", CultureInfo.InvariantCulture)),
        ];
        (string Head, Func<Row, string?> Cell)[] columns = [.. all.Where(c => section.Rows.Any(r => c.Cell(r) is not null))];
        text.Append("| |").Append(string.Concat(columns.Select(c => $" {c.Head} |")));
        text.Append("\n|---|").Append(string.Concat(columns.Select(_ => "---|"))).Append('\n');
        foreach (Row row in section.Rows)
        {
            string name = row.Kind == Kind.Ours ? $"**{row.Name}**" : row.Kind == Kind.Limit ? $"limit: {row.Name}" : row.Name;
            text.Append(CultureInfo.InvariantCulture, $"| {name}{(row.Missing is null ? "" : $": {row.Missing}")} |");
            text.Append(string.Concat(columns.Select(c => $" {c.Cell(row)} |"))).Append('\n');
        }
    }

    private static string Spread(Samples samples, Func<double, string> show, string unit = "") =>
        samples.Values.Count == 1 ? show(samples.Median) + unit
            : $"{show(samples.Median)}{unit} ({show(samples.Low)}–{show(samples.High)})";

    internal static string Time(double seconds) => Math.Abs(seconds) < 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    // Three digits that mean something.
    private static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };
}
