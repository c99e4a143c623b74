using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>A failure as it is printed.</summary>
internal sealed record Failure(string Code, string Message);

/// <summary>
/// Writes one line per failure with its code, and a stack trace only if the user asked for it.
/// </summary>
internal static class Failures
{
    public const string TraceVariable = "WISEHUB_TRACE";

    public static bool IsTracing => Environment.GetEnvironmentVariable(TraceVariable) == "1";

    /// <summary>The failures that an exception contains.</summary>
    public static IReadOnlyList<Failure> Describe(Exception exception, bool isCancelled) => exception switch
    {
        HubException e => [new Failure(e.Code, e.Message)],
        AggregateException e when e.InnerExceptions.All(i => i is HubException) =>
            [.. e.InnerExceptions.SelectMany(i => Describe(i, isCancelled))],
        OperationCanceledException when isCancelled =>
            [new Failure(WiseCodes.Cancelled, ToolMessages.Cancelled)],
        _ => [new Failure(WiseCodes.InternalError, ToolMessages.Bug(exception))],
    };

    /// <summary>Writes the failures and returns the exit code.</summary>
    public static int Report(Exception exception, TextWriter errors, bool isCancelled, bool trace)
    {
        IReadOnlyList<Failure> failures = Describe(exception, isCancelled);
        foreach (Failure failure in failures)
            Write(errors, failure.Code, failure.Message);
        if (trace)
            errors.WriteLine(exception);
        return failures[0].Code == WiseCodes.Cancelled ? ExitCodes.Cancelled : ExitCodes.Failed;
    }

    /// <summary>Writes the line of one failure.</summary>
    public static void Write(TextWriter errors, string code, string message) =>
        errors.WriteLine($"{Colors.Error(errors, $"error {code}")}: {Printable(message)}");

    /// <summary>Replaces control characters: text from a hub must not forge lines or move the cursor of a terminal.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl)
            ? string.Concat(text.Select(c => c == '\n' || c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c)) : text;
}
