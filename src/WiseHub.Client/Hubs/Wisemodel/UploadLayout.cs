using System.Globalization;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// How a file is cut into pieces. The server knows pieces by number alone, and puts together all it has; it is never told how
/// large they are, nor how many (docs/protocols/wisemodel.md#uploads). So whoever goes on with an upload must cut as it was
/// begun.
/// </summary>
internal sealed class UploadLayout
{
    private readonly long _size, _chunk;

    private UploadLayout(long size, long chunk, int count) => (_size, _chunk, Count) = (size, chunk, count);

    /// <summary>How many pieces.</summary>
    public int Count { get; }

    /// <summary>Pieces of one size; the last one is the rest.</summary>
    public static UploadLayout InChunks(long size, long chunk) => new(size, chunk, checked((int)((size + chunk - 1) / chunk)));

    /// <summary>
    /// So many pieces, about equal. Pieces that somebody began with a smaller size cannot be deleted, only replaced: this makes
    /// one for each of them.
    /// </summary>
    public static UploadLayout InPieces(long size, int count) => new(size, 0, count);

    /// <summary>Start and length of a piece.</summary>
    public (long Start, long Length) this[int piece]
    {
        get
        {
            long start = StartOf(piece);
            return (start, StartOf(piece + 1) - start);
        }
    }

    private long StartOf(int piece) => _chunk > 0 ? Math.Min(_size, piece * _chunk) : (long)((Int128)_size * piece / Count);

    /// <summary>As it is remembered: the size of a piece, or <c>/</c> and their number.</summary>
    public override string ToString() =>
        _chunk > 0 ? _chunk.ToString(CultureInfo.InvariantCulture) : "/" + Count.ToString(CultureInfo.InvariantCulture);

    /// <summary>What was remembered; null when it is no layout of this file.</summary>
    public static UploadLayout? Parse(string? text, long size) => text switch
    {
        ['/', .. string count]
            when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 && n <= size =>
            InPieces(size, n),
        not null when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long chunk)
            && chunk >= PushRequest.SmallestChunk => InChunks(size, chunk),
        _ => null,
    };
}
