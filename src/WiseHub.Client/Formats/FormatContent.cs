using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace WiseHub.Client.Formats;

/// <summary>What a file is by its content alone.</summary>
internal static class FormatContent
{
    // The length of a safetensors header may look like the magic of a pickle.
    private const int FewBytes = 16;

    private const int HeadBytes = 4096, Block = 1 << 16;

    // The format allows headers of 100 MB.
    private const ulong LargestSafetensorsHeader = 100_000_000;

    // For files whose name says pickle; headers in use have a few MB.
    private const ulong LargestStrictHeader = 16 << 20;

    // Those that no text needs: others are tabs, ends of lines and pages, and ESC.
    private static readonly SearchValues<byte> ControlCharacters = SearchValues.Create(
        [1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31]);

    // torch.serialization.MAGIC_NUMBER, as LONG1 of 10 bytes.
    private static ReadOnlySpan<byte> TorchMagic =>
        [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    private static ReadOnlySpan<byte> Hdf5Magic => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>Null if bytes that are not there must tell.</returns>
    public static FormatVerdict? Judge(FormatSubject subject)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HeadBytes);
        try
        {
            int count = subject.Bytes.ReadAt(0, buffer.AsSpan(0, HeadBytes));
            return Judge(subject, buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The strict ones first: a file may be several at once, and a loader takes the one it looks for.
    private static FormatVerdict? Judge(FormatSubject subject, ReadOnlySpan<byte> head)
    {
        PickleWalk walk = PickleWalk.Of(subject);
        bool isTextual = IsText(head, isWhole: head.Length >= subject.Size);
        if (OfPickle(walk, head, isTextual && FormatNames.IsText(subject.Name)) is FormatVerdict pickle)
            return pickle;
        if (ProgramMagic.Of(head, isTextual) is FileFormat program)
            return FormatVerdict.Of(program);
        if (ZipDirectory.IsAtStart(head))
            return ZipJudge.Judge(subject);
        bool endsWithZip = subject.IsComplete && ZipDirectory.HasEnd(subject.Bytes);
        if (endsWithZip && ZipJudge.Judge(subject) is { Risk: FormatRisk.Code } zip)
            return zip;
        if (TarJudge.IsTar(head))
            return TarJudge.Judge(subject);
        long hdf5 = FindHdf5(subject.Bytes);
        FormatVerdict? ofHdf5 = hdf5 < 0 ? null : OfHdf5(subject);
        if (ofHdf5?.Risk == FormatRisk.Code)
            return ofHdf5;
        FormatVerdict? verdict = hdf5 == 0 ? ofHdf5 : OfRest(subject, head, isTextual);
        if (verdict is null)
            return null;
        if (walk.NeedsMore)
            return verdict.Risk == FormatRisk.Code ? verdict : null;
        if (hdf5 > 0)
        {
            return verdict.Risk == FormatRisk.Data ? FormatVerdict.Of(FileFormats.Other, FormatMessages.AlsoHdf5)
                : verdict.Risk == FormatRisk.Code ? verdict : ofHdf5;
        }
        if (verdict.Risk == FormatRisk.Data && endsWithZip)
            return FormatVerdict.Of(FileFormats.Other, FormatMessages.AlsoZip);
        if (verdict.Risk == FormatRisk.Data && walk.GaveUp)
            return FormatVerdict.Of(FileFormats.Other, FormatMessages.PickleTooLong);
        return verdict;
    }

    private static FormatVerdict? OfRest(FormatSubject subject, ReadOnlySpan<byte> head, bool isTextual)
    {
        if (CompressedJudge.Judge(subject, head, isTextual, out bool isCompressed) is FormatVerdict compressed)
            return compressed;
        if (isCompressed)
            return null;
        if (NumpyHeader.IsNumpy(head))
            return NumpyHeader.Judge(subject);
        if (DataMagic.Of(head) is FileFormat data)
            return FormatVerdict.Of(data);
        if (IsSafetensors(subject, head))
            return FormatVerdict.Of(FileFormats.Safetensors);
        if (DataMagic.OfOffset(head) is FileFormat weak)
            return FormatVerdict.Of(weak);
        // Short messages are text of control characters.
        FileFormat? message = isTextual && !head.ContainsAny(ControlCharacters) ? null : ProtobufShape.Of(subject);
        // A name that is unpickled makes text a pickle, whatever follows.
        if (message is null && isTextual && !subject.IsComplete)
            return FormatNames.IsUnpickled(subject.Name) ? FormatVerdict.Of(FileFormats.PlainText) : null;
        if (message is null && isTextual && IsWholeText(subject))
            return FormatVerdict.Of(TextFormat(subject.Name, head));
        return FormatVerdict.Of(message ?? FileFormats.Other);
    }

    private static FormatVerdict? OfPickle(PickleWalk walk, ReadOnlySpan<byte> head, bool isText)
    {
        bool isPickle = walk.ComputesNames || (walk.HasMagic
            // Whatever follows the magic, unless nothing ran before it turned out to be no pickle.
            ? walk.Imports || walk.Stops || !(walk.Fails || (walk.NeedsMore && head.Length < FewBytes))
            // Words of a text may look like imports, even with a call: "cat", "dog", "car", "bus", "bad".
            // A few random bytes are a call by number, and such numbers are younger than the magic.
            : walk.ImportsByName && (walk.Calls || walk.GaveUp || (isText ? walk.StopsAtEnd || (walk.MayCall && walk.StopsCleanly)
                : walk.MayCall || walk.StopsCleanly)));
        if (!isPickle)
            return null;
        bool isTorch = head[..Math.Min(head.Length, 32)].IndexOf(TorchMagic) >= 0;
        return new FormatVerdict(isTorch ? FileFormats.PyTorch : walk.IsJoblib ? FileFormats.Joblib : FileFormats.Pickle,
            walk.Names, walk.ComputesNames ? FormatMessages.NotTwoStrings : null);
    }

    // The format allows a block of the user before it; HDF5 File Format Specification 3.0, II.A.
    private static long FindHdf5(Stream bytes)
    {
        Span<byte> magic = stackalloc byte[Hdf5Magic.Length];
        for (long at = 0; at < bytes.Length && at >= 0; at = at == 0 ? 512 : at * 2)
        {
            if (bytes.ReadAt(at, magic) == magic.Length && magic.SequenceEqual(Hdf5Magic))
                return at;
        }
        return -1;
    }

    // Keras keeps the layers of a model in attributes. Their names are never compressed.
    private static FormatVerdict? OfHdf5(FormatSubject subject)
    {
        if (Contains(subject, "model_config"u8, "keras_version"u8, "\"Lambda\""u8))
            return FormatVerdict.Of(FileFormats.Keras, FormatMessages.KerasAttributes);
        return subject.IsComplete ? FormatVerdict.Of(FileFormats.Hdf5) : null;
    }

    private static bool Contains(
        FormatSubject subject, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            int longest = Math.Max(first.Length, Math.Max(second.Length, third.Length));
            for (long at = 0; at < subject.Bytes.Length; at += Block - longest)
            {
                subject.Cancel.ThrowIfCancellationRequested();
                // A complete file is searched once; beginnings may overlap in an archive that lies.
                if (!subject.IsComplete)
                    subject.Work.Take(Block);
                if (!subject.IsComplete && subject.Work.Left == 0)
                    return false;
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, subject.Bytes.ReadAt(at, buffer.AsSpan(0, Block)));
                if (bytes.IndexOf(first) >= 0 || bytes.IndexOf(second) >= 0 || bytes.IndexOf(third) >= 0)
                    return true;
            }
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsSafetensors(FormatSubject subject, ReadOnlySpan<byte> head)
    {
        if (head.Length < 9 || head[8] != '{')
            return false;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length is < 2 or > LargestSafetensorsHeader || length > (ulong)subject.Size - 8)
            return false;
        // Eight bytes can be arranged: where a loader would unpickle, the header must be one.
        return !FormatNames.IsUnpickled(subject.Name) || !subject.IsComplete || HasJson(subject, length);
    }

    private static bool HasJson(FormatSubject subject, ulong length)
    {
        if (length > LargestStrictHeader)
            return false;
        byte[] header = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            int count = subject.Bytes.ReadAt(8, header.AsSpan(0, (int)length));
            var json = new Utf8JsonReader(header.AsSpan(0, count), new JsonReaderOptions { MaxDepth = 8 });
            while (json.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(header);
        }
    }

    private static bool IsWholeText(FormatSubject subject)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (long at = 0; at < subject.Bytes.Length;)
            {
                subject.Cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, subject.Bytes.ReadAt(at, buffer.AsSpan(0, Block)));
                bool isEnd = at + bytes.Length >= subject.Bytes.Length;
                int cut = isEnd ? 0 : CutCharacter(bytes);
                if (!IsText(bytes[..^cut], isWhole: true))
                    return false;
                if (isEnd)
                    return true;
                at += bytes.Length - cut;
            }
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsText(ReadOnlySpan<byte> bytes, bool isWhole) => bytes.IndexOf((byte)0) < 0
        && Utf8.IsValid(isWhole ? bytes : bytes[..^CutCharacter(bytes)]);

    // The bytes of a character that continues behind the end.
    private static int CutCharacter(ReadOnlySpan<byte> bytes)
    {
        for (int back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            byte last = bytes[^back];
            if (last < 0x80)
                return 0;
            if (last >= 0xC0)
                return back < (last >= 0xF0 ? 4 : last >= 0xE0 ? 3 : 2) ? back : 0;
        }
        return 0;
    }

    private static FileFormat TextFormat(string name, ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> text = head.TrimStart("\uFEFF \t\r\n"u8);
        if (text.StartsWith("<"u8) && name.EndsWith(".xml", StringComparison.Ordinal) && HasRoot(text, "net"u8))
            return FileFormats.OpenVino;
        return BeginsJson(text) || name.EndsWith(".json", StringComparison.Ordinal) ? FileFormats.Json : FileFormats.PlainText;
    }

    // Templates begin "{%" or "{{", and vocabularies "[PAD]".
    private static bool BeginsJson(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> inner = text.Length > 0 ? text[1..].TrimStart(" \t\r\n"u8) : [];
        byte next = inner.Length > 0 ? inner[0] : (byte)0;
        return text.StartsWith("{"u8) ? next is (byte)'"' or (byte)'}'
            : text.StartsWith("["u8) && (next is (byte)'"' or (byte)'{' or (byte)'[' or (byte)']' or (byte)'-'
                || char.IsAsciiDigit((char)next) || inner.StartsWith("null"u8) || inner.StartsWith("true"u8)
                || inner.StartsWith("false"u8));
    }

    // The first element, behind a declaration and comments. A file with a DTD is not the format.
    private static bool HasRoot(ReadOnlySpan<byte> xml, ReadOnlySpan<byte> root)
    {
        while (xml.StartsWith("<?"u8) || xml.StartsWith("<!--"u8))
        {
            int end = xml.IndexOf('?' == xml[1] ? "?>"u8 : "-->"u8);
            if (end < 0)
                return false;
            xml = xml[(end + 2)..].TrimStart("> \t\r\n"u8);
        }
        return xml.Length > root.Length + 1 && xml[1..].StartsWith(root)
            && (char)xml[root.Length + 1] is ' ' or '>' or '\t' or '\r' or '\n';
    }
}
