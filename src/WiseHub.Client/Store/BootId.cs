using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32;

namespace WiseHub.Client.Store;

/// <summary>
/// An id that changes with each start of this machine. Bytes written and not synced before the current start may be lost.
/// </summary>
internal static partial class BootId
{
    private const string LinuxFile = "/proc/sys/kernel/random/boot_id";

    // A UUID as text is 36 characters and a zero.
    private const int UuidBytes = 37;

    /// <summary>Letters, digits and dots.</summary>
    public static string Read()
    {
        string text = OperatingSystem.IsLinux() && File.Exists(LinuxFile) ? File.ReadAllText(LinuxFile)
            : OperatingSystem.IsMacOS() && ReadMac() is string session ? session
            : OperatingSystem.IsWindows() ? $"{EstimateFromClock()}.{ReadWindows()}"
            : EstimateFromClock();
        return string.Concat(text.Where(char.IsAsciiLetterOrDigit));
    }

    /// <summary>
    /// The minute of the last start, for systems without a boot id. Setting the clock changes it without a restart, which costs
    /// one needless hashing. Two starts within a minute look like one.
    /// </summary>
    private static string EstimateFromClock() =>
        DateTime.UtcNow.AddMilliseconds(-Environment.TickCount64).AddSeconds(30)
            .ToString("yyyyMMddHHmm", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Windows counts its starts, but not in every edition. So the count only separates two starts within the same minute.
    /// </summary>
    [SupportedOSPlatform("windows")]
    private static string? ReadWindows() =>
        Registry.GetValue(@"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory "
            + @"Management\PrefetchParameters", "BootId", null)?.ToString();

    private static string? ReadMac()
    {
        Span<byte> text = stackalloc byte[UuidBytes];
        nuint length = UuidBytes;
        return Sysctl("kern.bootsessionuuid", ref text[0], ref length, 0, 0) == 0 ? Encoding.ASCII.GetString(text)
            .TrimEnd('\0') : null;
    }

    [LibraryImport("libc", EntryPoint = "sysctlbyname", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Sysctl(string name, ref byte value, ref nuint length, nint newValue, nuint newLength);
}
