using System.Runtime.CompilerServices;
using System.Text;

namespace WiseHub.Tool;

/// <summary>
/// Standard input, output and error as UTF-8 without a byte order mark for pipes and files, and as full Unicode on a console.
/// Windows would use the code page of the console, which lacks the characters of most folder names.
/// </summary>
internal static class ConsoleText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a line of a result, in which text from a hub may occur.</summary>
    // An interpolated string without holes is a constant, for which the compiler would prefer this method.
    [OverloadResolutionPriority(-1)]
    public static void Say(string line) => Console.Out.WriteLine(Failures.Printable(line));

    /// <inheritdoc cref="Say(string)"/>
    public static void Say(Text line) => Say((string)line);

    /// <summary>Sets the encodings. Call it once, before anything is read or written.</summary>
    public static void Use()
    {
        // On Unix, .NET follows the locale, and uses UTF-8 if the locale names no encoding.
        if (!OperatingSystem.IsWindows())
            return;
        // With UTF-16, .NET passes the text to the console unchanged. UTF-8 would change the console's code page even after
        // this process has ended.
        if (!Console.IsOutputRedirected || !Console.IsErrorRedirected)
            Console.OutputEncoding = Encoding.Unicode;
        if (Console.IsOutputRedirected)
            Console.SetOut(Writer(Console.OpenStandardOutput()));
        if (Console.IsErrorRedirected)
            Console.SetError(Writer(Console.OpenStandardError()));
        if (Console.IsInputRedirected)
            Console.SetIn(new StreamReader(Console.OpenStandardInput(), Utf8, detectEncodingFromByteOrderMarks: true));
        else
            Console.InputEncoding = Encoding.Unicode;
    }

    /// <summary>
    /// Writes UTF-8 to standard output: exactly these bytes, except to a Windows console, which takes characters.
    /// </summary>
    public static void WriteUtf8(ReadOnlySpan<byte> text)
    {
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected)
        {
            Console.Out.Write(Utf8.GetString(text));
            return;
        }
        using Stream output = Console.OpenStandardOutput();
        output.Write(text);
    }

    private static StreamWriter Writer(Stream stream) => new(stream, Utf8) { AutoFlush = true };
}
