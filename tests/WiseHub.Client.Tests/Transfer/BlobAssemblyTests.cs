using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Contents;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// One blob from its blocks, driven as connections drive it: they take runs, wait for their turn, store blocks, and give back
/// what they could not finish. Up to four blocks are hashed by the caller, so there each answer is known at once.
/// </summary>
[Collection(nameof(SharedPool))]
public sealed class BlobAssemblyTests : IAsyncLifetime
{
    private const int Block = PartialBlob.BlockSize;

    // The last block is shorter.
    private const int Three = (2 * Block) + 1000, Four = 4 * Block, Five = (4 * Block) + 1000;

    // Bounds a hang.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _temp = new();
    private readonly Stack<IDisposable> _open = new();
    private readonly List<long> _forgotten = [];
    private SnapshotStore _store = null!;
    private PartialBlob _file = null!;
    private byte[] _content = [];
    private int _window = 100;
    // Runs when the window is asked for, under the lock of the assembly.
    private Action? _onWindow;

    public ValueTask InitializeAsync()
    {
        _store = new SnapshotStore(_temp["cache"]);
        Directory.CreateDirectory(_store.PartialFolder);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.Run(Close).WaitAsync(Patience);
        _store.Dispose();
        _temp.Dispose();
    }

    private void Close()
    {
        while (_open.TryPop(out IDisposable? open))
            open.Dispose();
    }

    private string Sha => RestoreBench.Sha256(_content);

    private string Partial => Path.Combine(_store.PartialFolder, Sha);

    private string Left => string.Join(' ', Directory.GetFiles(_store.PartialFolder).Select(Path.GetFileName).Order());

    private async Task<PartialBlob> OpenFileAsync(bool isKnown = true)
    {
        Assert.True(Digest.TryParse(Sha, out Digest sha256));
        return await PartialBlob.OpenAsync(_store,
            new WantedBlob("acme/tiny model.bin", isKnown ? _content.Length : null, isKnown ? sha256 : null, null, []),
            SilentLog.Instance, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>An assembly of a content, of which an earlier run left some blocks.</summary>
    private async Task<BlobAssembly> BeginAsync(int size, params int[] kept)
    {
        _content = RandomBytes.Of(size);
        if (kept.Length > 0)
        {
            using PartialBlob file = await OpenFileAsync();
            foreach (int block in kept)
                file.Write(block, _content.AsSpan(block * Block, Math.Min(Block, size - (block * Block))));
        }
        return await ContinueAsync();
    }

    private async Task<BlobAssembly> ContinueAsync(bool isKnown = true, bool isGit = false)
    {
        _file = await OpenFileAsync(isKnown);
        _open.Push(_file);
        var assembly = new BlobAssembly(_file, isKnown ? _content.Length : null, isGit ? _content.Length : null, Window)
        {
            Forgotten = _forgotten.Add,
        };
        _open.Push(assembly);
        return assembly;
    }

    private int Window()
    {
        _onWindow?.Invoke();
        return _window;
    }

    private Task<BlobAssembly> BeginUnknownAsync(int size)
    {
        _content = RandomBytes.Of(size);
        return ContinueAsync(isKnown: false);
    }

    /// <summary>A byte of a kept block is another one now.</summary>
    private async Task<BlobAssembly> BeginDamagedAsync(int damaged, int size, params int[] kept)
    {
        await BeginAsync(size, kept);
        Close();
        using (SafeFileHandle file = File.OpenHandle(Partial, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.Write(file, [(byte)~_content[(damaged * Block) + 17]], (damaged * Block) + 17);
        return await ContinueAsync();
    }

    /// <summary>Bytes of the run's first block arrive: those up to an offset in it, or all.</summary>
    private void Receive(BlobAssembly assembly, BlockRun run, int? until = null)
    {
        int length = assembly.LengthOf(run.First), end = until ?? length;
        run.Buffer ??= ArrayPool<byte>.Shared.Rent(length);
        _content.AsSpan((int)run.Position, end - run.Filled).CopyTo(run.Buffer.AsSpan(run.Filled));
        run.Filled = end;
    }

    private async Task StoreAsync(BlobAssembly assembly, BlockRun run)
    {
        Assert.True(await TurnAsync(assembly, run));
        Receive(assembly, run);
        assembly.Store(run);
    }

    private async Task FetchAsync(BlobAssembly assembly)
    {
        while (assembly.Take(int.MaxValue) is BlockRun run)
        {
            while (run.Count > 0)
                await StoreAsync(assembly, run);
            assembly.GiveBack(run);
        }
    }

    private async Task AssertWholeAsync(BlobAssembly assembly)
    {
        Assert.True(await assembly.HashedAsync(CancellationToken.None).WaitAsync(Patience));
        (long size, Digest sha256, _) = assembly.Finish();
        Assert.Equal((_content.Length, Sha), (size, sha256.Hex));
    }

    // On another thread, so that a call that does not return does not hold the test.
    private static Task<T> BeginAsync<T>(Func<T> call) => Task.Factory.StartNew(call, CancellationToken.None,
        TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Patience);

    /// <summary>The answer that is there at once; null if it has to be waited for, and then the wait can be cancelled.</summary>
    private static async Task<bool?> NowAsync(Func<CancellationToken, Task<bool>> ask)
    {
        using var cancel = new CancellationTokenSource();
        Task<bool> answer = await BeginAsync(() => ask(cancel.Token));
        if (answer.IsCompleted)
            return await answer;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(Patience));
        return null;
    }

    private static Task<bool?> TurnAsync(BlobAssembly assembly, BlockRun run) =>
        NowAsync(c => assembly.TurnAsync(run, c).AsTask());

    private static Task<bool?> HashedAsync(BlobAssembly assembly) => NowAsync(assembly.HashedAsync);

    private static (int First, int Count)? Show(BlockRun? run) => run is null ? null : (run.First, run.Count);

    // What is present, and where the next missing byte is.

    [Theory]
    [InlineData(0)]
    [InlineData(0, 1)]
    [InlineData(Block, 0)]
    [InlineData(2 * Block, 0, 1)]
    [InlineData(Block, 0, 2, 4)]
    [InlineData(4 * Block, 0, 1, 2, 3)]
    [InlineData(5 * Block, 0, 1, 2, 3, 4)]
    public async Task The_position_is_the_first_block_that_no_earlier_run_left(long position, params int[] kept)
    {
        BlobAssembly assembly = await BeginAsync(Five, kept);
        Assert.Equal(position, assembly.Position);
        Assert.Equal(kept.Sum(b => b == 4 ? 1000L : Block), assembly.Present);
    }

    [Fact]
    public async Task Blocks_that_are_on_their_way_are_neither_present_nor_passed()
    {
        BlobAssembly assembly = await BeginAsync(Three, 0);
        BlockRun run = assembly.Take(1)!;
        Assert.Equal((Block, Block), (assembly.Present, assembly.Position));
        await StoreAsync(assembly, run);
        Assert.Equal((2 * Block, 2 * Block), (assembly.Present, assembly.Position));
    }

    [Fact]
    public async Task A_part_of_a_block_that_was_given_back_is_present_and_passed()
    {
        BlobAssembly assembly = await BeginAsync(Three, 0);
        BlockRun run = assembly.Take(1)!;
        Assert.True(await TurnAsync(assembly, run));
        Receive(assembly, run, until: 100);
        assembly.GiveBack(run);
        Assert.Equal((Block + 100, Block + 100), (assembly.Present, assembly.Position));
    }

    [Fact]
    public async Task Stored_blocks_are_present_in_whatever_order_they_come()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun[] runs = [assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!];
        await StoreAsync(assembly, runs[2]);
        Assert.Equal((1000, 0), (assembly.Present, assembly.Position));
        await StoreAsync(assembly, runs[0]);
        Assert.Equal((Block + 1000, Block), (assembly.Present, assembly.Position));
        await StoreAsync(assembly, runs[1]);
        Assert.Equal(Three, assembly.Present);
        await AssertWholeAsync(assembly);
    }

    [Theory]
    [InlineData(Three, 0, Block)]
    [InlineData(Three, 1, Block)]
    [InlineData(Three, 2, 1000)]
    [InlineData(Four, 3, Block)]
    [InlineData(0, 0, 0)]
    public async Task Every_block_is_whole_but_the_last_one(int size, int block, int length)
    {
        BlobAssembly assembly = await BeginAsync(size);
        Assert.Equal(length, assembly.LengthOf(block));
        Assert.True(assembly.SizeIsKnown);
    }

    // Which blocks a connection gets.

    [Fact]
    public async Task Connections_get_consecutive_blocks_up_to_the_limit_each_block_once()
    {
        BlobAssembly assembly = await BeginAsync(Five);
        Assert.Equal((0, 2), Show(assembly.Take(2)));
        Assert.Equal((2, 1), Show(assembly.Take(1)));
        Assert.Equal((3, 2), Show(assembly.Take(int.MaxValue)));
        Assert.Null(assembly.Take(1));
    }

    [Fact]
    public async Task Blocks_of_an_earlier_run_are_not_given_out_and_end_a_run()
    {
        BlobAssembly assembly = await BeginAsync(Five, 0, 2);
        Assert.Equal((1, 1), Show(assembly.Take(int.MaxValue)));
        Assert.Equal((3, 2), Show(assembly.Take(int.MaxValue)));
        Assert.Null(assembly.Take(1));
    }

    [Fact]
    public async Task What_is_given_back_is_given_out_again_before_what_follows()
    {
        BlobAssembly assembly = await BeginAsync(Five);
        BlockRun first = assembly.Take(2)!;
        await StoreAsync(assembly, first);
        assembly.Take(1);
        assembly.GiveBack(first);
        Assert.Equal((1, 1), Show(assembly.Take(int.MaxValue)));
        Assert.Equal((3, 2), Show(assembly.Take(int.MaxValue)));
    }

    [Fact]
    public async Task A_part_of_a_block_goes_to_the_next_connection_which_continues_it()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun run = assembly.Take(2)!;
        Assert.True(await TurnAsync(assembly, run));
        Receive(assembly, run, until: 12_345);
        assembly.GiveBack(run);

        BlockRun next = assembly.Take(1)!;
        Assert.Equal((0, 1, 12_345, 12_345L), (next.First, next.Count, next.Filled, next.Position));
        Assert.False(next.HasTurn);
        // It is with that connection now, and counts once.
        Assert.Equal(0, assembly.Present);
        await StoreAsync(assembly, next);
        assembly.GiveBack(next);
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_block_of_which_nothing_came_is_given_out_from_its_start()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun run = assembly.Take(1)!;
        Assert.True(await TurnAsync(assembly, run));
        run.Buffer = ArrayPool<byte>.Shared.Rent(Block);
        assembly.GiveBack(run);
        Assert.Null(run.Buffer);
        Assert.Equal((0, 3), Show(assembly.Take(int.MaxValue)));
    }

    [Fact]
    public async Task The_whole_blob_is_all_blocks_up_to_the_next_one_that_is_not_missing()
    {
        BlobAssembly assembly = await BeginAsync(Five, 3);
        BlockRun run = assembly.Take(1)!;
        assembly.TakeAll(run);
        Assert.Equal((0, 3), Show(run));
        Assert.Equal((4, 1), Show(assembly.Take(int.MaxValue)));
        Assert.Null(assembly.Take(1));
    }

    // How many blocks are held.

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_blocks_are_held_ahead_than_the_window_allows(int window)
    {
        _window = window;
        BlobAssembly assembly = await BeginAsync(Five);
        BlockRun first = assembly.Take(1)!, ahead = assembly.Take(int.MaxValue)!;
        for (int held = 0; held < window; held++)
            await StoreAsync(assembly, ahead);
        Assert.Null(await TurnAsync(assembly, ahead));
        Assert.False(ahead.HasTurn);
        // Another download has ended.
        _window++;
        Assert.True(await TurnAsync(assembly, ahead));
        Assert.True(ahead.HasTurn);
        await StoreAsync(assembly, first);
    }

    [Fact]
    public async Task Two_connections_hold_at_most_sixteen_blocks_ahead_whatever_the_window()
    {
        BlobAssembly assembly = await BeginAsync(18 * Block);
        BlockRun first = assembly.Take(1)!, ahead = assembly.Take(int.MaxValue)!;
        for (int held = 0; held < 16; held++)
            await StoreAsync(assembly, ahead);
        Assert.Null(await TurnAsync(assembly, ahead));

        Task<bool> turn = await BeginAsync(() => assembly.TurnAsync(ahead, CancellationToken.None).AsTask());
        // The hash gets what it waits for, and the others get their turn.
        await StoreAsync(assembly, first);
        Assert.True(await turn.WaitAsync(Patience));
        await StoreAsync(assembly, ahead);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task The_block_that_the_hash_waits_for_needs_no_place()
    {
        _window = 0;
        BlobAssembly assembly = await BeginAsync(Five, 0, 1);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        Assert.Null(await TurnAsync(assembly, second));
        Assert.True(await TurnAsync(assembly, first));
    }

    [Fact]
    public async Task Hashed_blocks_give_up_their_places()
    {
        _window = 1;
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!, third = assembly.Take(1)!;
        await StoreAsync(assembly, first);
        Assert.True(await TurnAsync(assembly, third));
        Assert.True(await TurnAsync(assembly, second));
    }

    [Fact]
    public async Task Blocks_of_an_earlier_run_take_and_give_up_no_places()
    {
        _window = 1;
        BlobAssembly assembly = await BeginAsync(Four, 0);
        BlockRun first = assembly.Take(1)!;
        // The hash reads what was kept, and waits for the run.
        Assert.Null(await HashedAsync(assembly));
        Assert.Equal(1, first.First);
        BlockRun second = assembly.Take(1)!, third = assembly.Take(1)!;
        Assert.True(await TurnAsync(assembly, second));
        Assert.Null(await TurnAsync(assembly, third));
    }

    [Fact]
    public async Task A_run_that_has_its_turn_takes_one_place_however_often_it_asks()
    {
        _window = 2;
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun[] runs = [assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!];
        Assert.True(await TurnAsync(assembly, runs[1]));
        Assert.True(await TurnAsync(assembly, runs[1]));
        Assert.True(await TurnAsync(assembly, runs[2]));
        Assert.Null(await TurnAsync(assembly, runs[3]));
    }

    [Fact]
    public async Task A_run_that_is_given_back_gives_up_its_place_and_the_next_one_must_ask_for_it()
    {
        _window = 1;
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun[] runs = [assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!];
        Assert.True(await TurnAsync(assembly, runs[1]));
        Receive(assembly, runs[1], until: 100);
        Assert.Null(await TurnAsync(assembly, runs[2]));

        assembly.GiveBack(runs[1]);
        Assert.True(await TurnAsync(assembly, runs[2]));
        Assert.Null(await TurnAsync(assembly, runs[3]));
        BlockRun again = assembly.Take(1)!;
        Assert.Equal((1, 100), (again.First, again.Filled));
        Assert.Null(await TurnAsync(assembly, again));
    }

    [Fact]
    public async Task A_run_that_waits_for_a_block_that_nobody_fetches_must_be_given_back()
    {
        _window = 0;
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        Task<bool> turn = await BeginAsync(() => assembly.TurnAsync(second, CancellationToken.None).AsTask());
        Assert.False(turn.IsCompleted);
        assembly.GiveBack(first);
        Assert.False(await turn.WaitAsync(Patience));
        Assert.False(second.HasTurn);
        assembly.GiveBack(second);
        Assert.Equal((0, 4), Show(assembly.Take(int.MaxValue)));
    }

    // The hash.

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(Four)]
    [InlineData(Five)]
    public async Task All_blocks_in_order_are_the_whole(int size)
    {
        BlobAssembly assembly = await BeginAsync(size);
        BlockRun all = assembly.Take(int.MaxValue)!;
        Assert.Equal((0, Math.Max(1, (size + Block - 1) / Block)), Show(all));
        Assert.Null(assembly.Take(1));
        assembly.GiveBack(all);
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    [Theory]
    [InlineData(Four)]
    [InlineData(Five)]
    public async Task Blocks_in_reverse_order_are_hashed_in_order(int size)
    {
        BlobAssembly assembly = await BeginAsync(size);
        List<BlockRun> runs = [];
        while (assembly.Take(1) is BlockRun run)
            runs.Add(run);
        foreach (BlockRun run in Enumerable.Reverse(runs))
            await StoreAsync(assembly, run);
        await AssertWholeAsync(assembly);
    }

    [Theory]
    [InlineData(Block)]
    [InlineData(Four)]
    public async Task Up_to_four_blocks_are_hashed_when_the_call_returns(int size)
    {
        BlobAssembly assembly = await BeginAsync(size, [.. Enumerable.Range(0, size / Block)]);
        Assert.Null(assembly.Take(1));
        Task<bool> hashed = assembly.HashedAsync(CancellationToken.None);
        Assert.True(hashed.IsCompletedSuccessfully);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task More_are_hashed_while_the_caller_goes_on()
    {
        BlobAssembly assembly = await BeginAsync(Five);
        using PoolWatch pool = await HashOfFirstBlockAsync(assembly);
        BlockRun run = assembly.Take(int.MaxValue)!;
        while (run.Count > 0)
            await StoreAsync(assembly, run);
        Assert.Null(await HashedAsync(assembly));
        pool.LetGo();
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task Nothing_is_hashed_twice_when_two_callers_start_the_hash_together()
    {
        BlobAssembly assembly = await BeginAsync(Five + Block, 0, 1, 2, 3);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        using var asked = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        _open.Push(new Undo(answer.Set));
        _window = 0;
        _onWindow = () =>
        {
            asked.Set();
            answer.Wait(Patience);
        };
        // The window is asked under the lock that both need.
        Task<bool?> turn = Task.Run(() => TurnAsync(assembly, second));
        Assert.True(asked.Wait(Patience));
        var waits = new ConcurrentBag<Task<bool>>();
        Thread[] callers = [.. Enumerable.Range(0, 2).Select(_ =>
            new Thread(() => waits.Add(assembly.HashedAsync(CancellationToken.None))) { IsBackground = true })];
        Assert.All(callers, c => c.Start());
        Assert.All(callers, AssertWaits);
        _onWindow = null;
        answer.Set();
        Assert.All(callers, c => Assert.True(c.Join(Patience)));
        Assert.Null(await turn.WaitAsync(Patience));

        await StoreAsync(assembly, first);
        _window = 1;
        Assert.True(await assembly.TurnAsync(second, CancellationToken.None).AsTask().WaitAsync(Patience));
        await StoreAsync(assembly, second);
        bool[] hashed = await Task.WhenAll(waits).WaitAsync(Patience);
        Assert.Equal([true, true], hashed);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task The_git_blob_id_is_computed_when_it_is_asked_for_also_after_a_restart()
    {
        _content = RandomBytes.Of(Three);
        BlobAssembly assembly = await ContinueAsync(isGit: true);
        await StoreAsync(assembly, assembly.Take(1)!);
        assembly.Restart();
        await FetchAsync(assembly);
        Assert.True(await HashedAsync(assembly));
        Assert.Equal(ContentHash.GitOidOf(_content), assembly.Finish().GitOid);
    }

    [Fact]
    public async Task Without_being_asked_there_is_no_git_blob_id()
    {
        BlobAssembly assembly = await BeginAsync(Block, 0);
        Assert.True(await HashedAsync(assembly));
        Assert.Null(assembly.Finish().GitOid);
    }

    [Fact]
    public async Task The_hash_is_waited_for_while_blocks_are_fetched_even_when_others_are_missing()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun first = assembly.Take(1)!;
        Assert.Null(await HashedAsync(assembly));
        await StoreAsync(assembly, first);
        assembly.GiveBack(first);
        Assert.False(await HashedAsync(assembly));
        BlockRun rest = assembly.Take(int.MaxValue)!;
        Assert.Null(await HashedAsync(assembly));
        assembly.GiveBack(rest);
        Assert.False(await HashedAsync(assembly));
    }

    [Fact]
    public async Task Who_waits_for_the_hash_learns_that_a_connection_gave_up()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun run = assembly.Take(int.MaxValue)!;
        Task<bool> hashed = await BeginAsync(() => assembly.HashedAsync(CancellationToken.None));
        Assert.False(hashed.IsCompleted);
        assembly.GiveBack(run);
        Assert.False(await hashed.WaitAsync(Patience));
    }

    [Fact]
    public async Task Who_waits_for_the_hash_learns_that_all_starts_over()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        assembly.Take(int.MaxValue);
        Task<bool> hashed = await BeginAsync(() => assembly.HashedAsync(CancellationToken.None));
        Assert.False(hashed.IsCompleted);
        assembly.Restart();
        Assert.False(await hashed.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_share_of_the_time_that_the_hash_waited_is_between_nothing_and_all_of_it()
    {
        long since = Stopwatch.GetTimestamp();
        BlobAssembly assembly = await BeginAsync(Five);
        assembly.Take(1);
        Assert.Equal(0, assembly.TakeStarvation(since));
        Assert.Null(await HashedAsync(assembly));
        Assert.InRange(await StarvationAsync(assembly, since), 0, 1);
    }

    [Fact]
    public async Task A_wait_of_the_hash_that_is_over_counts_once()
    {
        long since = Stopwatch.GetTimestamp();
        BlobAssembly assembly = await BeginAsync(Five);
        using PoolWatch pool = await HashOfFirstBlockAsync(assembly, async () =>
        {
            Assert.Null(await HashedAsync(assembly));
            await StarvationAsync(assembly, since);
        });
        double share = assembly.TakeStarvation(since);
        Assert.True(share is > 0 and <= 1);
        Assert.Equal(0, assembly.TakeStarvation(since));
        pool.LetGo();
    }

    // Until the thread of the hash has begun to wait.
    private static async Task<double> StarvationAsync(BlobAssembly assembly, long since)
    {
        using var patience = new CancellationTokenSource(Patience);
        double share;
        while ((share = assembly.TakeStarvation(since)) == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        return share;
    }

    [Fact]
    public async Task A_caller_that_blocks_its_own_thread_does_not_block_the_waits()
    {
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        _window = 0;
        var blocked = new BlockedContext();
        (Task<bool> turn, Task<bool> hashed) = await BeginAsync(() =>
        {
            SynchronizationContext.SetSynchronizationContext(blocked);
            return (assembly.TurnAsync(second, CancellationToken.None).AsTask(), assembly.HashedAsync(CancellationToken.None));
        });

        assembly.GiveBack(first);
        Assert.Same(turn, await Task.WhenAny(turn, blocked.Posted).WaitAsync(Patience));
        assembly.GiveBack(second);
        Assert.Same(hashed, await Task.WhenAny(hashed, blocked.Posted).WaitAsync(Patience));
    }

    // What an earlier run left, and what is wrong with it.

    [Theory]
    [InlineData(Four)]
    [InlineData(Five)]
    public async Task Of_kept_blocks_and_new_ones_the_whole_is_made(int size)
    {
        BlobAssembly assembly = await BeginAsync(size, 0, 2);
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    [Theory]
    [InlineData(0, Four)]
    [InlineData(3, Four)]
    [InlineData(0, Five)]
    [InlineData(2, Five)]
    public async Task A_damaged_block_alone_is_fetched_again(int damaged, int size)
    {
        BlobAssembly assembly = await BeginDamagedAsync(damaged, size, [.. Enumerable.Range(0, (size + Block - 1) / Block)]);
        Assert.Equal(size, assembly.Present);
        Assert.False(await assembly.HashedAsync(CancellationToken.None).WaitAsync(Patience));
        Assert.Equal(size - Block, assembly.Present);
        Assert.Equal(damaged * Block, assembly.Position);
        BlockRun again = assembly.Take(int.MaxValue)!;
        Assert.Equal((damaged, 1), Show(again));
        Assert.Null(assembly.Take(1));
        await StoreAsync(assembly, again);
        assembly.GiveBack(again);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_damaged_block_is_fetched_again_after_all_blocks_on_their_way_have_come()
    {
        BlobAssembly assembly = await BeginDamagedAsync(0, Four, 0);
        BlockRun run = assembly.Take(1)!;
        assembly.TakeAll(run);
        Assert.Equal((1, 3), Show(run));
        await StoreAsync(assembly, run);
        Assert.Null(await HashedAsync(assembly));
        await StoreAsync(assembly, run);
        Assert.Null(await HashedAsync(assembly));
        await StoreAsync(assembly, run);
        assembly.GiveBack(run);
        Assert.False(await HashedAsync(assembly));
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_kept_block_that_the_file_does_not_reach_is_fetched_again()
    {
        await BeginAsync(Three, 0, 2);
        Close();
        using (SafeFileHandle file = File.OpenHandle(Partial, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.SetLength(file, Three - 1);
        BlobAssembly assembly = await ContinueAsync();
        BlockRun run = assembly.Take(int.MaxValue)!;
        Assert.Equal((1, 1), Show(run));
        await StoreAsync(assembly, run);
        assembly.GiveBack(run);
        Assert.False(await HashedAsync(assembly));
        Assert.Equal((2, 1), Show(assembly.Take(int.MaxValue)));
    }

    [Theory]
    [InlineData(Three)]
    [InlineData(Five)]
    public async Task A_kept_block_that_the_disk_cannot_read_is_fetched_again(int size)
    {
        BlobAssembly assembly = await BeginAsync(size, 0, 1);
        UnreadableDisk();
        do
        {
            await FetchAsync(assembly);
        }
        while (!await assembly.HashedAsync(CancellationToken.None).WaitAsync(Patience));
        await AssertWholeAsync(assembly);
    }

    // Starting over.

    [Theory]
    [InlineData(Four)]
    [InlineData(Five)]
    public async Task After_a_restart_all_blocks_are_missing_and_the_whole_is_made_anew(int size)
    {
        BlobAssembly assembly = await BeginAsync(size, 0, 2);
        BlockRun stored = assembly.Take(1)!, begun = assembly.Take(1)!;
        await StoreAsync(assembly, stored);
        assembly.GiveBack(stored);
        Assert.True(await TurnAsync(assembly, begun));
        Receive(assembly, begun, until: 100);
        assembly.GiveBack(begun);

        assembly.Restart();
        Assert.Equal([(3 * Block) + 100], _forgotten);
        Assert.Equal((0, 0), (assembly.Present, assembly.Position));
        Assert.False(_file.Has(0));
        BlockRun all = assembly.Take(int.MaxValue)!;
        Assert.Equal((0, (size + Block - 1) / Block), Show(all));
        assembly.GiveBack(all);
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_part_of_a_block_from_before_a_restart_does_not_hide_one_that_came_since()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        Receive(assembly, second, until: 100);
        assembly.GiveBack(second);
        assembly.GiveBack(first);
        assembly.Restart();

        BlockRun run = assembly.Take(2)!;
        await StoreAsync(assembly, run);
        Receive(assembly, run, until: 200);
        assembly.GiveBack(run);
        Assert.Equal((Block + 200, Block + 200), (assembly.Present, assembly.Position));
        BlockRun rest = assembly.Take(1)!;
        Assert.Equal((1, 200), (rest.First, rest.Filled));
    }

    [Fact]
    public async Task A_restart_gives_up_all_places()
    {
        _window = 1;
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        await StoreAsync(assembly, second);
        assembly.GiveBack(second);
        assembly.GiveBack(first);
        assembly.Restart();
        Assert.Equal((0, 1), Show(assembly.Take(1)));
        BlockRun again = assembly.Take(1)!;
        Assert.True(await TurnAsync(assembly, again));
    }

    [Fact]
    public async Task A_connection_that_starts_over_goes_on_at_the_first_block_and_forgets_what_it_has()
    {
        BlobAssembly assembly = await BeginAsync(Four, 0);
        BlockRun run = assembly.Take(int.MaxValue)!;
        await StoreAsync(assembly, run);
        Assert.True(await TurnAsync(assembly, run));
        Receive(assembly, run, until: 100);

        assembly.Restart(run);
        Assert.Equal([(2 * Block) + 100], _forgotten);
        Assert.Equal((0, 1), Show(run));
        Assert.Equal((0, 0, false), (run.Filled, run.Position, run.HasTurn));
        Assert.Null(run.Buffer);
        // It has the first block, which nobody else gets.
        Assert.Null(await HashedAsync(assembly));
        BlockRun other = assembly.Take(1)!;
        Assert.Equal((1, 1), Show(other));
        assembly.GiveBack(other);
        assembly.TakeAll(run);
        Assert.Equal((0, 4), Show(run));
        while (run.Count > 0)
            await StoreAsync(assembly, run);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_restart_waits_for_the_block_that_is_being_hashed()
    {
        BlobAssembly assembly = await BeginAsync(Five);
        using PoolWatch pool = await HashOfFirstBlockAsync(assembly);
        var restart = new Thread(() => assembly.Restart()) { IsBackground = true };
        restart.Start();
        AssertWaits(restart);
        Assert.Empty(_forgotten);
        pool.LetGo();
        Assert.True(restart.Join(Patience));
        Assert.Equal([Block], _forgotten);
        Assert.Equal((0, 0), (assembly.Present, assembly.Position));
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    // A size that only the end of the body tells.

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(2 * Block)]
    [InlineData(Three)]
    [InlineData(Five)]
    public async Task Of_unknown_size_one_run_goes_on_to_the_end_of_the_body(int size)
    {
        BlobAssembly assembly = await BeginUnknownAsync(size);
        BlockRun run = assembly.Take(int.MaxValue)!;
        for (int block = 0; block < size / Block; block++)
        {
            Assert.False(assembly.SizeIsKnown);
            Assert.Equal((block, 1), Show(run));
            Assert.Equal(Block, assembly.LengthOf(block));
            await StoreAsync(assembly, run);
        }
        Assert.True(await TurnAsync(assembly, run));
        run.Buffer = ArrayPool<byte>.Shared.Rent(Block);
        Receive(assembly, run, until: size % Block);
        assembly.End(run);
        Assert.True(assembly.SizeIsKnown);
        Assert.Equal(0, run.Count);
        assembly.GiveBack(run);
        Assert.Null(assembly.Take(1));
        await AssertWholeAsync(assembly);
        Assert.Equal(size, assembly.Present);
        Assert.Equal((size + Block - 1) / Block * Block, assembly.Position);
    }

    [Fact]
    public async Task Of_unknown_size_a_body_that_was_cut_goes_on_at_the_block_that_is_missing()
    {
        BlobAssembly assembly = await BeginUnknownAsync(Three);
        BlockRun run = assembly.Take(int.MaxValue)!;
        await StoreAsync(assembly, run);
        assembly.GiveBack(run);
        Assert.False(await HashedAsync(assembly));
        BlockRun rest = assembly.Take(int.MaxValue)!;
        Assert.Equal((1, 1), Show(rest));
        Assert.Null(await HashedAsync(assembly));
        await StoreAsync(assembly, rest);
        Receive(assembly, rest, until: 1000);
        assembly.End(rest);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task Of_unknown_size_a_body_can_start_over()
    {
        BlobAssembly assembly = await BeginUnknownAsync(Three);
        BlockRun run = assembly.Take(1)!;
        await StoreAsync(assembly, run);
        await StoreAsync(assembly, run);
        Receive(assembly, run, until: 10);
        assembly.Restart(run);
        Assert.Equal([(2 * Block) + 10], _forgotten);
        Assert.Equal((0, 1), Show(run));
        await StoreAsync(assembly, run);
        await StoreAsync(assembly, run);
        Receive(assembly, run, until: 1000);
        assembly.End(run);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task A_size_that_was_learned_is_forgotten_when_all_starts_over()
    {
        BlobAssembly assembly = await BeginUnknownAsync(1000);
        BlockRun run = assembly.Take(1)!;
        Receive(assembly, run, until: 1000);
        assembly.End(run);
        assembly.GiveBack(run);
        assembly.Restart();
        Assert.Equal([1000], _forgotten);
        Assert.False(assembly.SizeIsKnown);

        _content = RandomBytes.Of(Block + 5, seed: 2);
        run = assembly.Take(1)!;
        await StoreAsync(assembly, run);
        Receive(assembly, run, until: 5);
        assembly.End(run);
        await AssertWholeAsync(assembly);
    }

    [Fact]
    public async Task Of_unknown_size_the_end_of_one_run_leaves_missing_what_another_gave_back()
    {
        BlobAssembly assembly = await BeginUnknownAsync(Block + 1000);
        BlockRun first = assembly.Take(1)!, last = assembly.Take(1)!;
        Receive(assembly, last, until: 1000);
        assembly.End(last);
        assembly.GiveBack(last);
        Assert.Null(await HashedAsync(assembly));
        assembly.GiveBack(first);
        Assert.False(await HashedAsync(assembly));
        await FetchAsync(assembly);
        await AssertWholeAsync(assembly);
    }

    // The end.

    [Fact]
    public async Task Stored_blocks_are_left_for_the_next_run()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun first = assembly.Take(1)!, second = assembly.Take(1)!;
        await StoreAsync(assembly, second);
        Receive(assembly, first, until: 100);
        assembly.GiveBack(first);
        Close();
        Assert.Equal($"{Sha} {Sha}.blocks", Left);

        BlobAssembly next = await ContinueAsync();
        Assert.Equal((Block, 0), (next.Present, next.Position));
        await FetchAsync(next);
        await AssertWholeAsync(next);
    }

    [Fact]
    public async Task When_no_block_was_stored_no_file_is_left()
    {
        BlobAssembly assembly = await BeginAsync(Three);
        BlockRun run = assembly.Take(1)!;
        Receive(assembly, run, until: 100);
        assembly.GiveBack(run);
        Assert.NotEqual("", Left);
        Close();
        Assert.Equal("", Left);
    }

    [Fact]
    public async Task After_a_restart_no_file_is_left()
    {
        BlobAssembly assembly = await BeginAsync(Three, 0, 1);
        assembly.Restart();
        Close();
        Assert.Equal("", Left);
    }

    [Fact]
    public async Task Of_an_unknown_content_no_file_is_left()
    {
        BlobAssembly assembly = await BeginUnknownAsync(Three);
        await StoreAsync(assembly, assembly.Take(1)!);
        Assert.EndsWith(".tmp", Left, StringComparison.Ordinal);
        Close();
        Assert.Equal("", Left);
    }

    [Fact]
    public async Task Disposing_waits_for_the_block_that_is_being_hashed()
    {
        BlobAssembly assembly = await BeginAsync(Five);
        using PoolWatch pool = await HashOfFirstBlockAsync(assembly);
        var dispose = new Thread(assembly.Dispose) { IsBackground = true };
        dispose.Start();
        AssertWaits(dispose);
        pool.LetGo();
        Assert.True(dispose.Join(Patience));
    }

    [Fact]
    public async Task Disposed_it_has_no_digest()
    {
        BlobAssembly assembly = await BeginAsync(Block, 0);
        Assert.True(await HashedAsync(assembly));
        assembly.Dispose();
        Assert.Throws<ObjectDisposedException>(() => assembly.Finish());
    }

    [Theory]
    [InlineData("hash")]
    [InlineData("restart")]
    [InlineData("dispose")]
    public async Task Every_buffer_goes_back_to_the_pool_once(string end)
    {
        BlobAssembly assembly = await BeginAsync(Four);
        BlockRun[] runs = [assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!, assembly.Take(1)!];
        using var pool = new PoolWatch();
        foreach (BlockRun run in runs)
            Receive(assembly, run, until: run.First == 1 ? 100 : Block);
        byte[][] buffers = [.. runs.Select(r => r.Buffer!)];
        Assert.Equal([1, 1, 1, 1], buffers.Select(pool.Rented));
        // The first is hashed, the second begun, the third is ahead of it, and of the fourth there is nothing.
        assembly.Store(runs[0]);
        assembly.GiveBack(runs[1]);
        assembly.Store(runs[2]);
        runs[3].Filled = 0;
        assembly.GiveBack(runs[3]);
        Assert.Equal([0, 1, 1, 0], buffers.Select(pool.Rented));
        if (end == "restart")
            assembly.Restart();
        else if (end == "dispose")
            assembly.Dispose();
        else
            await FetchAsync(assembly);
        Assert.Equal([0, 0, 0, 0], buffers.Select(pool.Rented));
        assembly.Dispose();
        Assert.Equal([0, 0, 0, 0], buffers.Select(pool.Rented));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_file")]
    private static extern ref SafeFileHandle HandleOf(PartialFile file);

    /// <summary>Stores the first block, and returns while its hash is in the middle of it.</summary>
    private async Task<PoolWatch> HashOfFirstBlockAsync(BlobAssembly assembly, Func<Task>? before = null)
    {
        BlockRun run = assembly.Take(1)!;
        if (before is not null)
            await before();
        Receive(assembly, run);
        var pool = new PoolWatch();
        Task reached = pool.HoldReturnOf(run.Buffer!);
        _open.Push(new Undo(pool.LetGo));
        await Task.Run(() => assembly.Store(run)).WaitAsync(Patience);
        await reached.WaitAsync(Patience);
        assembly.GiveBack(run);
        return pool;
    }

    private void UnreadableDisk()
    {
        HandleOf((PartialFile)_file).Dispose();
        HandleOf((PartialFile)_file) = File.OpenHandle(Partial, FileMode.Open, FileAccess.Write, FileShare.None);
    }

    /// <summary>The thread waits for another one, instead of having finished or going round in circles.</summary>
    private static void AssertWaits(Thread thread)
    {
        // Often in a row, because a thread also waits for a moment while it starts.
        int seen = 0;
        SpinWait.SpinUntil(() => !thread.IsAlive || (seen = Waits() ? seen + 1 : 0) == 100, Patience);
        Assert.Equal(100, seen);

        bool Waits() => thread.ThreadState.HasFlag(System.Threading.ThreadState.WaitSleepJoin);
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }

    /// <summary>The context of a thread that is blocked: what is posted to it never runs.</summary>
    private sealed class BlockedContext : SynchronizationContext
    {
        private readonly TaskCompletionSource<bool> _posted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Posted => _posted.Task;

        public override void Post(SendOrPostCallback d, object? state) => _posted.TrySetResult(true);
    }

    /// <summary>
    /// Counts how often each buffer was rented from the shared pool and not returned. Events are handled by the thread that rents
    /// or returns, so one that returns a buffer can be stopped there.
    /// </summary>
    private sealed class PoolWatch : EventListener
    {
        private readonly ConcurrentDictionary<int, int> _rented = new();
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile byte[]? _held;

        public int Rented(byte[] buffer) => _rented.GetValueOrDefault(RuntimeHelpers.GetHashCode(buffer));

        /// <summary>From now on who returns this buffer waits.</summary>
        public Task HoldReturnOf(byte[] buffer)
        {
            _held = buffer;
            return _reached.Task;
        }

        public void LetGo()
        {
            _held = null;
            _letGo.TrySetResult();
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.Payload is not [int id, ..])
                return;
            if (eventData.EventName == "BufferRented")
                _rented.AddOrUpdate(id, 1, (_, count) => count + 1);
            if (eventData.EventName != "BufferReturned")
                return;
            _rented.AddOrUpdate(id, -1, (_, count) => count - 1);
            if (_held is byte[] held && id == RuntimeHelpers.GetHashCode(held))
            {
                _reached.TrySetResult();
                _letGo.Task.Wait(Patience);
            }
        }
    }
}
