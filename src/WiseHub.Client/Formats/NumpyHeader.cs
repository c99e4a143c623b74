using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace WiseHub.Client.Formats;

/// <summary>
/// The header of a NumPy <c>.npy</c> file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): the text of
/// a Python dict with <c>descr</c>, <c>fortran_order</c> and <c>shape</c>. An array of Python objects is a pickle.
/// </summary>
internal static class NumpyHeader
{
    // numpy.lib.format._MAX_HEADER_SIZE is 10,000; structured types of thousands of fields are larger.
    private const int LargestHeader = 1 << 16;

    private const int Deepest = 16;

    /// <summary>The letters of types without objects, and the digits of their sizes.</summary>
    private const string Letters = "?bBhHiIlLqQefdgFDGcSaUVmM";

    public static bool IsNumpy(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x93]) && head[1..].StartsWith("NUMPY"u8);

    /// <summary>
    /// Numbers and texts are data, objects are a pickle. What is malformed is unknown, as NumPy refuses it, unless there is an
    /// <c>O</c> anywhere: then another reader may see objects.
    /// </summary>
    public static FormatVerdict? Judge(FormatSubject subject)
    {
        Span<byte> start = stackalloc byte[12];
        int there = subject.Bytes.ReadAt(0, start);
        int prefix = there > 6 && start[6] == 1 ? 10 : 12;
        if (there < prefix)
            return subject.IsComplete ? Malformed(default) : null;
        uint length = prefix == 10 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (start[6] is < 1 or > 3 || start[7] != 0 || length > LargestHeader || length > subject.Size - prefix)
            return Malformed(default);
        byte[] header = new byte[length];
        int count = subject.Bytes.ReadAt(prefix, header);
        if (count < length)
            return null;
        string text = Encoding.UTF8.GetString(header);
        var reader = new Reader(text);
        if (!reader.Header())
            return Malformed(text);
        if (reader.HasObjects)
            return FormatVerdict.Of(FileFormats.NumpyObjects, FormatMessages.ObjectArray);
        if (reader.HasUnknownType)
            return Malformed(text);
        // More arrays may follow the first, and be objects.
        return reader.Bytes is long bytes && bytes != subject.Size - prefix - length
            ? FormatVerdict.Of(FileFormats.UnknownNumpy, FormatMessages.NumpyTail) : FormatVerdict.Of(FileFormats.Numpy);
    }

    private static FormatVerdict Malformed(string? header) =>
        header is not null && header.Contains('O', StringComparison.OrdinalIgnoreCase) && HasObjectLetter(header)
            ? FormatVerdict.Of(FileFormats.NumpyObjects, FormatMessages.NumpyHeaderMalformed)
            : FormatVerdict.Of(FileFormats.UnknownNumpy, FormatMessages.NumpyHeaderMalformed);

    // The key "fortran_order" has one as well.
    private static bool HasObjectLetter(string header) => header
        .Replace("fortran_order", "", StringComparison.Ordinal).Contains('O', StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the literal, strictly.</summary>
    private ref struct Reader(string text)
    {
        private ReadOnlySpan<char> _rest = text;
        private long? _items, _itemBytes;

        public bool HasObjects { get; private set; }

        public bool HasUnknownType { get; private set; }

        /// <summary>The bytes of the array; null if that is not known.</summary>
        public readonly long? Bytes => _items is long items && _itemBytes is long bytes
            && Math.BigMul(items, bytes) is { } product && product >= 0 && product <= long.MaxValue ? (long)product : null;

        public bool Header()
        {
            bool hasType = false, hasOrder = false, hasShape = false;
            if (!Take('{'))
                return false;
            while (!Take('}'))
            {
                if (!String(out string key) || !Take(':'))
                    return false;
                bool isKnown = key switch
                {
                    "descr" => !hasType && (hasType = true) && Type(0, out _itemBytes),
                    "fortran_order" => !hasOrder && (hasOrder = true) && (Word("True") || Word("False")),
                    "shape" => !hasShape && (hasShape = true) && Shape(out _items),
                    _ => false,
                };
                if (!isKnown || !(Take(',') || Peek() == '}'))
                    return false;
            }
            return hasType && hasOrder && hasShape && Peek() == '\0';
        }

        // A text, or a list of fields: a name and a type, maybe with a shape.
        private bool Type(int depth, out long? bytes)
        {
            bytes = null;
            if (depth > Deepest)
                return false;
            if (Peek() is '\'' or '"')
                return String(out string type) && Known(type, out bytes);
            if (!Take('['))
                return false;
            while (!Take(']'))
            {
                if (!Take('(') || !FieldName() || !Take(',') || !Type(depth + 1, out _))
                    return false;
                if (Take(',') && Peek() == '(' && !Shape(out _))
                    return false;
                if (!Take(')') || !(Take(',') || Peek() == ']'))
                    return false;
            }
            return true;
        }

        // A name, or a title and a name.
        private bool FieldName() => Peek() == '('
            ? Take('(') && String(out _) && Take(',') && String(out _) && Take(')') : String(out _);

        private bool Known(string type, out long? bytes)
        {
            ReadOnlySpan<char> rest = type.AsSpan().TrimStart("<>|=");
            bytes = null;
            if (rest.Length > 0 && Letters.Contains(rest[0], StringComparison.Ordinal)
                && type.Length - rest.Length <= 1)
            {
                ReadOnlySpan<char> size = rest[1..];
                int unit = size.IndexOf('[');
                // "<M8[ns]"
                if (unit >= 0 && rest[0] is 'm' or 'M' && size[^1] == ']')
                    size = size[..unit];
                if (size.Length is > 0 and < 10
                    && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
                {
                    bytes = rest[0] == 'U' ? 4L * count : count;
                    return true;
                }
            }
            HasObjects |= type.Contains('O', StringComparison.OrdinalIgnoreCase);
            HasUnknownType = true;
            return true;
        }

        private bool Shape(out long? items)
        {
            items = 1;
            if (!Take('('))
                return false;
            while (!Take(')'))
            {
                SkipBlanks();
                int digits = _rest.IndexOfAnyExceptInRange('0', '9');
                if (digits <= 0
                    || !long.TryParse(_rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                    return false;
                _rest = _rest[digits..];
                // Python 2 wrote "3L".
                if (_rest.StartsWith("L"))
                    _rest = _rest[1..];
                items = items is long sofar && (size == 0 || sofar <= long.MaxValue / size) ? sofar * size : null;
                if (!(Take(',') || Peek() == ')'))
                    return false;
            }
            return true;
        }

        // Without escapes: names of fields that need them are nobody's.
        private bool String(out string value)
        {
            value = "";
            char quote = Peek();
            if (quote is not ('\'' or '"'))
                return false;
            int end = _rest[1..].IndexOf(quote);
            if (end < 0 || _rest[1..(end + 1)].Contains('\\'))
                return false;
            value = _rest[1..(end + 1)].ToString();
            _rest = _rest[(end + 2)..];
            return true;
        }

        private bool Word(string word)
        {
            SkipBlanks();
            if (!_rest.StartsWith(word))
                return false;
            _rest = _rest[word.Length..];
            return true;
        }

        private bool Take(char c)
        {
            if (Peek() != c)
                return false;
            _rest = _rest[1..];
            return true;
        }

        private char Peek()
        {
            SkipBlanks();
            return _rest.Length > 0 ? _rest[0] : '\0';
        }

        private void SkipBlanks() => _rest = _rest.TrimStart(" \n");
    }
}
