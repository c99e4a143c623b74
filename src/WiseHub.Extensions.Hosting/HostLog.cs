using Microsoft.Extensions.Logging;

namespace WiseHub.Extensions.Hosting;

/// <summary>
/// The lines of the host's log. They are in one class, because the generator writes several classes in any order, and the same
/// sources would give other bytes.
/// </summary>
internal static partial class HostLog
{
    [LoggerMessage(1, LogLevel.Information, "The model {Alias} is in {Directory}.")]
    public static partial void Ready(ILogger log, string alias, string directory);

    [LoggerMessage(2, LogLevel.Error, "The model {Alias} is not there: {Code}: {Problem} The next try is in {Seconds:0.0} s.")]
    public static partial void TriesAgain(ILogger log, string alias, string? code, string problem, double seconds);

    [LoggerMessage(3, LogLevel.Error, "The model {Alias} is not there: {Code}: {Problem}")]
    public static partial void Failed(ILogger log, string alias, string? code, string problem);

    [LoggerMessage(4, LogLevel.Information, "{Message}")]
    public static partial void Info(ILogger log, string message);

    [LoggerMessage(5, LogLevel.Debug, "{Message}")]
    public static partial void Detail(ILogger log, string message);

    [LoggerMessage(6, LogLevel.Warning, "{Code}: {Message}")]
    public static partial void Warning(ILogger log, string code, string message);
}
