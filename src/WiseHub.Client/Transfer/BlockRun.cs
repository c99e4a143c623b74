using System.Buffers;

namespace WiseHub.Client.Transfer;

/// <summary>Consecutive blocks that one connection fetches, and the received part of the first.</summary>
internal sealed class BlockRun(int first, int count)
{
    public int First { get; private set; } = first;

    public int Count { get; set; } = count;

    /// <summary>The buffer for the first block, from the shared pool.</summary>
    public byte[]? Buffer { get; set; }

    /// <summary>Bytes of the first block that have arrived.</summary>
    public int Filled { get; set; }

    /// <summary>The assembly allows this block in memory.</summary>
    public bool HasTurn { get; set; }

    /// <summary>The next byte to request.</summary>
    public long Position => ((long)First * PartialBlob.BlockSize) + Filled;

    /// <summary>Moves to the next block, after the first was handed over with its buffer.</summary>
    public void Advance()
    {
        (Buffer, Filled, HasTurn) = (null, 0, false);
        First++;
        Count--;
    }

    public void Become(int first, int count) => (First, Count) = (first, count);

    /// <summary>Returns the buffer to the pool and discards its bytes.</summary>
    public void Drop()
    {
        if (Buffer is not null)
            ArrayPool<byte>.Shared.Return(Buffer);
        (Buffer, Filled, HasTurn) = (null, 0, false);
    }
}
