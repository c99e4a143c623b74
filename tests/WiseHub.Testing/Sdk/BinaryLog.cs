using System.IO.Compression;
using System.Text;
using Microsoft.Build.Framework;
using Logger = Microsoft.Build.Logging.StructuredLogger;

namespace WiseHub.Testing;

/// <summary>What is in an MSBuild binary log.</summary>
public static class BinaryLog
{
    /// <summary>Errors with their help links.</summary>
    public static IReadOnlyList<BuildErrorEventArgs> Errors(string file)
    {
        var errors = new List<BuildErrorEventArgs>();
        var source = new Logger.BinLogReader();
        source.ErrorRaised += (_, error) => errors.Add(error);
        source.Replay(file);
        return errors;
    }

    /// <summary>Says whether a text is anywhere: in messages, properties, items, environment, or in the project files that the log carries.</summary>
    public static bool Contains(string file, string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var log = new MemoryStream();
        packed.CopyTo(log);
        return log.ToArray().AsSpan().IndexOf(wanted) >= 0
            || Logger.BinaryLog.ReadBuild(file).SourceFiles.Any(f => f.Text.Contains(text, StringComparison.Ordinal));
    }
}
