using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace WiseHub.Client;

/// <summary>Decodes file names stored as bytes: in git trees, in archives, and in the keys of a bucket.</summary>
internal static class FileNameBytes
{
    /// <summary>Precedes each byte that is not UTF-8. <see cref="PathRules"/> rejects it.</summary>
    public const char NotUtf8 = '\uFFFD';

    /// <summary>
    /// Decodes a name. A byte that is not UTF-8 becomes U+FFFD and its two hexadecimal digits, so that different names stay
    /// different, messages show the byte, and patterns can exclude the file.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        var text = new StringBuilder(name.Length + 8);
        while (!name.IsEmpty)
        {
            bool isRune = Rune.DecodeFromUtf8(name, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (isRune)
                text.Append(rune.ToString());
            foreach (byte b in isRune ? [] : name[..used])
                text.Append(NotUtf8).Append(b.ToString("X2", CultureInfo.InvariantCulture));
            name = name[used..];
        }
        return text.ToString();
    }
}
