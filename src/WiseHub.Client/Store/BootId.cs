using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32;

namespace WiseHub.Client.Store;

/// <summary>
/// A text that is another one after each start of this machine: what was written and not synced before it may be lost.
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
    /// The minute of the start, for systems that have no id of it. When the clock is set it changes without a start, which costs
    /// one hashing too many; two starts within a minute are taken for one.
    /// </summary>
    private static string EstimateFromClock() =>
        DateTime.UtcNow.AddMilliseconds(-Environment.TickCount64).AddSeconds(30)
            .ToString("yyyyMMddHHmm", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Windows counts its starts, but not on every edition: so it only tells apart two starts that the clock takes for one.
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
