using System.Buffers;

namespace WiseHub.Client.Store;

/// <summary>Reads whole files for hashing.</summary>
internal static class FileBytes
{
    private const int BufferSize = 1 << 18;

    /// <summary>Reads a file from its beginning to its end.</summary>
    public static void ReadAll(string path, Action<ReadOnlyMemory<byte>> seen, CancellationToken cancel)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            FileOptions.SequentialScan);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long position = 0;
            for (int read; (read = RandomAccess.Read(file, buffer, position)) > 0; position += read)
            {
                cancel.ThrowIfCancellationRequested();
                seen(buffer.AsMemory(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
