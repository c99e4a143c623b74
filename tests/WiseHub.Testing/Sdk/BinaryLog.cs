using System.IO.Compression;
using System.Text;

namespace WiseHub.Testing;

/// <summary>What is in an MSBuild binary log.</summary>
public static class BinaryLog
{
    /// <summary>
    /// Says whether a text is anywhere: in messages, properties, items, environment, or in the project files
    /// that the log carries.
    /// </summary>
    public static bool Contains(string file, string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var log = new MemoryStream();
        packed.CopyTo(log);
        return log.ToArray().AsSpan().IndexOf(wanted) >= 0
            || Microsoft.Build.Logging.StructuredLogger.BinaryLog.ReadBuild(file).SourceFiles
                .Any(f => f.Text.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>The names of all tasks that ran, in order.</summary>
    public static IReadOnlyList<string> Tasks(string file)
    {
        var names = new List<string>();
        Microsoft.Build.Logging.StructuredLogger.BinaryLog.ReadBuild(file)
            .VisitAllChildren<Microsoft.Build.Logging.StructuredLogger.Task>(t => names.Add(t.Name));
        return names;
    }
}
