using System.Numerics;
using System.Security.Cryptography;

namespace WiseHub.Client.Signatures;

/// <summary>The proof of RFC 6962, section 2.1.1, that a leaf is in a tree, and the log's signed statement of the tree.</summary>
/// <param name="Index">The number of the leaf in this tree.</param>
/// <param name="TreeSize">The number of leaves.</param>
/// <param name="RootHash">The hash of the tree.</param>
/// <param name="Hashes">The neighbours on the way from the leaf to the root.</param>
/// <param name="Checkpoint">The signed note with size and hash of the tree.</param>
internal sealed record InclusionProof(long Index, long TreeSize, byte[] RootHash, IReadOnlyList<byte[]> Hashes, string Checkpoint)
{
    /// <summary>Says whether the hashes lead from a leaf to the root.</summary>
    public bool Includes(ReadOnlySpan<byte> leaf)
    {
        if (Index < 0 || Index >= TreeSize)
            return false;
        // The way goes up to where the paths of this leaf and of the last one meet; above, only left neighbours have a hash.
        ulong index = (ulong)Index;
        int inner = 64 - BitOperations.LeadingZeroCount(index ^ ((ulong)TreeSize - 1));
        // A shift by 64 is one by 0; the sizes are below 2^63.
        int border = BitOperations.PopCount(index >> inner);
        if (Hashes.Count != inner + border || Hashes.Any(h => h.Length != SHA256.HashSizeInBytes))
            return false;
        byte[] hash = SHA256.HashData([0, .. leaf]);
        for (int i = 0; i < Hashes.Count; i++)
        {
            bool isRight = i >= inner || ((index >> i) & 1) == 1;
            hash = isRight ? Node(Hashes[i], hash) : Node(hash, Hashes[i]);
        }
        return hash.AsSpan().SequenceEqual(RootHash);
    }

    private static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => SHA256.HashData([1, .. left, .. right]);
}
