using WiseHub.Client.Transfer;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// What one run writes beside a partial file, and the next one reads: which blocks are there, and from where. Whatever is not
/// certain counts as missing.
/// </summary>
public sealed class CheckpointTests : IDisposable
{
    private const int Block = 1000, Blocks = 4, Size = (Block * (Blocks - 1)) + 1;

    // Magic, version, sizes and ETag; then 16 bytes for each block.
    private const int Header = 512, Hash = 16, EtagAt = 32;

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private string File => _temp["model.bin.blocks"];

    private Checkpoint Open(long size = Size, int block = Block) => Checkpoint.Open(File, size, block);

    private static byte[] Content(int block) => RandomBytes.Of(Block, seed: block + 1);

    private static int[] Present(Checkpoint checkpoint) => [.. Enumerable.Range(0, Blocks).Where(checkpoint.Has)];

    private void Write(string? etag, params int[] blocks)
    {
        using Checkpoint checkpoint = Open();
        foreach (int block in blocks)
            checkpoint.Mark(block, Checkpoint.HashOf(Content(block)));
        if (etag is not null)
            checkpoint.SetEtag(etag);
    }

    private void Edit(Func<byte[], byte[]> edit) =>
        System.IO.File.WriteAllBytes(File, edit(System.IO.File.ReadAllBytes(File)));

    private void AssertHas(string? etag, params int[] blocks)
    {
        using Checkpoint checkpoint = Open();
        Assert.Equal(blocks, Present(checkpoint));
        Assert.Equal(etag, checkpoint.Etag);
        Assert.Equal(blocks.Length > 0, checkpoint.Any);
    }

    [Theory]
    [InlineData]
    [InlineData(0)]
    [InlineData(1, 3)]
    [InlineData(0, 1, 2, 3)]
    public void The_next_run_finds_exactly_the_blocks_that_were_marked(params int[] blocks)
    {
        Write(null, blocks);
        AssertHas(null, blocks);
        using Checkpoint checkpoint = Open();
        Assert.All(blocks, b => Assert.True(checkpoint.Matches(b, Content(b))));
    }

    [Fact]
    public void The_run_that_marks_a_block_has_it_at_once()
    {
        using Checkpoint checkpoint = Open();
        Assert.False(checkpoint.Any);
        checkpoint.Mark(2, Checkpoint.HashOf(Content(2)));
        Assert.True(checkpoint.Any);
        Assert.Equal([2], Present(checkpoint));
    }

    [Fact]
    public void A_block_matches_only_its_own_bytes()
    {
        Write(null, 1);
        byte[] damaged = Content(1);
        damaged[^1] ^= 1;
        using Checkpoint checkpoint = Open();
        Assert.True(checkpoint.Matches(1, Content(1)));
        Assert.False(checkpoint.Matches(1, damaged));
        Assert.False(checkpoint.Matches(1, Content(1).AsSpan(1)));
    }

    [Fact]
    public void A_missing_block_matches_nothing()
    {
        using Checkpoint checkpoint = Open();
        Assert.False(checkpoint.Matches(0, Content(0)));
        Assert.False(checkpoint.Matches(0, []));
    }

    [Fact]
    public void The_file_is_a_header_and_sixteen_bytes_for_each_block_up_to_the_last()
    {
        Write("hub \"1\"", 1);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        Assert.Equal(Header + (2 * Hash), bytes.Length);
        Assert.Equal([.. "WISEPART\0\0\0\x1"u8], bytes[..12]);
        Assert.Equal(Size, BitConverter.ToInt64(bytes, 16));
        Assert.Equal(Block, BitConverter.ToInt32(bytes, 24));
        Assert.Equal([7, .. "hub \"1\""u8], bytes[EtagAt..(EtagAt + 8)]);
        Assert.Equal(new byte[Hash], bytes[Header..(Header + Hash)]);
        Assert.NotEqual(new byte[Hash], bytes[(Header + Hash)..]);
    }

    [Fact]
    public void A_new_checkpoint_has_a_header_that_names_its_content()
    {
        Open().Dispose();
        byte[] first = System.IO.File.ReadAllBytes(File);
        Assert.Equal(Header, first.Length);
        Assert.Equal([.. "WISEPART"u8], first[..8]);
    }

    [Theory]
    [InlineData("hub \"abc\"")]
    [InlineData("ü")]
    public void The_next_run_finds_the_etag(string etag)
    {
        Write(etag, 0);
        AssertHas(etag, 0);
    }

    [Fact]
    public void The_run_that_sets_an_etag_has_it_at_once()
    {
        using Checkpoint checkpoint = Open();
        Assert.Null(checkpoint.Etag);
        checkpoint.SetEtag("one");
        Assert.Equal("one", checkpoint.Etag);
        checkpoint.SetEtag("one");
        Assert.Equal("one", checkpoint.Etag);
    }

    [Theory]
    [InlineData("a longer one", "short")]
    [InlineData("short", "a longer one")]
    public void A_later_etag_replaces_an_earlier_one_of_another_length(string earlier, string later)
    {
        Write(earlier, 0);
        Write(later);
        AssertHas(later, 0);
    }

    [Theory]
    [InlineData(255, 'x')]
    [InlineData(127, 'ü')]
    public void An_etag_of_up_to_255_bytes_is_kept_and_costs_no_block(int length, char of)
    {
        string etag = new(of, length);
        Write(etag, 0, 3);
        AssertHas(etag, 0, 3);
    }

    [Theory]
    [InlineData(256, 'x')]
    [InlineData(128, 'ü')]
    [InlineData(600, 'x')]
    public void A_longer_etag_is_not_kept_and_changes_nothing(int length, char of)
    {
        Write("hub \"1\"", 0, 3);
        byte[] before = System.IO.File.ReadAllBytes(File);
        using (Checkpoint checkpoint = Open())
        {
            checkpoint.SetEtag(new string(of, length));
            Assert.Equal("hub \"1\"", checkpoint.Etag);
        }
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void A_longer_etag_does_not_become_the_first_one_either()
    {
        Write(new string('x', 257), 1);
        AssertHas(null, 1);
    }

    [Fact]
    public void Forgotten_blocks_and_etag_are_gone_at_once_and_in_the_next_run()
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        using (Checkpoint checkpoint = Open())
        {
            checkpoint.Forget();
            Assert.Empty(Present(checkpoint));
            Assert.False(checkpoint.Any);
            Assert.Null(checkpoint.Etag);
        }
        AssertHas(null);
    }

    [Fact]
    public void After_forgetting_new_blocks_and_a_new_etag_are_kept()
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        using (Checkpoint checkpoint = Open())
        {
            checkpoint.Forget();
            checkpoint.Mark(1, Checkpoint.HashOf(Content(1)));
            checkpoint.SetEtag("hub \"1\"");
        }
        AssertHas("hub \"1\"", 1);
    }

    /// <summary>Any byte before the ETag: of magic, version, size, block size, and the reserved ones.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(31)]
    public void A_damaged_header_makes_all_of_it_unknown_now_and_later(int at)
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        Edit(bytes =>
        {
            bytes[at] ^= 1;
            return bytes;
        });
        AssertHas(null);
        // Opening it has replaced it: nothing of it comes back.
        AssertHas(null);
        Assert.Equal(Header, new FileInfo(File).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Header - 1)]
    public void A_header_that_was_not_written_in_full_is_replaced(int length)
    {
        Write("hub \"1\"", 0);
        Edit(bytes => bytes[..length]);
        AssertHas(null);
        Write(null, 2);
        AssertHas(null, 2);
    }

    [Fact]
    public void A_file_of_zeros_is_no_checkpoint()
    {
        System.IO.File.WriteAllBytes(File, [.. new byte[Header], .. Enumerable.Repeat((byte)1, Blocks * Hash)]);
        AssertHas(null);
    }

    [Fact]
    public void Blocks_of_a_content_of_another_size_are_not_taken_over()
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        using (Checkpoint other = Open(Size + 1))
        {
            Assert.False(other.Any);
            Assert.Null(other.Etag);
        }
        AssertHas(null);
    }

    [Fact]
    public void Blocks_of_another_block_size_are_not_taken_over()
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        using (Checkpoint other = Open(block: Block + 1))
        {
            Assert.False(other.Any);
            Assert.Null(other.Etag);
        }
        AssertHas(null);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(15, 0)]
    [InlineData(16, 1)]
    [InlineData(17, 1)]
    [InlineData(63, 3)]
    [InlineData(64, 4)]
    public void Of_hashes_that_were_not_written_in_full_only_the_complete_ones_count(int bytes, int blocks)
    {
        Write("hub \"1\"", 0, 1, 2, 3);
        Edit(all => all[..(Header + bytes)]);
        AssertHas("hub \"1\"", [.. Enumerable.Range(0, blocks)]);
    }

    [Fact]
    public void A_hash_of_zero_is_a_missing_block()
    {
        Write(null, 0, 1, 2);
        Edit(bytes =>
        {
            bytes.AsSpan(Header + Hash, Hash).Clear();
            return bytes;
        });
        AssertHas(null, 0, 2);
        using Checkpoint checkpoint = Open();
        checkpoint.Mark(0, UInt128.Zero);
        Assert.Equal([2], Present(checkpoint));
    }

    [Theory]
    [InlineData(Block * Blocks)]
    [InlineData((Block * Blocks) - 1)]
    [InlineData(Size)]
    public void Bytes_behind_the_hash_of_the_last_block_are_no_block(int size)
    {
        Open(size).Dispose();
        Edit(bytes => [.. bytes, .. new byte[Blocks * Hash], .. Enumerable.Repeat((byte)1, Hash)]);
        using Checkpoint checkpoint = Open(size);
        Assert.False(checkpoint.Any);
        Assert.Empty(Present(checkpoint));
        Assert.Throws<IndexOutOfRangeException>(() => checkpoint.Has(Blocks));
    }

    [Fact]
    public void A_checkpoint_of_an_empty_content_has_no_block()
    {
        using Checkpoint checkpoint = Open(0);
        Assert.False(checkpoint.Any);
        Assert.Throws<IndexOutOfRangeException>(() => checkpoint.Has(0));
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_opened_says_so_and_lets_go_of_its_file()
    {
        Write("hub \"1\"", 2);
        Assert.Throws<OverflowException>(() => Open(-2 * Block));
        AssertHas("hub \"1\"", 2);
    }
}
