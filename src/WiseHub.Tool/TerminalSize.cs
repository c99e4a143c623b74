using System.Runtime.InteropServices;

namespace WiseHub.Tool;

/// <summary>The size of the terminal behind standard error.</summary>
internal static partial class TerminalSize
{
    private const int StandardError = 2;

    // The height of a VT100 in terminfo.
    private const int UsualHeight = 24;

    // TIOCGWINSZ in asm-generic/ioctls.h.
    private const nuint Request = 0x5413;

    /// <summary>
    /// Null if it is unknown, and on systems other than Linux, where .NET's own answer is used. ioctl is variadic, and macOS on
    /// arm64 passes variadic arguments differently from the fixed ones declared here.
    /// </summary>
    public static (int Width, int Height)? OfStandardError()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<ushort> size = stackalloc ushort[4];
        return Ioctl(StandardError, Request, ref size[0]) == 0 ? Usable(size[0], size[1]) : null;
    }

    /// <summary>
    /// A pseudo terminal may state a width but no rows. The live line would fail on a terminal without rows, so it gets a usual
    /// height.
    /// </summary>
    public static (int Width, int Height)? Usable(int rows, int columns) =>
        columns == 0 ? null : (columns, rows > 0 ? rows : UsualHeight);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, ref ushort size);
}
