using System.Runtime.InteropServices;

namespace WiseHub.Tool;

/// <summary>The size of the terminal behind standard error.</summary>
internal static partial class TerminalSize
{
    private const int StandardError = 2;

    // Of a VT100, as terminfo has it.
    private const int UsualHeight = 24;

    // TIOCGWINSZ of asm-generic/ioctls.h and of macOS's sys/ttycom.h.
    private const nuint RequestLinux = 0x5413, RequestMac = 0x40087468;

    /// <summary>Null where it cannot be told, as on Windows, where .NET's own answer is right.</summary>
    public static (int Width, int Height)? OfStandardError()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        Span<ushort> size = stackalloc ushort[4];
        return Ioctl(StandardError, OperatingSystem.IsMacOS() ? RequestMac : RequestLinux, ref size[0]) == 0 ? Usable(size[0], size[1]) : null;
    }

    /// <summary>A terminal that a program made may state a width and no rows, and a live line with no row to be in ends the process.</summary>
    public static (int Width, int Height)? Usable(int rows, int columns) => columns == 0 ? null : (columns, rows > 0 ? rows : UsualHeight);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, ref ushort size);
}
