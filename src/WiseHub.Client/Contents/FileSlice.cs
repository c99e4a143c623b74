using System.Buffers;
using System.Net;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Contents;

/// <summary>
/// A part of a file as the body of one try of a request. Reading is by position, so that several parts of one file
/// go out side by side.
/// </summary>
internal sealed class FileSlice(string path, long start, long length) : HttpContent
{
    private const int BufferSize = 1 << 18;

    /// <summary>Sees the bytes as they go, in order, such as a hash that is compared afterwards.</summary>
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
                // What is pushed was hashed a moment ago and is read from memory: to wait for it costs less than
                // to change threads.
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

    // What the file system says is no failure of the network, and not worth another try.
    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{path} cannot be read");
        }
    }
}
