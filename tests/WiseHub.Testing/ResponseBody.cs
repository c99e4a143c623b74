namespace WiseHub.Testing;

/// <summary>Sending the body of a response.</summary>
public static class ResponseBody
{
    private const int BlockSize = 64 << 10;

    /// <summary>
    /// Sends a content block by block, as a server that reads a file does. Under Wine, one send of several megabytes never ends.
    /// </summary>
    public static async Task WriteInBlocksAsync(
        this Stream body, ReadOnlyMemory<byte> content, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        for (; content.Length > BlockSize; content = content[BlockSize..])
            await body.WriteAsync(content[..BlockSize], cancel);
        await body.WriteAsync(content, cancel);
    }
}
