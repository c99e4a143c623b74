using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>
/// The text of a JSON file, and errors that point into it. Positions are only computed for errors, so that reading a valid file
/// is cheap.
/// </summary>
internal sealed class JsonText(byte[] bytes, string file, string code, string remedy)
{
    // Characters that stay as they are, so that most texts need no encoder.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    /// <summary>A text as a JSON string, with only the required escapes.</summary>
    public static string Quote(string text) => text.AsSpan().IndexOfAnyExcept(Plain) < 0 ? $"\"{text}\"" :
        "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    public ReadOnlyMemory<byte> Utf8 { get; } = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble)
        ? bytes.AsMemory(Encoding.UTF8.Preamble.Length) : bytes;

    /// <summary>Makes an error about the value at an offset.</summary>
    public HubException Wrong(string problem, int offset) =>
        At(offset, place => ModelMessages.WrongJson(place, problem, remedy), null);

    public HubException NotJson(JsonException e) =>
        At(e.LineNumber is long line ? OffsetOfLine(line) + (int)(e.BytePositionInLine ?? 0) : 0,
            place => ModelMessages.NotJson(place, Reason(e), remedy), e);

    public HubException NotAnObject() => At(0, place => ModelMessages.NotAJsonObject(place, remedy), null);

    // Columns count characters, as in editors.
    public (int Line, int Column) Position(int offset)
    {
        ReadOnlySpan<byte> before = Utf8.Span[..Math.Min(offset, Utf8.Length)];
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    private HubException At(int offset, Func<string, string> message, Exception? cause)
    {
        (int line, int column) = Position(offset);
        return new HubException(code, message($"{file}({line},{column})"), cause) { File = file, Line = line, Column = column };
    }

    private int OffsetOfLine(long line)
    {
        int offset = 0;
        for (; line > 0; line--)
            offset += Utf8.Span[offset..].IndexOf((byte)'\n') + 1;
        return offset;
    }

    // The message of .NET ends in its own "LineNumber: … | BytePositionInLine: …", which the caller reports, too.
    private static string Reason(JsonException e)
    {
        string reason = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
        return reason.Contains("trailing comma", StringComparison.Ordinal) ? ModelMessages.TrailingComma : reason;
    }
}
