using System.Globalization;

namespace WiseHub.Client;

/// <summary>Sizes for users: decimal units, as on hub pages and disks.</summary>
public static class ByteSize
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");

    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>For example <c>512 B</c>, <c>1.2 MB</c>.</summary>
    public static string Show(long bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1000;
        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>Reads such a text, also without the space and in any case.</summary>
    internal static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        if (text is null)
            return false;
        int digits = text.AsSpan().IndexOfAnyExcept(Digits);
        if (digits < 1 || !decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out decimal value))
            return false;
        int unit = Array.FindIndex(Units, u => text.AsSpan(digits).Trim().Equals(u, StringComparison.OrdinalIgnoreCase));
        // Step by step, because a product of all steps may be more than a decimal can be.
        for (int i = 0; i < unit && value <= long.MaxValue; i++)
            value *= 1000;
        if (unit < 0 || value > long.MaxValue)
            return false;
        bytes = (long)value;
        return true;
    }
}
