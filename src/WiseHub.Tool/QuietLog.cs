using System.Collections.Concurrent;
using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>Prints nothing, and keeps the warnings for the JSON object.</summary>
internal sealed class QuietLog : IHubLog
{
    private readonly ConcurrentQueue<Failure> _warnings = [];

    public IReadOnlyCollection<Failure> Warnings => _warnings;

    public void Info(string message) { }

    public void Detail(string message) { }

    public void Warning(string code, string message, RepoReference? reference = null) =>
        _warnings.Enqueue(new Failure(code, message));

    public void Progress(TransferProgress progress) { }
}
