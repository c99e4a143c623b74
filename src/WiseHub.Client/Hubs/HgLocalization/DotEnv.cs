using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The <c>HGLOC_*</c> variables of a <c>.env</c> file; those of the process take precedence. No other variable is read from the
/// file: a file in a project's folder must not configure the rest of the product.
/// </summary>
internal static class DotEnv
{
    public const string FileName = ".env", Prefix = "HGLOC_";

    /// <summary>The environment, with the file of a folder as fallback, which is read on first use.</summary>
    public static Func<string, string?> Under(Func<string, string?> environment, string folder)
    {
        string path = Path.Combine(folder, FileName);
        var file = new Lazy<Dictionary<string, string>>(() => Read(path));
        return name => environment(name) is { Length: > 0 } value || !name.StartsWith(Prefix, StringComparison.Ordinal)
            ? environment(name) : file.Value.GetValueOrDefault(name);
    }

    /// <exception cref="HubException">WISE1038.</exception>
    private static Dictionary<string, string> Read(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] lines;
        try
        {
            if (!File.Exists(path))
                return values;
            lines = ContendedFiles.OfSystem.ReadText(path,
                new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)).Split('\n');
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e) || e is DecoderFallbackException)
        {
            throw HgMessages.EnvFileUnreadable(path, e);
        }
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line[7..].TrimStart();
            if (!line.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || Unquote(line[(equals + 1)..].Trim()) is not string value)
                throw HgMessages.MalformedEnvLine(path, i + 1);
            values[line[..equals].TrimEnd()] = value;
        }
        return values;
    }

    // Quoted text is taken unchanged; other text ends at a comment, which begins with a space and '#'.
    private static string? Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'')
            return value.IndexOf(value[0], 1) is > 0 and int end ? value[1..end] : null;
        int comment = value.StartsWith('#') ? 0 : value.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? value : value[..comment]).TrimEnd();
    }
}
