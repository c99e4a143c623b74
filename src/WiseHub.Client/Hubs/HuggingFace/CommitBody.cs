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
    // A multiple of three, so that base64 pads only the last piece.
    private const int Piece = CommitBody.BufferSize / 4 * 3;

    private static readonly byte[] End = "\"}}\n"u8.ToArray();

    private readonly byte[] _text;

    private CommitLine(string key, JsonObject value, LocalFile? content) =>
        (_text, Content) = (Text(key, value, content is not null), content);

    /// <summary>The file whose bytes are part of the line.</summary>
    public LocalFile? Content { get; }

    /// <summary>Bytes of the line.</summary>
    public long Length => _text.Length + (Content is null ? 0 : (Content.Size + 2) / 3 * 4 + End.Length);

    /// <summary>The first line of every commit.</summary>
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

    /// <summary>A file stored in git itself.</summary>
    public static CommitLine Regular(LocalFile file) =>
        new("file", new JsonObject { ["path"] = file.PathInRepo, ["encoding"] = "base64" }, file);

    /// <summary>A file stored in LFS, where it is already uploaded.</summary>
    public static CommitLine Lfs(LocalFile file) => new("lfsFile",
        new JsonObject { ["path"] = file.PathInRepo, ["algo"] = "sha256", ["oid"] = file.Sha256.Hex, ["size"] = file.Size },
        null);

    public static CommitLine Deleted(string path) => new("deletedFile", new JsonObject { ["path"] = path }, null);

    /// <exception cref="HubException">WISE5003: the file has changed.</exception>
    public async Task WriteAsync(PipeWriter to, Action<long> sent, CancellationToken cancel)
    {
        to.Write(_text);
        if (Content is not null)
        {
            await WriteContentAsync(Content, to, sent, cancel).ConfigureAwait(false);
            to.Write(End);
        }
        // Many small lines are sent together.
        if (to.UnflushedBytes >= CommitBody.BufferSize)
            await to.FlushAsync(cancel).ConfigureAwait(false);
    }

    private static async Task WriteContentAsync(LocalFile file, PipeWriter to, Action<long> sent, CancellationToken cancel)
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
                // A piece must be whole, because base64 may pad only the last one.
                for (int more = 1; read < wanted && more > 0; read += more)
                    more = Local(file, () => RandomAccess.Read(source, buffer.AsSpan(read, wanted - read), position + read));
                if (read < wanted)
                    throw LocalFile.Changed(file.SourcePath);
                hash.AppendData(buffer, 0, read);
                Base64.EncodeToUtf8(buffer.AsSpan(0, read), to.GetSpan(Base64.GetMaxEncodedToUtf8Length(read)),
                    out _, out int written);
                to.Advance(written);
                sent(read);
                position += read;
                if (to.UnflushedBytes >= CommitBody.BufferSize)
                    await to.FlushAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        // Throwing here leaves the line unfinished, so the server cannot accept the body.
        if (!Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(file.Sha256.Hex, StringComparison.Ordinal))
            throw LocalFile.Changed(file.SourcePath);
    }

    // Keeps an error of the file system from being reported as one of the network.
    private static T Local<T>(LocalFile file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"{file.SourcePath} cannot be read");
        }
    }

    private static byte[] Text(string key, JsonObject value, bool isOpen)
    {
        string text = new JsonObject { ["key"] = key, ["value"] = value }.ToJsonString();
        return Encoding.UTF8.GetBytes(isOpen ? text[..^2] + ",\"content\":\"" : text + "\n");
    }
}

/// <summary>
/// A commit as a request body: lines of JSON, whose files are read from disk while they are sent. The length is sent in advance,
/// because the hub once treated a chunked body as complete after its first line.
/// </summary>
internal sealed class CommitBody : HttpContent
{
    public const int BufferSize = 1 << 17;

    private readonly IReadOnlyList<CommitLine> _lines;
    private readonly Action<long> _sent;

    /// <param name="lines">The header first.</param>
    /// <param name="sent">Receives the number of file bytes sent.</param>
    public CommitBody(IReadOnlyList<CommitLine> lines, Action<long> sent)
    {
        (_lines, _sent) = (lines, sent);
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
            await line.WriteAsync(to, _sent, cancellationToken).ConfigureAwait(false);
        await to.CompleteAsync().ConfigureAwait(false);
    }
}
