using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The <c>HGLOC_*</c> variables of a <c>.env</c> file, which stand behind those of the process. No other variable is read from
/// it: a file in a project's folder must not set what the rest of the product listens to.
/// </summary>
internal static class DotEnv
{
    public const string FileName = ".env", Prefix = "HGLOC_";

    /// <summary>The environment, and for what it lacks the file in a folder, read when first asked for.</summary>
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
            throw new HubException(WiseCodes.EnvFileUnreadable, $"{path} cannot be read: {e.Message} Correct it or its rights, "
                + "or set the HGLOC_* variables in the environment.", e)
            { File = path };
        }
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line[7..].TrimStart();
            if (!line.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            // What stands there may be a key: the line itself is not repeated.
            if (equals < 0 || Unquote(line[(equals + 1)..].Trim()) is not string value)
            {
                throw new HubException(WiseCodes.EnvFileUnreadable,
                    $"{path}({i + 1},1): this is not NAME=value, or a quotation mark is missing. Correct the line.")
                { File = path, Line = i + 1, Column = 1 };
            }
            values[line[..equals].TrimEnd()] = value;
        }
        return values;
    }

    // Quoted text as it is; else up to a comment, which begins with a space and '#'.
    private static string? Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'')
            return value.IndexOf(value[0], 1) is > 0 and int end ? value[1..end] : null;
        int comment = value.StartsWith('#') ? 0 : value.IndexOf(" #", StringComparison.Ordinal);
        return (comment < 0 ? value : value[..comment]).TrimEnd();
    }
}
