namespace WiseHub.Testing;

/// <summary>Contents that do not compress, the same in every run.</summary>
public static class RandomBytes
{
    /// <summary>Makes a content.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="seed">Another one gives another content.</param>
    public static byte[] Of(int size, int seed = 1)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        return content;
    }
}
