using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Contents;

/// <summary>
/// A part of a file as the body of one request. It reads by position, so that several parts can be sent at the same time.
/// </summary>
internal sealed class FileSlice(string path, long start, long length) : HttpContent
{
    private const int BufferSize = 1 << 18;

    /// <summary>Receives the sent bytes in order, for example to hash them.</summary>
    public Action<ReadOnlyMemory<byte>>? Seen { get; init; }

    protected override bool TryComputeLength(out long size)
    {
        size = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using SafeFileHandle file =
            Read(() => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (long position = 0; position < length;)
            {
                // The file was hashed a moment ago, so it is read from memory; waiting costs less than changing threads.
                int read = Read(() => RandomAccess.Read(file,
                    buffer.AsSpan(0, (int)Math.Min(BufferSize, length - position)), start + position));
                if (read == 0)
                    throw LocalFile.Changed(path);
                Seen?.Invoke(buffer.AsMemory(0, read));
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                position += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A failure of the file system is not a network failure, so a retry would not help.
    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, ContentMessages.NotReadable(path));
        }
    }
}
