namespace WiseHub.Client.Formats;

/// <summary>The work that judging one file may take, shared with the files inside it.</summary>
internal sealed class FormatWork
{
    /// <summary>The largest content that is unpacked into memory, with the contents that are inside each other.</summary>
    public const long MostHeld = 64 << 20;

    /// <summary>The bytes that may still be followed, unpacked or searched: a few seconds.</summary>
    public long Left { get; private set; } = 1L << 30;

    /// <summary>The bytes that are unpacked in memory now.</summary>
    public long Held { get; set; }

    /// <summary>Counts work.</summary>
    public void Take(long bytes) => Left = Math.Max(Left - bytes, 0);
}
