using System.Buffers;
using System.Text;

namespace WiseHub.Client.Formats;

/// <summary>The names that pickles import.</summary>
internal sealed class PickleImports
{
    // Kept while walking; a verdict has the first ones of these.
    private const int MostNames = 1000;

    // What is searched behind the part that could be followed.
    private const long MostSearched = 16 << 20;

    private const int Block = 1 << 16, LongestName = 255;

    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    public bool HasJoblib { get; private set; }

    public IReadOnlyList<string> Names => [.. _names.Take(FormatVerdict.MostImports)];

    /// <summary>True for what a loader can import: identifiers with dots. Python takes letters of all languages.</summary>
    public static bool IsName(string? name)
    {
        if (name is null or { Length: 0 or > LongestName })
            return false;
        foreach (char c in name)
        {
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '.') && !char.IsSurrogate(c))
                return false;
        }
        return !char.IsAsciiDigit(name[0]);
    }

    public void Add(string module, string name)
    {
        HasJoblib |= module.StartsWith("joblib", StringComparison.Ordinal);
        if (_names.Count < MostNames && module.Length <= LongestName && name.Length <= LongestName)
            _names.Add(Printable(module) + "." + Printable(name));
    }

    /// <summary>
    /// Adds what looks like an import in bytes that cannot be followed: GLOBAL with two lines, and two short texts before
    /// STACK_GLOBAL.
    /// </summary>
    public void Search(FormatSubject subject, long from)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            long end = Math.Min(subject.Bytes.Length, from + Math.Min(MostSearched, subject.Work.Left));
            subject.Work.Take(Math.Max(end - from, 0));
            // Blocks overlap by more than the longest import.
            for (long at = from; at < end; at += Block - 4 * LongestName)
            {
                subject.Cancel.ThrowIfCancellationRequested();
                int count = subject.Bytes.ReadAt(at, buffer.AsSpan(0, (int)Math.Min(Block, end - at)));
                Search(buffer.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Search(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            int at = bytes.IndexOfAny((byte)'c', (byte)0x8C);
            if (at < 0)
                return;
            bytes = bytes[(at + 1)..];
            if (!(bytes.Length > 0 && (TwoLines(bytes, out string module, out string name)
                || TwoTexts(bytes, out module, out name))))
                continue;
            if (module.Length > 1 && name.Length > 1 && IsName(module) && IsName(name))
                Add(module, name);
        }
    }

    private static bool TwoLines(ReadOnlySpan<byte> bytes, out string module, out string name)
    {
        (module, name) = ("", "");
        ReadOnlySpan<byte> near = bytes[..Math.Min(bytes.Length, 2 * LongestName + 2)];
        int first = near.IndexOf((byte)'\n');
        int second = first < 1 ? -1 : near[(first + 1)..].IndexOf((byte)'\n');
        if (second < 1)
            return false;
        (module, name) = (Encoding.UTF8.GetString(near[..first]), Encoding.UTF8.GetString(near.Slice(first + 1, second)));
        return IsName(module);
    }

    // SHORT_BINUNICODE, maybe MEMOIZE, twice, STACK_GLOBAL.
    private static bool TwoTexts(ReadOnlySpan<byte> bytes, out string module, out string name)
    {
        name = "";
        return Text(ref bytes, out module) && bytes.Length > 0 && bytes[0] == 0x8C && Skip(ref bytes)
            && Text(ref bytes, out name) && bytes.Length > 0 && bytes[0] == 0x93;
    }

    private static bool Text(ref ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.Length == 0 || bytes.Length <= bytes[0])
            return false;
        text = Encoding.UTF8.GetString(bytes.Slice(1, bytes[0]));
        bytes = bytes[(bytes[0] + 1)..];
        if (bytes.Length > 0 && bytes[0] == 0x94)
            Skip(ref bytes);
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[1..];
        return true;
    }

    // Texts of a pickle are shown to people.
    private static string Printable(string name) =>
        string.Concat(name.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
