using System.Buffers.Binary;
using WiseHub.Client.Formats;

namespace WiseHub.Client;

/// <summary>
/// The header of a safetensors file (https://github.com/huggingface/safetensors#format): 8 bytes with its length, then JSON with
/// the type, shape and place of each tensor. Nothing is allocated because a header says so.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The largest beginning that is read to show a header, in bytes. The format allows headers of 100 MB; those in use
    /// have a few MB at most.</summary>
    public const int LargestHeader = 16 << 20;

    /// <summary>The bytes before the JSON.</summary>
    public const int LengthBytes = 8;

    // MAX_HEADER_SIZE in safetensors/src/tensor.rs.
    private const int LargestJson = 100_000_000;

    private readonly SafetensorsWalk _walk;

    private SafetensorsHeader(SafetensorsWalk walk) => _walk = walk;

    /// <summary>The number of tensors.</summary>
    public long Tensors => _walk.Counts.Tensors;

    /// <summary>The number of elements of all tensors.</summary>
    public long Parameters => _walk.Counts.Parameters;

    /// <summary>The tensors by kind of number, the most parameters first.</summary>
    public IReadOnlyList<TensorTypeCount> Types => _walk.Counts.Types;

    /// <summary>Short texts of <c>__metadata__</c>, at most 64.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _walk.Metadata;

    /// <summary>The kinds of numbers that are not known, and may be newer than this library.</summary>
    internal IReadOnlyCollection<string> UnknownTypes => _walk.UnknownTypes;

    /// <summary>The bytes to read for the whole header, from the beginning of the file.</summary>
    /// <param name="beginning">The first 8 bytes or more.</param>
    /// <exception cref="HubException">WISE1092: not a safetensors file, or its header is too large.</exception>
    public static int BytesToRead(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length < LengthBytes)
            throw HeaderMessages.HeaderCutOff("safetensors");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(beginning);
        return length is >= 2 and <= LargestHeader - LengthBytes ? LengthBytes + (int)length
            : throw HeaderMessages.HeaderLength("safetensors", length, LargestHeader);
    }

    /// <summary>Reads a header.</summary>
    /// <param name="beginning">The beginning of the file, at least <see cref="BytesToRead"/> bytes.</param>
    /// <exception cref="HubException">WISE1092: malformed.</exception>
    public static SafetensorsHeader Read(ReadOnlySpan<byte> beginning)
    {
        if (beginning.Length < BytesToRead(beginning))
            throw HeaderMessages.HeaderCutOff("safetensors");
        var reader = new HeaderReader(beginning, null);
        try
        {
            return Read(ref reader) ?? throw HeaderMessages.HeaderCutOff("safetensors");
        }
        catch (FalseHeaderException e)
        {
            throw HeaderMessages.HeaderMalformed("safetensors", e);
        }
    }

    /// <summary>Reads a header, and compares it with the size of its file if the reader knows it.</summary>
    /// <returns>Null if the bytes end before the header does; what is there is checked.</returns>
    /// <exception cref="FalseHeaderException">Malformed, or the tensors are not exactly the data of the file.</exception>
    internal static SafetensorsHeader? Read(ref HeaderReader reader)
    {
        if (!reader.Number(LengthBytes, out ulong length))
            return null;
        if (length is < 2 or > LargestJson)
            throw new FalseHeaderException(HeaderMessages.SafetensorsLength(length, LargestJson));
        reader.Claim(length);
        if (!reader.Fill(1))
            return null;
        if (reader.Window[0] != '{')
            throw new FalseHeaderException(HeaderMessages.NoBrace);
        long end = reader.Position + (long)length;
        var walk = new SafetensorsWalk(reader.Size - end);
        if (!walk.Read(ref reader, (long)length) || !ReadPadding(ref reader, end))
            return null;
        walk.CheckPlaces();
        return new SafetensorsHeader(walk);
    }

    private static bool ReadPadding(ref HeaderReader reader, long end)
    {
        while (reader.Position < end)
        {
            if (!reader.Fill(1))
                return false;
            int there = (int)Math.Min(reader.Window.Length, end - reader.Position);
            if (reader.Window[..there].ContainsAnyExcept((byte)' '))
                throw new FalseHeaderException(HeaderMessages.NoPadding);
            reader.Skip(there);
        }
        return true;
    }
}
