using System.Text.Json;

namespace WiseHub.Client.Hubs;

/// <summary>The object in <c>wisehub.json</c> that declares one hub. Errors name its line.</summary>
internal sealed class HubSection(StrictJson json, JsonElement value, string name, string file, Func<string, string?> environment)
{
    /// <summary>The name of the hub.</summary>
    public string Name { get; } = name;

    /// <summary>Says whether a key is present.</summary>
    public bool Has(string key) => value.TryGetProperty(key, out _);

    public string? Text(string key) => json.String(value, key);

    /// <summary>An http(s) URL.</summary>
    public Uri? Endpoint(string key) => Endpoint(value, key);

    /// <summary>The http(s) URLs of an object, by key.</summary>
    public Func<string, Uri?> Endpoints(string key, ReadOnlySpan<string> allowed)
    {
        if (!value.TryGetProperty(key, out JsonElement inner))
            return _ => null;
        json.OnlyKeys(inner, allowed);
        return k => Endpoint(inner, k);
    }

    /// <summary>A path that is relative to the folder of the file, or below the home folder with <c>~</c>.</summary>
    public string? Folder(string key) =>
        json.String(value, key) is string path ? UserPath.Resolve(path, Path.GetDirectoryName(file)!, environment) : null;

    public bool? Boolean(string key) => json.Boolean(value, key);

    /// <summary>True, false, or null for <c>"auto"</c> and for a missing key.</summary>
    public bool? BooleanOrAuto(string key)
    {
        if (!value.TryGetProperty(key, out JsonElement found)
            || (found.ValueKind == JsonValueKind.String && found.ValueEquals("auto")))
            return null;
        return found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean()
            : throw json.Wrong(HubMessages.NotBooleanOrAuto(key), found);
    }

    public long? Integer(string key) => json.Integer(value, key);

    /// <summary>1 to 86400 seconds.</summary>
    public TimeSpan? Seconds(string key) => json.Integer(value, key) is not long seconds ? null
        : seconds is > 0 and <= 86400 ? TimeSpan.FromSeconds(seconds)
        : throw Wrong(key, HubMessages.NotSeconds(key));

    /// <summary>One of the members of an enumeration, in any case.</summary>
    public T OneOf<T>(string key, T otherwise) where T : struct, Enum
    {
        if (json.String(value, key) is not string text)
            return otherwise;
        foreach (T member in Enum.GetValues<T>())
        {
            if (member.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return member;
        }
        throw Wrong(key, HubMessages.NotOneOf(key, text,
            Enum.GetNames<T>().Select(n => char.ToLowerInvariant(n[0]) + n[1..])));
    }

    /// <summary>The error for a wrong value of a key.</summary>
    public HubException Wrong(string key, string problem) => json.Wrong(problem, value.GetProperty(key));

    /// <summary>The error for a section with a missing key.</summary>
    public HubException Wrong(string problem) => json.Wrong(problem, value);

    private Uri? Endpoint(JsonElement from, string key) => json.String(from, key) is not string text ? null
        : Urls.ParseEndpoint(text)
        ?? throw json.Wrong(HubMessages.NotAnEndpoint(text), from.GetProperty(key));
}
