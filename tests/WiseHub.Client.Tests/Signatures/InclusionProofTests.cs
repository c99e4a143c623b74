using System.Text;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>Proofs that an entry is in a log.</summary>
public sealed class InclusionProofTests
{
    private static readonly byte[][] Leaves = [.. Enumerable.Range(0, 40).Select(i => Encoding.ASCII.GetBytes($"leaf {i}"))];

    [Fact]
    public void Each_leaf_of_each_tree_is_included_and_no_other()
    {
        for (int size = 1; size <= Leaves.Length; size++)
        {
            byte[] root = MerkleTree.Root(Leaves.AsSpan(0, size));
            for (int i = 0; i < size; i++)
            {
                var proof = new InclusionProof(i, size, root, MerkleTree.Path(Leaves.AsSpan(0, size), i), "");
                Assert.True(proof.Includes(Leaves[i]), $"{i} of {size}");
                Assert.False(proof.Includes(Leaves[(i + 1) % Leaves.Length]), $"{i} of {size}");
                for (int other = 0; other < size; other++)
                    Assert.Equal(other == i, (proof with { Index = other }).Includes(Leaves[i]));
            }
        }
    }

    [Fact]
    public void A_proof_with_other_hashes_is_refused()
    {
        List<byte[]> path = MerkleTree.Path(Leaves.AsSpan(0, 11), 9);
        var proof = new InclusionProof(9, 11, MerkleTree.Root(Leaves.AsSpan(0, 11)), path, "");
        Assert.True(proof.Includes(Leaves[9]));
        Assert.False((proof with { Hashes = [.. path, new byte[32]] }).Includes(Leaves[9]));
        Assert.False((proof with { Hashes = [.. path[..^1]] }).Includes(Leaves[9]));
        Assert.False((proof with { Hashes = [.. path[..^1], path[^1][..31]] }).Includes(Leaves[9]));
        Assert.False((proof with { Hashes = [.. Enumerable.Reverse(path)] }).Includes(Leaves[9]));
        Assert.False((proof with { RootHash = new byte[32] }).Includes(Leaves[9]));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, long.MaxValue)]
    [InlineData(long.MaxValue - 1, long.MaxValue)]
    public void A_proof_with_impossible_numbers_is_refused(long index, long size) =>
        Assert.False(new InclusionProof(index, size, MerkleTree.Root(Leaves.AsSpan(0, 1)), [], "").Includes(Leaves[0]));
}
