using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>The body of an answer: counts what is written, and breaks or stalls where a fault says so.</summary>
internal sealed class AnswerBody(HttpContext context, Fault? fault) : Stream
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    private readonly Stream _inner = context.Response.Body;

    public Fault? Fault { get; } = fault;

    public long Written { get; private set; }

    /// <summary>
    /// Called before the last byte of an answer whose length was announced: when the other side has it all, this has happened.
    /// </summary>
    public Action? BeforeLast { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (Fault)
        {
            case Fault.CutAfter cut when Written + buffer.Length > cut.Bytes:
                await SendAsync(buffer[..(int)(cut.Bytes - Written)], cancellationToken);
                await _inner.FlushAsync(cancellationToken);
                // The transport sends in the background, and an abort drops what has not arrived: first an orderly end behind the
                // last byte, then time to read it.
                await Task.Delay(Settle, cancellationToken);
                // The other side may ask again once it sees the end; its next request must not be recorded before this one.
                BeforeLast?.Invoke();
                context.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Send);
                await Task.Delay(Settle, cancellationToken);
                throw new ConnectionAbortedForTest();
            case Fault.Stall stall when Written <= stall.AfterBytes && Written + buffer.Length > stall.AfterBytes:
                int before = (int)(stall.AfterBytes - Written);
                await SendAsync(buffer[..before], cancellationToken);
                await _inner.FlushAsync(cancellationToken);
                await Task.Delay(stall.Duration, context.RequestAborted);
                await SendAsync(buffer[before..], cancellationToken);
                return;
        }
        await SendAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        Written += bytes.Length;
        if (Written == context.Response.ContentLength)
            BeforeLast?.Invoke();
        await _inner.WriteAsync(bytes, cancel);
    }
}
