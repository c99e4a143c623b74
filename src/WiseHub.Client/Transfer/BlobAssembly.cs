using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using WiseHub.Client.Contents;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Assembles one blob from blocks. It tracks which blocks are missing and which connection fetches them, and hashes them. Blocks
/// arrive in any order from several connections. They are hashed in order, from memory, on a separate thread, so the network
/// does not wait for the hash and the file is not read again. Connections that are too far ahead wait for their turn, because
/// <c>window</c> limits the memory. Blocks of an earlier run are read back and checked while the missing ones are fetched.
/// </summary>
internal sealed class BlobAssembly : IDisposable
{
    // Starting a thread costs more than hashing this many blocks on the thread that receives them.
    private const int HashedInLine = 4;

    // Blocks that one connection may be ahead of the hash. More would only evict bytes from the processor's cache.
    private const int AheadPerConnection = 8;

    private enum Block : byte
    {
        Missing,
        /// <summary>Given to a connection.</summary>
        Taken,
        /// <summary>On disk and in memory.</summary>
        Arrived,
        /// <summary>On disk from an earlier run.</summary>
        Kept,
    }

    private readonly object _gate = new();
    private readonly PartialBlob _file;
    private readonly Func<int> _window;
    private readonly List<Block> _blocks = [];
    private readonly Dictionary<int, (byte[] Buffer, int Length)> _arrived = [];
    private readonly List<BlockRun> _begun = [];
    private readonly ContentHash _hash;
    private readonly bool _inLine;
    private readonly long? _knownSize;

    private TaskCompletionSource? _change;
    private Thread? _hasher;
    private bool _hashing, _disposed;
    private long? _size;
    private long _starved;
    private long? _waitsSince;
    private int _hashed, _held, _taken, _runs;

    /// <param name="file">The file for the blocks.</param>
    /// <param name="size">Bytes, if known.</param>
    /// <param name="gitSize">The size for git's blob id, if the id is checked.</param>
    /// <param name="window">Blocks that may be in memory now.</param>
    public BlobAssembly(PartialBlob file, long? size, long? gitSize, Func<int> window)
    {
        (_file, _size, _knownSize, _window) = (file, size, size, window);
        _hash = new ContentHash(gitSize);
        _inLine = size <= HashedInLine * (long)PartialBlob.BlockSize;
        Fill();
    }

    /// <summary>Begins with the first bytes of the first block. Nothing else is there yet.</summary>
    public void Begin(ReadOnlySpan<byte> beginning)
    {
        var run = new BlockRun(0, 0) { Buffer = ArrayPool<byte>.Shared.Rent(PartialBlob.BlockSize), Filled = beginning.Length };
        beginning.CopyTo(run.Buffer);
        lock (_gate)
            _begun.Add(run);
    }

    /// <summary>Bytes on disk or in memory, from this run or an earlier one.</summary>
    public long Present
    {
        get
        {
            lock (_gate)
            {
                long present = _begun.Sum(r => (long)r.Filled);
                for (int block = 0; block < _blocks.Count; block++)
                    present += _blocks[block] is Block.Arrived or Block.Kept ? LengthOf(block) : 0;
                return present;
            }
        }
    }

    /// <summary>The first missing byte.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                int first = Head(), missing = _blocks.FindIndex(first, b => b is Block.Missing or Block.Taken);
                BlockRun? begun = _begun.Find(r => r.First == missing);
                return begun?.Position ?? (long)(missing < 0 ? _blocks.Count : missing) * PartialBlob.BlockSize;
            }
        }
    }

    /// <summary>
    /// The share of the time since the last call, 0 to 1, that the hash waited for the network. Near 1, another connection helps;
    /// near 0, it does not.
    /// </summary>
    public double TakeStarvation(long since)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            CountWait(now);
            double share = (double)_starved / Math.Max(1, now - since);
            _starved = 0;
            return share;
        }
    }

    /// <summary>Gives the next missing blocks to a connection; null if none is left.</summary>
    /// <param name="most">Maximum number of consecutive blocks.</param>
    public BlockRun? Take(int most)
    {
        lock (_gate)
        {
            int first = _blocks.IndexOf(Block.Missing, _hashed);
            if (first < 0)
            {
                if (_size is not null)
                    return null;
                first = _blocks.Count;
                _blocks.Add(Block.Missing);
            }
            int count = 0;
            for (int block = first; block < _blocks.Count && count < most && _blocks[block] == Block.Missing; block++, count++)
                _blocks[block] = Block.Taken;
            _taken += count;
            _runs++;
            BlockRun? begun = _begun.Find(r => r.First == first);
            if (begun is null)
                return new BlockRun(first, count);
            _begun.Remove(begun);
            begun.Count = count;
            return begun;
        }
    }

    /// <summary>Extends a run to all blocks, for a connection that receives the whole blob.</summary>
    public void TakeAll(BlockRun run)
    {
        lock (_gate)
        {
            for (int block = run.First + run.Count; block < _blocks.Count && _blocks[block] == Block.Missing; block++)
            {
                _blocks[block] = Block.Taken;
                _taken++;
                run.Count++;
            }
        }
    }

    /// <summary>Takes back the unfinished blocks of a connection. A partly received block is kept for the next one.</summary>
    public void GiveBack(BlockRun run)
    {
        lock (_gate)
        {
            if (run.HasTurn)
                _held--;
            run.HasTurn = false;
            for (int block = run.First; block < run.First + run.Count; block++)
                _blocks[block] = Block.Missing;
            _taken -= run.Count;
            _runs--;
            if (run is { Count: > 0, Filled: > 0 })
                _begun.Add(run);
            else
                run.Drop();
            Changed();
        }
    }

    /// <summary>Waits until the run's first block may be held in memory.</summary>
    /// <returns>False if the run must be given back, because no connection fetches the block that all wait for.</returns>
    public async ValueTask<bool> TurnAsync(BlockRun run, CancellationToken cancel)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                int head = Head();
                if (run.HasTurn || run.First == head || _held < Math.Min(_window(), AheadPerConnection * _runs))
                {
                    _held += run.HasTurn ? 0 : 1;
                    run.HasTurn = true;
                    return true;
                }
                if (head < _blocks.Count && _blocks[head] == Block.Missing)
                    return false;
                change = NextChange();
            }
            await change.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Judges the first bytes before the first block is stored; null to take any.</summary>
    public ContentJudge? Judge { get; init; }

    /// <summary>True while the first block is to come, and is judged then.</summary>
    public bool AwaitsJudgement
    {
        get
        {
            lock (_gate)
                return Judge is not null && _blocks.Count > 0 && _blocks[0] is Block.Missing or Block.Taken;
        }
    }

    /// <summary>Writes the run's first block, which is complete, and passes it to the hash.</summary>
    /// <exception cref="HubException">WISE3007, WISE3008, WISE3013; that of <see cref="Judge"/>.</exception>
    public void Store(BlockRun run)
    {
        if (run.First == 0 && Judge?.Invoke(run.Buffer.AsSpan(0, run.Filled), _size) is HubException refused)
            throw refused;
        _file.Write(run.First, run.Buffer.AsSpan(0, run.Filled));
        lock (_gate)
        {
            _blocks[run.First] = Block.Arrived;
            _arrived[run.First] = (run.Buffer!, run.Filled);
            _taken--;
            run.Advance();
            if (_size is null && run.Count == 0)
            {
                _blocks.Add(Block.Taken);
                _taken++;
                run.Count = 1;
            }
            Monitor.PulseAll(_gate);
        }
        Hash();
    }

    /// <summary>Ends a blob of unknown size, whose body ended inside the run's first block or before it.</summary>
    public void End(BlockRun run)
    {
        long size = run.Position;
        if (run.Filled > 0)
            Store(run);
        lock (_gate)
        {
            _size = size;
            _blocks.RemoveRange(run.First, _blocks.Count - run.First);
            _taken -= run.Count;
            run.Count = 0;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all blocks are hashed.</summary>
    /// <returns>False if blocks of an earlier run are damaged and must be fetched again.</returns>
    public async Task<bool> HashedAsync(CancellationToken cancel)
    {
        Hash();
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (IsHashed)
                    return true;
                if (_taken == 0 && _blocks.Contains(Block.Missing))
                    return false;
                change = NextChange();
            }
            await change.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Size and digests of the blob, after <see cref="HashedAsync"/> returned true. Can be called once.</summary>
    public (long Size, Digest Sha256, string? GitOid) Finish()
    {
        (Digest sha256, string? gitOid) = _hash.Finish();
        return (_size!.Value, sha256, gitOid);
    }

    /// <summary>Receives the number of bytes that a restart discarded.</summary>
    public required Action<long> Forgotten { get; init; }

    /// <summary>Discards all blocks.</summary>
    /// <param name="run">The only run that a connection holds; it then starts at the first block.</param>
    public void Restart(BlockRun? run = null)
    {
        long forgotten;
        lock (_gate)
        {
            // The hash may be in the middle of a block.
            while (_hashing)
                Monitor.Wait(_gate);
            forgotten = Present + (run?.Filled ?? 0);
            _begun.ForEach(r => r.Drop());
            _begun.Clear();
            ReturnArrived();
            _file.Forget();
            _hash.Restart();
            (_hashed, _held, _taken) = (0, 0, 0);
            _size = _knownSize;
            Fill();
            if (run is not null)
            {
                run.Drop();
                run.Become(0, 1);
                if (_blocks.Count == 0)
                    _blocks.Add(Block.Missing);
                _blocks[0] = Block.Taken;
                _taken = 1;
            }
            Changed();
        }
        Forgotten(forgotten);
    }

    /// <summary>Stops hashing; buffers go back to the pool.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
        _hasher?.Join();
        ReturnArrived();
        _begun.ForEach(r => r.Drop());
        _hash.Dispose();
    }

    private bool IsHashed => _size is not null && _hashed == _blocks.Count;

    private void Fill()
    {
        _blocks.Clear();
        if (_size is not long size)
            return;
        // An empty file is one empty block, so that it is requested, too.
        long count = Math.Max(1, (size + PartialBlob.BlockSize - 1) / PartialBlob.BlockSize);
        for (int block = 0; block < count; block++)
            _blocks.Add(_file.Has(block) ? Block.Kept : Block.Missing);
    }

    /// <summary>False until the end of a body of unknown size.</summary>
    public bool SizeIsKnown => _size is not null;

    /// <summary>Bytes of a block.</summary>
    public int LengthOf(int block) => _size is long size
        ? (int)Math.Min(PartialBlob.BlockSize, size - ((long)block * PartialBlob.BlockSize)) : PartialBlob.BlockSize;

    // The first block that the hash needs from the network.
    private int Head()
    {
        int ahead = CollectionsMarshal.AsSpan(_blocks)[_hashed..].IndexOfAnyExcept(Block.Kept);
        return ahead < 0 ? _blocks.Count : _hashed + ahead;
    }

    private void CountWait(long now)
    {
        if (_waitsSince is not long since)
            return;
        _starved += now - since;
        _waitsSince = now;
    }

    private Task NextChange() => (_change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Changed()
    {
        _change?.SetResult();
        _change = null;
        Monitor.PulseAll(_gate);
    }

    private void ReturnArrived()
    {
        foreach ((byte[] buffer, _) in _arrived.Values)
            ArrayPool<byte>.Shared.Return(buffer);
        _arrived.Clear();
    }

    private void Hash()
    {
        if (_inLine)
        {
            while (HashNext(wait: false))
            {
            }
        }
        else if (_hasher is null)
        {
            lock (_gate)
            {
                if (_hasher is not null)
                    return;
                _hasher = new Thread(HashAll) { IsBackground = true, Name = "WiseHub hash" };
                _hasher.Start();
            }
        }
    }

    private void HashAll()
    {
        while (HashNext(wait: true))
        {
        }
    }

    /// <returns>False if there is nothing to hash; with <paramref name="wait"/> only after this was disposed.</returns>
    private bool HashNext(bool wait)
    {
        (byte[] Buffer, int Length) bytes;
        bool kept;
        lock (_gate)
        {
            while (true)
            {
                if (_disposed)
                    return false;
                if (_hashed < _blocks.Count && _blocks[_hashed] is Block.Arrived or Block.Kept)
                    break;
                if (!wait)
                    return false;
                _waitsSince = Stopwatch.GetTimestamp();
                Monitor.Wait(_gate);
                CountWait(Stopwatch.GetTimestamp());
                _waitsSince = null;
            }
            kept = !_arrived.Remove(_hashed, out bytes);
            _hashing = true;
        }
        if (kept)
            bytes = (ArrayPool<byte>.Shared.Rent(PartialBlob.BlockSize), LengthOf(_hashed));
        bool right = !kept || _file.TryRead(_hashed, bytes.Buffer.AsSpan(0, bytes.Length));
        if (right)
            _hash.Append(bytes.Buffer.AsSpan(0, bytes.Length));
        ArrayPool<byte>.Shared.Return(bytes.Buffer);
        lock (_gate)
        {
            _hashing = false;
            if (right)
                _hashed++;
            else
                _blocks[_hashed] = Block.Missing;
            if (!kept)
                _held--;
            Changed();
        }
        return true;
    }
}
