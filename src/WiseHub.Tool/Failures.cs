using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>One failure as a person reads it.</summary>
internal sealed record Failure(string Code, string Message);

/// <summary>
/// Says what went wrong: one line a failure with its code, and never a stack trace unless somebody asked for it.
/// </summary>
internal static class Failures
{
    public const string TraceVariable = "WISEHUB_TRACE";

    public static bool IsTracing => Environment.GetEnvironmentVariable(TraceVariable) == "1";

    /// <summary>All failures that an exception stands for.</summary>
    public static IReadOnlyList<Failure> Describe(Exception exception, bool isCancelled) => exception switch
    {
        HubException e => [new Failure(e.Code, e.Message)],
        AggregateException e when e.InnerExceptions.All(i => i is HubException) =>
            [.. e.InnerExceptions.SelectMany(i => Describe(i, isCancelled))],
        OperationCanceledException when isCancelled =>
            [new Failure(WiseCodes.Cancelled, "Cancelled. What was verified is kept; the next run goes on from there.")],
        _ => [new Failure(WiseCodes.InternalError, $"This is a bug in wisehub ({exception.GetType().Name}: {exception.Message}). "
            + $"Run it again with {TraceVariable}=1 to see where it happened, and report that.")],
    };

    /// <summary>Writes them and gives the exit code.</summary>
    public static int Report(Exception exception, TextWriter errors, bool isCancelled, bool trace)
    {
        IReadOnlyList<Failure> failures = Describe(exception, isCancelled);
        foreach (Failure failure in failures)
            errors.WriteLine($"error {failure.Code}: {Printable(failure.Message)}");
        if (trace)
            errors.WriteLine(exception);
        return failures[0].Code == WiseCodes.Cancelled ? ExitCodes.Cancelled : ExitCodes.Failed;
    }

    /// <summary>Text of a hub must not be able to forge lines, or move the cursor of a terminal.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Select(c => c == '\n' || c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c)) : text;
}
