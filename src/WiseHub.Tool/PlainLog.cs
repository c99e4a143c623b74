using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>Writes lines to a pipe or a log file.</summary>
/// <param name="writer">Gets the lines.</param>
/// <param name="isResult">The lines are the result of the command, which is also printed with <c>--quiet</c>.</param>
internal sealed class PlainLog(TextWriter writer, bool isResult = false) : IHubLog
{
    private readonly ProgressLines _progress = new();

    public void Info(string message)
    {
        if (isResult || !Verbosity.IsQuiet)
            writer.WriteLine(Failures.Printable(message));
    }

    public void Detail(string message)
    {
        if (Verbosity.ShowsDetails)
            Info(message);
    }

    public void Warning(string code, string message, RepoReference? reference = null)
    {
        if (!Verbosity.IsQuiet)
            writer.WriteLine($"{Colors.Warning(writer, $"warning {code}")}: {Failures.Printable(message)}");
    }

    public void Progress(TransferProgress progress)
    {
        if (_progress.Next(progress) is string line)
            Info(line);
    }
}
