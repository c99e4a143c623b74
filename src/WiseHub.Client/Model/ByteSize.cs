using System.Globalization;

namespace WiseHub.Client;

/// <summary>Sizes for users: decimal units, as on hub pages and disks.</summary>
public static class ByteSize
{
    /// <summary>For example <c>512 B</c>, <c>1.2 MB</c>.</summary>
    public static string Show(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "kB", "MB", "GB", "TB"];
        double value = bytes;
        int unit = 0;
        for (; value >= 1000 && unit < units.Length - 1; unit++)
            value /= 1000;
        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
