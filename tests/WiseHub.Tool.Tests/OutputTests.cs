using WiseHub.Client;

namespace WiseHub.Tool.Tests;

public sealed class OutputTests
{
    private static readonly HubException Known = new(WiseCodes.RepoNotFound, "acme/m is not there. Check the name.");

    [Fact]
    public void Several_failures_are_several_lines()
    {
        Assert.Equal(
            (1, "error WISE2002: acme/m is not there. Check the name.\nerror WISE2002: acme/m is not there. Check the name.\n"),
            Report(new AggregateException(Known, Known)));
    }

    [Fact]
    public void An_unexpected_exception_is_one_line_that_says_it_is_a_bug_and_how_to_see_more()
    {
        Assert.Equal((1, "error WISE1104: This is a bug in wisehub (InvalidOperationException: two\uFFFD lines). "
            + "Run the command again with WISEHUB_TRACE=1, and report it with the stack trace.\n"),
            Report(new InvalidOperationException("two\r lines")));
    }

    [Fact]
    public void A_stack_trace_is_shown_on_request()
    {
        var errors = new StringWriter { NewLine = "\n" };
        Failures.Report(Thrown(), errors, isCancelled: false, trace: true);

        Assert.StartsWith("error WISE1104: ", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains($"   at {typeof(OutputTests).FullName}.Thrown()", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_command_exits_with_130()
    {
        var errors = new StringWriter { NewLine = "\n" };

        Assert.Equal(130, Failures.Report(new TaskCanceledException(), errors, isCancelled: true, trace: false));
        Assert.Equal(
            "error WISE2017: Cancelled. Verified files are kept, and the next run continues from there.\n", errors.ToString());
    }

    [Fact]
    public void A_cancellation_that_was_not_requested_is_reported_as_a_bug()
    {
        Assert.Equal((1, "error WISE1104: This is a bug in wisehub (TaskCanceledException: A task was canceled.). "
            + "Run the command again with WISEHUB_TRACE=1, and report it with the stack trace.\n"),
            Report(new TaskCanceledException()));
    }

    [Fact]
    public void Text_of_a_hub_cannot_move_the_cursor_or_forge_a_line()
    {
        Assert.Equal((1, "error WISE2010: it said \uFFFD[2J error WISE9999: forged\n"),
            Report(new HubException(WiseCodes.UnexpectedAnswer, "it said \u001b[2J\nerror WISE9999: forged")));
    }

    [Fact]
    public void A_pipe_gets_a_line_every_five_seconds_or_ten_percent()
    {
        var text = new StringWriter { NewLine = "\n" };
        var log = new PlainLog(text);
        foreach ((int percent, int seconds) in (ReadOnlySpan<(int, int)>)[(0, 0), (10, 1), (40, 4), (50, 5), (55, 6), (61, 7),
            (63, 11), (64, 12), (100, 13)])
            log.Progress(new TransferProgress(percent * 1_000_000L, 100_000_000, percent / 50, 2, TimeSpan.FromSeconds(seconds)));
        log.Warning("WISE2007", "renamed");

        Assert.Equal("""
            50 %, 50.0 MB of 100 MB, 1 of 2 files, 10.0 MB/s
            61 %, 61.0 MB of 100 MB, 1 of 2 files, 8.7 MB/s
            64 %, 64.0 MB of 100 MB, 1 of 2 files, 5.3 MB/s
            100 %, 100 MB of 100 MB, 2 of 2 files, 7.7 MB/s
            warning WISE2007: renamed

            """, text.ToString());
    }

    [Fact]
    public void A_terminal_without_rows_gets_a_default_and_one_without_columns_is_unusable() =>
        Assert.Equal([(100, 30), (100, 24), null, null], ((int Width, int Height)?[])[TerminalSize.Usable(30, 100),
            TerminalSize.Usable(0, 100), TerminalSize.Usable(30, 0), TerminalSize.Usable(0, 0)]);

    [Fact]
    public void Bytes_of_an_earlier_run_do_not_count_as_speed()
    {
        var lines = new ProgressLines();
        lines.Next(new TransferProgress(90_000_000, 100_000_000, 0, 1, TimeSpan.FromSeconds(1)));

        Assert.Equal("95 %, 95.0 MB of 100 MB, 0 of 1 files, 1.0 MB/s",
            lines.Next(new TransferProgress(95_000_000, 100_000_000, 0, 1, TimeSpan.FromSeconds(6))));
    }

    [Fact]
    public void The_rate_of_a_stalled_transfer_drops_to_zero_within_seconds()
    {
        var meter = new RateMeter();
        var rates = new List<double?> { meter.At(TimeSpan.Zero) };
        for (int second = 0; second <= 10; second++)
            meter.Add(Progress(second * 1000, second));
        foreach (int second in (ReadOnlySpan<int>)[10, 14, 18, 30])
            rates.Add(meter.At(TimeSpan.FromSeconds(second)));

        Assert.Equal([null, 1000, 5000 / 9.0, 1000 / 9.0, 0], rates);
    }

    [Fact]
    public void A_restarted_download_does_not_give_a_negative_rate()
    {
        var meter = new RateMeter();
        meter.Add(Progress(5000, 1));
        meter.Add(Progress(0, 2));
        meter.Add(Progress(3000, 5));

        Assert.Equal(1000, meter.At(TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData(50, 2, 10e6, 0, true, " 50 %  50.0 MB of 100 MB  1/2 files  10.0 MB/s  0:05 left")]
    [InlineData(50, 2, 10e6, 0, false, " 50 %  10.0 MB/s  0:05 left")]
    [InlineData(50, 2, 10e3, 0, false, " 50 %  10.0 kB/s  1 h 23 min left")]
    [InlineData(50, 2, 0.0, 0, false, " 50 %  0 B/s")]
    [InlineData(0, 1, null, 0, true, "  0 %  0 B of 100 MB")]
    [InlineData(99, 1, 10e6, 7, true, " 99 %  99.0 MB of 100 MB  no bytes for 7 s")]
    [InlineData(100, 1, 10e6, 0, true, "100 %  100 MB of 100 MB  10.0 MB/s")]
    public void The_progress_line_shows_percentage_rate_and_remaining_time(
        int percent, int files, double? rate, int silent, bool details, string expected)
    {
        var progress = new TransferProgress(percent * 1_000_000L, 100_000_000, 1, files, TimeSpan.FromSeconds(5));

        Assert.Equal(expected, ProgressText.Write(progress, rate, TimeSpan.FromSeconds(silent), details));
    }

    private static TransferProgress Progress(long bytes, int second) => new(bytes, 100_000, 0, 1, TimeSpan.FromSeconds(second));

    private static (int Exit, string Errors) Report(Exception exception)
    {
        var errors = new StringWriter { NewLine = "\n" };
        return (Failures.Report(exception, errors, isCancelled: false, trace: false), errors.ToString());
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("for a test");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
