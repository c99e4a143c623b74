using System.Globalization;
using System.Text;

namespace WiseHub.Benchmarks.Reporting;

/// <summary>
/// All outcomes as a page of Markdown with a plot beside it, written again after each measure, so that an interrupted run
/// keeps its figures.
/// </summary>
/// <param name="folder">The folder of the page and the plot.</param>
/// <param name="title">Of the page.</param>
/// <param name="machine">Lines about the commit, the machine and the programs.</param>
/// <param name="judges">Goals are compared with the figures; small sizes would make that meaningless.</param>
/// <param name="isNative">The measured tool is native; otherwise goals for the native tool have no value.</param>
internal sealed class Report(string folder, string title, IReadOnlyList<string> machine, bool judges, bool isNative)
{
    /// <summary>Ends the hand-written part of docs/benchmarks.md.</summary>
    private const string ResultsMark = "<!-- --docs replaces everything below this line. -->\n";

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

    /// <summary>Replaces the results of a page that explains them.</summary>
    /// <exception cref="InvalidOperationException">The page has no place for results.</exception>
    public void ReplaceResults(string page)
    {
        string text = System.IO.File.ReadAllText(page);
        int mark = text.IndexOf(ResultsMark, StringComparison.Ordinal);
        if (mark < 0)
            throw new InvalidOperationException($"{page} has no line {ResultsMark}");
        var results = new StringBuilder(text, 0, mark + ResultsMark.Length, text.Length);
        AppendHead(results.Append('\n'), "### ");
        AppendGoals(results);
        foreach (Section section in _sections)
            results.Append("\n##").Append(ToMarkdown(section));
        System.IO.File.WriteAllText(page, results.ToString());
    }

    private string ToMarkdown()
    {
        var text = new StringBuilder();
        AppendHead(text, "# ");
        text.Append("""
            The contenders of a table took turns, round by round. Times are medians, with the lowest and the highest in brackets;
            a ratio is the median of the ratios of the rounds. All times and memory are those of whole processes, the start
            included. All contents were in the page cache and the hub was on this machine, so no contender waited for a disk or a
            network; written files were deleted before the next run, up to 64 MiB at the end. Memory, requests and bytes come from
            one run more, through a port that writes a log.


            """);
        text.Append(CultureInfo.InvariantCulture, $"![medians, with lowest and highest]({PlotName})\n\n");
        AppendGoals(text);
        foreach (Section section in _sections)
            text.Append('\n').Append(ToMarkdown(section));
        return text.ToString();
    }

    private void AppendHead(StringBuilder text, string level)
    {
        text.Append(CultureInfo.InvariantCulture, $"{level}{title}\n\n");
        foreach (string line in machine)
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        text.Append(CultureInfo.InvariantCulture, $"- load {_loadAtStart} at the start, {Machine.Load()} at the end\n\n");
    }

    private void AppendGoals(StringBuilder text)
    {
        Goal[] goals = [.. _sections.SelectMany(s => s.Goals)];
        if (goals.Length == 0)
            return;
        text.Append("| goal | must, at most | excellent | measured | |\n|---|---|---|---|---|\n");
        foreach (Goal goal in goals)
        {
            bool isForOtherTool = goal.IsForNativeTool && !isNative;
            string measured = isForOtherTool ? "not measured: the tool is not native"
                : goal.Value is null ? "not measured" : Spread(goal.Value, Number, " " + goal.Unit);
            string outcome = isForOtherTool || goal.Value is null || !judges ? ""
                : goal.IsExcellent ? "excellent" : goal.IsReached ? "reached" : "**missed**";
            string excellent = goal.Excellent is double limit ? $"{Number(limit)} {goal.Unit}" : "";
            text.Append(CultureInfo.InvariantCulture,
                $"| {goal.Text} | {Number(goal.Must)} {goal.Unit} | {excellent} | {measured} | {outcome} |\n");
        }
    }

    private static void AppendTable(StringBuilder text, Section section)
    {
        Row? ours = section.Rows.FirstOrDefault(r => r.Kind == Kind.Ours && r.Seconds is not null);
        (string Head, Func<Row, string?> Cell)[] all =
        [
            ("verifies", r => r.Verifies is bool verifies ? verifies ? "yes" : "no" : null),
            ("wall", r => r.Seconds is null ? null : Spread(r.Seconds, Time)),
            ("start subtracted", r => r.StartSeconds is null ? null : Time(r.StartSeconds.Median)),
            ("wisehub is", r => r.Seconds is null || ours is null || r.Kind == Kind.Ours || !section.IsOneContest ? null
                : Spread(ours.Seconds!.Over(r.Seconds), Number, " ×")),
            ("user", r => r.UserSeconds is null ? null : Time(r.UserSeconds.Median)),
            ("system", r => r.SystemSeconds is null ? null : Time(r.SystemSeconds.Median)),
            ("peak RSS, MiB", r => r.PeakMiB?.ToString("0.#", CultureInfo.InvariantCulture)),
            ("calls a file", r => r.CallsEachFile is null ? null : Spread(r.CallsEachFile, Number)),
            ("requests", r => r.Requests?.ToString("N0", CultureInfo.InvariantCulture)),
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

    // About three significant digits.
    private static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };
}
