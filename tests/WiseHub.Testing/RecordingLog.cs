using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using WiseHub.Client;

namespace WiseHub.Testing;

/// <summary>
/// Keeps the whole log as text, so that a test sees also what it did not expect. Elapsed seconds become <c>#</c>.
/// </summary>
public sealed partial class RecordingLog : IHubLog
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<TransferProgress> _progress = new();
    private readonly List<(string Text, string Name)> _hidden = [];

    /// <summary>Every line: <c>info: …</c>, <c>detail: …</c>, <c>warning WISE####: …</c>.</summary>
    public string Text => Hide(string.Join('\n', _lines));

    /// <summary>The lines that a normal build shows, without details.</summary>
    public string Visible => Hide(string.Join('\n', _lines.Where(l => !l.StartsWith("detail: ", StringComparison.Ordinal))));

    public IReadOnlyCollection<TransferProgress> Reports => _progress;

    /// <summary>Called with every line as it comes.</summary>
    public Action<string>? OnLine { get; set; }

    /// <summary>Shows a text that differs between machines under a name.</summary>
    public RecordingLog Hiding(string text, string name)
    {
        _hidden.Add((text, name));
        return this;
    }

    public void Clear() => _lines.Clear();

    public void Info(string message) => Add("info: " + message);

    public void Detail(string message) => Add("detail: " + message);

    public void Warning(string code, string message, RepoReference? reference = null) => Add($"warning {code}: {message}");

    public void Progress(TransferProgress progress) => _progress.Enqueue(progress);

    /// <summary>
    /// A text with everything machine-dependent under its name; paths below a hidden folder are shown with <c>/</c>.
    /// </summary>
    public string Hide(string text)
    {
        foreach ((string hidden, string name) in _hidden)
            text = PortablePaths.Hide(text, hidden, name);
        return Seconds().Replace(text, "in # s");
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        OnLine?.Invoke(line);
    }

    [GeneratedRegex(@"\bin \d+\.\d s\b")]
    private static partial Regex Seconds();
}
