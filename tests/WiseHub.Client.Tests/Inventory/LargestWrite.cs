namespace WiseHub.Client.Tests.Inventory;

/// <summary>A stream that keeps nothing but the size of the largest write, which is what the writer had in memory.</summary>
internal sealed class LargestWrite : Stream
{
    public int Largest { get; private set; }

    public long Total { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Total;

    public override long Position { get => Total; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer) =>
        (Largest, Total) = (Math.Max(Largest, buffer.Length), Total + buffer.Length);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
