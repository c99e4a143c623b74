using System.Globalization;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The division of a file into chunks. The server knows chunks only by number and merges all it has; it does not learn their size
/// or count (docs/protocols/wisemodel.md#uploads). A resumed upload must therefore keep the division it was begun with.
/// </summary>
internal sealed class UploadLayout
{
    private readonly long _size, _chunk;

    private UploadLayout(long size, long chunk, int count) => (_size, _chunk, Count) = (size, chunk, count);

    /// <summary>The number of chunks.</summary>
    public int Count { get; }

    /// <summary>Chunks of one size; the last one is the rest.</summary>
    public static UploadLayout OfChunkSize(long size, long chunk) => new(size, chunk, checked((int)((size + chunk - 1) / chunk)));

    /// <summary>
    /// A number of chunks of about equal size. Smaller chunks of an earlier upload cannot be deleted, only replaced: this makes
    /// one for each of them.
    /// </summary>
    public static UploadLayout OfChunkCount(long size, int count) => new(size, 0, count);

    /// <summary>Start and length of a chunk.</summary>
    public (long Start, long Length) this[int piece]
    {
        get
        {
            long start = StartOf(piece);
            return (start, StartOf(piece + 1) - start);
        }
    }

    private long StartOf(int piece) => _chunk > 0 ? Math.Min(_size, piece * _chunk) : (long)((Int128)_size * piece / Count);

    /// <summary>The stored form: the size of a chunk, or <c>/</c> and the number of chunks.</summary>
    public override string ToString() =>
        _chunk > 0 ? _chunk.ToString(CultureInfo.InvariantCulture) : "/" + Count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the stored form; null if it is no layout of this file.</summary>
    public static UploadLayout? Parse(string? text, long size) => text switch
    {
        ['/', .. string count]
            when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 && n <= size =>
            OfChunkCount(size, n),
        not null when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long chunk)
            && chunk >= PushRequest.SmallestChunk => OfChunkSize(size, chunk),
        _ => null,
    };
}
