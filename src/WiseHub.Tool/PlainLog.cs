using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>Writes lines to a pipe or a log file.</summary>
internal sealed class PlainLog(TextWriter writer) : IHubLog
{
    private readonly ProgressLines _progress = new();

    public void Info(string message) => writer.WriteLine(Failures.Printable(message));

    public void Detail(string message)
    {
        if (Failures.IsTracing)
            Info(message);
    }

    public void Warning(string code, string message, RepoReference? reference = null) => Info($"warning {code}: {message}");

    public void Progress(TransferProgress progress)
    {
        if (_progress.Next(progress) is string line)
            Info(line);
    }
}
