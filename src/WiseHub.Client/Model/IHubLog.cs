namespace WiseHub.Client;

/// <summary>Receives messages about the library's work. Implementations must be thread-safe.</summary>
public interface IHubLog
{
    /// <summary>A message for the user of a normal build.</summary>
    void Info(string message);

    /// <summary>A detail for finding the cause of a problem.</summary>
    void Detail(string message);

    /// <summary>A problem that does not stop the work but should be fixed.</summary>
    /// <param name="code">One of <see cref="WiseCodes"/>.</param>
    /// <param name="message">The text.</param>
    /// <param name="reference">The reference it belongs to, if any.</param>
    void Warning(string code, string message, RepoReference? reference = null);

    /// <summary>The progress of a transfer. Called at most a few times a second.</summary>
    void Progress(TransferProgress progress);
}

/// <summary>The progress of a transfer.</summary>
/// <param name="BytesDone">Bytes received and hashed so far.</param>
/// <param name="BytesTotal">Total bytes to receive.</param>
/// <param name="FilesDone">Files finished.</param>
/// <param name="FilesTotal">Total files.</param>
/// <param name="Elapsed">Time since the start of the transfer.</param>
public readonly record struct TransferProgress(long BytesDone, long BytesTotal, int FilesDone, int FilesTotal, TimeSpan Elapsed)
{
    /// <summary>From 0 to 1.</summary>
    public double Share => BytesTotal == 0 ? 1 : Math.Clamp((double)BytesDone / BytesTotal, 0, 1);
}

internal sealed class SilentLog : IHubLog
{
    public static readonly SilentLog Instance = new();

    public void Info(string message) { }

    public void Detail(string message) { }

    public void Warning(string code, string message, RepoReference? reference = null) { }

    public void Progress(TransferProgress progress) { }
}
