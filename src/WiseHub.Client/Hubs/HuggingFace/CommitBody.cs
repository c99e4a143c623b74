using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>One line of a commit (docs/protocols/huggingface.md#the-commit).</summary>
internal sealed class CommitLine
{
    // A multiple of three.
    private const int Piece = CommitBody.BufferSize / 4 * 3;

    private static readonly byte[] End = "\"}}\n"u8.ToArray();

    private readonly byte[] _text;

    private CommitLine(string key, JsonObject value, LocalFile? content) =>
        (_text, Content) = (Text(key, value, content is not null), content);

    /// <summary>The file whose bytes stand in the line.</summary>
    public LocalFile? Content { get; }

    /// <summary>Bytes of the line.</summary>
    public long Length => _text.Length + (Content is null ? 0 : (Content.Size + 2) / 3 * 4 + End.Length);

    /// <summary>The line that every commit begins with.</summary>
    public static CommitLine Header(string message, string suffix, string? parent)
    {
        string[] parts = message.ReplaceLineEndings("\n").Trim().Split('\n', 2);
        var value = new JsonObject
        {
            ["summary"] = (parts[0].Trim() is { Length: > 0 } summary ? summary : "upload files") + suffix,
            ["description"] = parts.Length > 1 ? parts[1].Trim() : ""
        };
        if (parent is not null)
            value["parentCommit"] = parent;
        return new CommitLine("header", value, null);
    }

    /// <summary>A file whose bytes git itself keeps.</summary>
    public static CommitLine Regular(LocalFile file) =>
        new("file", new JsonObject { ["path"] = file.PathInRepo, ["encoding"] = "base64" }, file);

    /// <summary>A file whose bytes LFS keeps, and has.</summary>
    public static CommitLine Lfs(LocalFile file) => new("lfsFile",
        new JsonObject { ["path"] = file.PathInRepo, ["algo"] = "sha256", ["oid"] = file.Sha256.Hex, ["size"] = file.Size },
        null);

    public static CommitLine Deleted(string path) => new("deletedFile", new JsonObject { ["path"] = path }, null);

    /// <exception cref="HubException">WISE5003: the file is not what it was.</exception>
    public async Task WriteAsync(PipeWriter to, Action<long> went, CancellationToken cancel)
    {
        to.Write(_text);
        if (Content is not null)
        {
            await WriteContentAsync(Content, to, went, cancel).ConfigureAwait(false);
            to.Write(End);
        }
        // Many small lines go out together.
        if (to.UnflushedBytes >= CommitBody.BufferSize)
            await to.FlushAsync(cancel).ConfigureAwait(false);
    }

    private static async Task WriteContentAsync(LocalFile file, PipeWriter to, Action<long> went, CancellationToken cancel)
    {
        using SafeFileHandle source = Local(file,
            () => File.OpenHandle(file.SourcePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            for (long position = 0; position < file.Size;)
            {
                int wanted = (int)Math.Min(file.Size - position, Piece), read = 0;
                // What was hashed a moment ago is read from memory; a piece must be whole, because only the last
                // one may be padded.
                for (int more = 1; read < wanted && more > 0; read += more)
                    more = Local(file, () => RandomAccess.Read(source, buffer.AsSpan(read, wanted - read), position + read));
                if (read < wanted)
                    throw LocalFile.Changed(file.SourcePath);
                hash.AppendData(buffer, 0, read);
                Base64.EncodeToUtf8(buffer.AsSpan(0, read), to.GetSpan(Base64.GetMaxEncodedToUtf8Length(read)),
                    out _, out int written);
                to.Advance(written);
                went(read);
                position += read;
                if (to.UnflushedBytes >= CommitBody.BufferSize)
                    await to.FlushAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        // The line has no end then, so that the server cannot take the body for a whole one.
        if (!Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(file.Sha256.Hex, StringComparison.Ordinal))
            throw LocalFile.Changed(file.SourcePath);
    }

    // What the file system says is no failure of the network.
    private static T Local<T>(LocalFile file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{file.SourcePath} cannot be read");
        }
    }

    private static byte[] Text(string key, JsonObject value, bool isOpen)
    {
        string text = new JsonObject { ["key"] = key, ["value"] = value }.ToJsonString();
        return Encoding.UTF8.GetBytes(isOpen ? text[..^2] + ",\"content\":\"" : text + "\n");
    }
}

/// <summary>
/// A commit as a body: lines of JSON, read from disk as they go. Its length is known before, because the hub once took a body in
/// chunks for one that ends after the first line.
/// </summary>
internal sealed class CommitBody : HttpContent
{
    public const int BufferSize = 1 << 17;

    private readonly IReadOnlyList<CommitLine> _lines;
    private readonly Action<long> _went;

    /// <param name="lines">The header first.</param>
    /// <param name="went">Told how many bytes of contents went out.</param>
    public CommitBody(IReadOnlyList<CommitLine> lines, Action<long> went)
    {
        (_lines, _went) = (lines, went);
        Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _lines.Sum(l => l.Length);
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        PipeWriter to = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
        foreach (CommitLine line in _lines)
            await line.WriteAsync(to, _went, cancellationToken).ConfigureAwait(false);
        await to.CompleteAsync().ConfigureAwait(false);
    }
}
