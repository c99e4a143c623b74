using System.Runtime.InteropServices;

namespace WiseHub.Tool;

/// <summary>The size of the terminal behind standard error.</summary>
internal static partial class TerminalSize
{
    private const int StandardError = 2;

    // TIOCGWINSZ of asm-generic/ioctls.h and of macOS's sys/ttycom.h.
    private const nuint RequestLinux = 0x5413, RequestMac = 0x40087468;

    /// <summary>Null where it cannot be told, as on Windows, where .NET's own answer is right.</summary>
    public static (int Width, int Height)? OfStandardError()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return null;
        Span<ushort> size = stackalloc ushort[4];
        return Ioctl(StandardError, OperatingSystem.IsMacOS() ? RequestMac : RequestLinux, ref size[0]) == 0 && size[1] > 0 ? (size[1], size[0]) : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int file, nuint request, ref ushort size);
}
