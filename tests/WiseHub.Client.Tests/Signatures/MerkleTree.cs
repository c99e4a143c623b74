using System.Numerics;
using System.Security.Cryptography;

namespace WiseHub.Client.Tests;

/// <summary>Trees and paths as RFC 6962, section 2.1, defines them, without anything clever.</summary>
internal static class MerkleTree
{
    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return SHA256.HashData([0, .. leaves[0]]);
        int left = Left(leaves.Length);
        return SHA256.HashData([1, .. Root(leaves[..left]), .. Root(leaves[left..])]);
    }

    public static List<byte[]> Path(ReadOnlySpan<byte[]> leaves, int index)
    {
        if (leaves.Length == 1)
            return [];
        int left = Left(leaves.Length);
        return index < left ? [.. Path(leaves[..left], index), Root(leaves[left..])]
            : [.. Path(leaves[left..], index - left), Root(leaves[..left])];
    }

    // The largest power of two below the number.
    private static int Left(int count) => 1 << BitOperations.Log2((uint)count - 1);
}
