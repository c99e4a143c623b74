namespace WiseHub.Client;

/// <summary>Where the library tells what it does. Implementations must be safe to call from several threads.</summary>
public interface IHubLog
{
    /// <summary>Something a person wants to see in a normal build.</summary>
    void Info(string message);

    /// <summary>Something that matters when looking for a cause.</summary>
    void Detail(string message);

    /// <summary>Something that should be changed but does not stop the work.</summary>
    /// <param name="code">One of <see cref="WiseCodes"/>.</param>
    /// <param name="message">The text.</param>
    /// <param name="reference">The reference it belongs to, if any.</param>
    void Warning(string code, string message, RepoReference? reference = null);

    /// <summary>How far a transfer is. Called at most a few times a second.</summary>
    void Progress(TransferProgress progress);
}

/// <summary>How far a transfer is.</summary>
/// <param name="BytesDone">Bytes received and hashed so far.</param>
/// <param name="BytesTotal">Bytes to receive in all.</param>
/// <param name="FilesDone">Files finished.</param>
/// <param name="FilesTotal">Files in all.</param>
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
