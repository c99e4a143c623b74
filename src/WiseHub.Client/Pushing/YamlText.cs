using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace WiseHub.Client.Pushing;

/// <summary>
/// Writes text as YAML that means the same in YAML 1.1 and 1.2: pages of hubs read the latter, Python's libraries the former,
/// where <c>no</c> (Norwegian) is false and <c>12:30</c> is 750.
/// </summary>
internal static partial class YamlText
{
    private static readonly string[] Truths = ["true", "false", "yes", "no", "on", "off", "y", "n"];

    /// <summary>A value on one line: plain if every reader reads it as text, else in double quotes.</summary>
    public static string Write(string text) => Plain().IsMatch(text) && NotText(text) is null ? text : Quote(text);

    /// <summary>The type that readers give an unquoted value, or null for text.</summary>
    public static string? NotText(string plain) =>
        plain is "" or "~" || plain.Equals("null", StringComparison.OrdinalIgnoreCase) ? "nothing"
            : Truths.Contains(plain, StringComparer.OrdinalIgnoreCase) ? (Text)$"true or false"
            : Number().IsMatch(plain) ? (Text)$"a number"
            : Date().IsMatch(plain) ? (Text)$"a date" : null;

    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            // https://yaml.org/spec/1.2.2/#57-escaped-characters; some readers treat the last three as a line end or drop them.
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => char.IsControl(c) ? quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}") : quoted.Append(c),
            };
        }
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_./+-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^[-+]?(0[xX][0-9a-fA-F_]+|0o[0-7]+|0b[01_]+|[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?([eE][-+]?[0-9]+)?"
        + @"|\.[0-9_]+([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))$|^\.(nan|NaN|NAN)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Date();
}
