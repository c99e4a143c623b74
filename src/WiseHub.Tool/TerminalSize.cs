using System.Runtime.InteropServices;

namespace WiseHub.Tool;

/// <summary>The size of the terminal behind standard error.</summary>
internal static partial class TerminalSize
{
    private const int StandardError = 2;

    // Of a VT100, as terminfo has it.
    private const int UsualHeight = 24;

    // TIOCGWINSZ of asm-generic/ioctls.h.
    private const nuint Request = 0x5413;

    /// <summary>
    /// Null where it cannot be told, and elsewhere than on Linux, where .NET's own answer is used. ioctl takes a variable list of
    /// arguments, which on macOS for arm64 is passed otherwise than the fixed one that is declared here.
    /// </summary>
    public static (int Width, int Height)? OfStandardError()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<ushort> size = stackalloc ushort[4];
        return Ioctl(StandardError, Request, ref size[0]) == 0 ? Usable(size[0], size[1]) : null;
    }

    /// <summary>
    /// A terminal that a program made may state a width and no rows, and a live line with no row to be in ends the process.
    /// </summary>
    public static (int Width, int Height)? Usable(int rows, int columns) =>
        columns == 0 ? null : (columns, rows > 0 ? rows : UsualHeight);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, ref ushort size);
}
