using System.Buffers;

namespace WiseHub.Client.Transfer;

/// <summary>Blocks in a row that one connection was given to fetch, and what it has of the first of them.</summary>
internal sealed class BlockRun(int first, int count)
{
    public int First { get; private set; } = first;

    public int Count { get; set; } = count;

    /// <summary>Receives the first block; from the shared pool.</summary>
    public byte[]? Buffer { get; set; }

    /// <summary>Bytes of the first block that have arrived.</summary>
    public int Filled { get; set; }

    /// <summary>The assembly lets this block be held in memory.</summary>
    public bool HasTurn { get; set; }

    /// <summary>The next byte to ask for.</summary>
    public long Position => ((long)First * PartialFile.BlockSize) + Filled;

    /// <summary>The first block has been handed on, together with its buffer.</summary>
    public void Advance()
    {
        (Buffer, Filled, HasTurn) = (null, 0, false);
        First++;
        Count--;
    }

    public void Become(int first, int count) => (First, Count) = (first, count);

    /// <summary>Gives the buffer back to the pool, with what is in it.</summary>
    public void Drop()
    {
        if (Buffer is not null)
            ArrayPool<byte>.Shared.Return(Buffer);
        (Buffer, Filled, HasTurn) = (null, 0, false);
    }
}
