using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>The languages of texts for people, and their translations, which are read when the first text needs them.</summary>
internal static class Languages
{
    /// <summary>
    /// The environment variable that names the language: <c>en</c>, <c>zh</c>, or a culture such as <c>zh_CN.UTF-8</c>.
    /// </summary>
    public const string Variable = "WISEHUB_LANG";

    public const string English = "en";

    public const string Chinese = "zh";

    private static readonly Lock Guard = new();
    private static readonly List<Assembly> Assemblies = [typeof(Languages).Assembly];
    private static Dictionary<string, string>? _chinese;

    /// <summary>
    /// The language now. It is asked for each text, because the nodes of MSBuild live longer than the environment of a build, and
    /// a server may have another culture for each request.
    /// </summary>
    public static string Current() =>
        Known(Environment.GetEnvironmentVariable(Variable)) ?? Known(CultureInfo.CurrentUICulture.Name) ?? English;

    /// <summary>
    /// The language of a culture's name, as .NET (<c>zh-Hans-CN</c>) or POSIX (<c>zh_CN.UTF-8</c>) writes it; else null.
    /// </summary>
    public static string? Known(string? culture)
    {
        foreach (string language in (ReadOnlySpan<string>)[English, Chinese])
        {
            if (culture is not null && culture.StartsWith(language, StringComparison.OrdinalIgnoreCase)
                && (culture.Length == language.Length || culture[language.Length] is '-' or '_' or '.' or '@'))
                return language;
        }
        return null;
    }

    public static string? Translate(string language, string key) =>
        language == Chinese && (Volatile.Read(ref _chinese) ?? Read()).TryGetValue(key, out string? translated)
            ? translated : null;

    public static void Add(Assembly assembly)
    {
        lock (Guard)
        {
            if (Assemblies.Contains(assembly))
                return;
            Assemblies.Add(assembly);
            _chinese = null;
        }
    }

    private static Dictionary<string, string> Read()
    {
        lock (Guard)
        {
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (Assembly assembly in Assemblies)
            {
                using Stream? stream = assembly.GetManifestResourceStream($"Localization/{Chinese}.json");
                if (stream is null)
                    continue;
                using JsonDocument document = JsonDocument.Parse(stream);
                foreach (JsonProperty text in document.RootElement.EnumerateObject())
                    texts[text.Name] = text.Value.GetString()!;
            }
            return _chinese = texts;
        }
    }
}
