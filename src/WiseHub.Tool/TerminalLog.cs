using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>A live line with bar, bytes, rate and remaining time on a terminal. Messages are written above it.</summary>
internal sealed class TerminalLog : IHubLog
{
    // Narrower terminals show only bar, percentage and rate.
    private const int RoomForDetails = 76;

    private readonly Lock _gate = new();
    private readonly IAnsiConsole _console;
    private readonly ProgressTask _task;
    private readonly RateMeter _rate = new();
    private TransferProgress _progress;
    private long _arrivedAt;

    private readonly string _waiting;

    private TerminalLog(IAnsiConsole console, ProgressTask task, string waiting) =>
        (_console, _task, _waiting) = (console, task, waiting);

    /// <summary>A console on standard error, or null if that is not a terminal that can move its cursor.</summary>
    public static IAnsiConsole? OpenConsole()
    {
        // Checked first, so that scripts, which get no live line, do not load the library that draws it.
        if (Console.IsErrorRedirected)
            return null;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new StandardErrorOutput() });
        return console.Profile.Capabilities is { Ansi: true, Interactive: true } && console.Profile.Out.IsTerminal
            ? console : null;
    }

    /// <summary>Runs the work with a live line, which is removed at the end.</summary>
    /// <param name="console">The console of the live line.</param>
    /// <param name="work">The work.</param>
    /// <param name="waiting">The text of the line before the first byte of a file is transferred.</param>
    public static Task<T> RunAsync<T>(IAnsiConsole console, Func<IHubLog, Task<T>> work, string waiting)
    {
        var numbers = new NumbersColumn();
        return console.Progress().AutoClear(true).AutoRefresh(true)
            .Columns(new ProgressBarColumn { Width = 24 }, numbers)
            .StartAsync(context =>
            {
                ProgressTask task = context.AddTask("wisehub", maxValue: 1);
                task.IsIndeterminate = true;
                var log = new TerminalLog(console, task, waiting);
                numbers.Log = log;
                return work(log);
            });
    }

    /// <summary>Shows the cursor again. The live line hides it, and a killed process would leave it hidden.</summary>
    public static void ShowCursor()
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\u001b[?25h");
    }

    public void Info(string message) => _console.WriteLine(Failures.Printable(message));

    public void Detail(string message)
    {
        if (Verbosity.ShowsDetails)
            Info(message);
    }

    public void Warning(string code, string message, RepoReference? reference = null) => _console.Write(new Paragraph()
        .Append($"warning {code}", Colors.AreOn(Console.Error) ? new Style(Color.Olive) : Style.Plain)
        .Append($": {Failures.Printable(message)}\n"));

    public void Progress(TransferProgress progress)
    {
        lock (_gate)
        {
            (_progress, _arrivedAt) = (progress, Stopwatch.GetTimestamp());
            _rate.Add(progress);
        }
        _task.IsIndeterminate = false;
        _task.Value = progress.Share;
    }

    private string Numbers(int width)
    {
        lock (_gate)
        {
            if (_arrivedAt == 0)
                return _waiting;
            TimeSpan silent = Stopwatch.GetElapsedTime(_arrivedAt);
            return ProgressText.Write(_progress, _rate.At(_progress.Elapsed + silent), silent,
                withDetails: width >= RoomForDetails);
        }
    }

    private sealed class NumbersColumn : ProgressColumn
    {
        public TerminalLog? Log { get; set; }

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Spectre.Console.Text(Log?.Numbers(options.ConsoleSize.Width) ?? "");
    }

    /// <summary>Standard error with its own width: .NET only knows the width of standard output, which scripts capture.</summary>
    private sealed class StandardErrorOutput : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _inner = new(Console.Error);

        public TextWriter Writer => _inner.Writer;

        public bool IsTerminal => _inner.IsTerminal && Environment.GetEnvironmentVariable("TERM") is not "dumb";

        public int Width => TerminalSize.OfStandardError()?.Width ?? _inner.Width;

        public int Height => TerminalSize.OfStandardError()?.Height ?? _inner.Height;

        public void SetEncoding(System.Text.Encoding encoding) => _inner.SetEncoding(encoding);
    }
}

/// <summary>The numbers to the right of the bar.</summary>
internal static class ProgressText
{
    // A silence of 3 s is reported, because the stall timeout ends the request at 15 s.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    public static string Write(TransferProgress progress, double? rate, TimeSpan silent, bool withDetails)
    {
        string percent = string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(progress.Share * 100),3:0} %");
        string speed = silent >= Silence ? Text.Of($"no bytes for {silent.TotalSeconds:0} s")
            : rate is double known ? $"{ByteSize.Show((long)known)}/s{Left(progress, known)}" : "";
        string bytes = (Text)$"{ByteSize.Show(progress.BytesDone)} of {ByteSize.Show(progress.BytesTotal)}";
        string files = progress.FilesTotal > 1 ? (Text)$"{progress.FilesDone}/{progress.FilesTotal} files" : "";
        return string.Join("  ",
            (withDetails ? new[] { percent, bytes, files, speed } : [percent, speed]).Where(t => t.Length > 0));
    }

    private static string Left(TransferProgress progress, double rate)
    {
        // Hubs without sizes: the remaining time is unknown.
        double seconds = (progress.BytesTotal - progress.BytesDone) / Math.Max(rate, 1);
        return progress.BytesTotal <= progress.BytesDone || seconds > TimeSpan.FromDays(4).TotalSeconds ? ""
            : seconds < 3600 ? Text.Of($"  {(int)seconds / 60}:{(int)seconds % 60:00} left")
            : Text.Of($"  {(int)seconds / 3600} h {(int)seconds % 3600 / 60:00} min left");
    }
}
