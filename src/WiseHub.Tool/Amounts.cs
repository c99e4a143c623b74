using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>Durations and sizes as written on a command line, <c>30d</c> and <c>20GB</c>, and amounts as shown.</summary>
internal static class Amounts
{
    /// <summary>For example <c>3 files, 1.2 MB</c>.</summary>
    public static string Show(int files, long size) => $"{FileCount.Show(files)}, {ByteSize.Show(size)}";

    /// <summary>For example <c>3 hours ago</c>; times are known to the hour.</summary>
    public static Text Ago(TimeSpan age)
    {
        (int count, Text one, Text several) = age.TotalDays switch
        {
            < 1 => ((int)age.TotalHours, (Text)$"1 hour ago", (Text)$"{(int)age.TotalHours} hours ago"),
            < 14 => ((int)age.TotalDays, (Text)$"1 day ago", (Text)$"{(int)age.TotalDays} days ago"),
            < 60 => ((int)age.TotalDays / 7, (Text)$"1 week ago", (Text)$"{(int)age.TotalDays / 7} weeks ago"),
            < 730 => ((int)age.TotalDays / 30, (Text)$"1 month ago", (Text)$"{(int)age.TotalDays / 30} months ago"),
            _ => ((int)age.TotalDays / 365, (Text)$"1 year ago", (Text)$"{(int)age.TotalDays / 365} years ago"),
        };
        // Less than an hour, and the clock that was changed in between.
        return count <= 0 ? (Text)$"within 1 hour" : count == 1 ? one : several;
    }

    /// <summary>A whole number of hours, days or weeks.</summary>
    public static TimeSpan? ReadAge(string text)
    {
        double? hours = text.Length < 2 ? null : text[^1] switch { 'h' => 1, 'd' => 24, 'w' => 7 * 24, _ => null };
        // At most 100 years: a longer age would be before the first date of the calendar.
        return hours is double unit
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count * unit <= 876_000
            ? TimeSpan.FromHours(count * unit) : null;
    }

    /// <summary>A number of bytes with a decimal unit (kB, MB, GB, TB) or a binary one (KiB, MiB, GiB, TiB).</summary>
    public static long? ReadSize(string text)
    {
        int digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        double? unit = text[digits..].Trim().ToUpperInvariant() switch
        {
            "B" => 1,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            "KIB" => 1L << 10,
            "MIB" => 1L << 20,
            "GIB" => 1L << 30,
            "TIB" => 1L << 40,
            _ => null,
        };
        return unit is double bytes && double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out double count) && count * bytes < 1e18
            ? (long)(count * bytes) : null;
    }
}
