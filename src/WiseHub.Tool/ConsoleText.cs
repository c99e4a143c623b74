using System.Text;

namespace WiseHub.Tool;

/// <summary>
/// Standard input, output and errors as UTF-8 without a mark at the beginning wherever they are pipes or files, and in full
/// Unicode on a console. Windows would use the code page of the console, which cannot write most names of folders.
/// </summary>
internal static class ConsoleText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Called once, before anything is read or written.</summary>
    public static void Use()
    {
        // .NET on Unix follows the locale, and takes UTF-8 where that says nothing.
        if (!OperatingSystem.IsWindows())
            return;
        // With UTF-16 .NET hands the text to the console as it is. Setting UTF-8 would change the console's code page, and it
        // would stay changed after us.
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
    /// Writes UTF-8 to standard output: these very bytes, except to a console of Windows, which takes characters.
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
