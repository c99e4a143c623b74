using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.TestHubHost;

/// <summary>Reads a fault script: a JSON array of rules, of which the first that matches a request applies.</summary>
internal static class FaultFile
{
    private static readonly string[] Common = ["path", "fault", "times", "method", "origin"];

    public static List<(string PathContains, Fault Fault, int Times, string? Method, string? Origin)> Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json,
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new UsageException("--faults: the file must hold a JSON array of rules.");
        return [.. document.RootElement.EnumerateArray().Select((r, i) => new Rule(r, i + 1).Read())];
    }

    private sealed class Rule(JsonElement json, int number)
    {
        private readonly HashSet<string> _used = [.. Common];

        public (string, Fault, int, string?, string?) Read()
        {
            if (json.ValueKind != JsonValueKind.Object)
                throw Wrong("must be an object");
            string kind = Text("fault") ?? throw Wrong("needs \"fault\"");
            Fault fault = kind switch
            {
                "status" => new Fault.Status((int)Number("code"), Text("retryAfter"), Text("errorCode"),
                    Text("errorMessage"), Text("body")),
                "delay" => new Fault.Delay(Seconds("seconds")),
                "cutAfter" => new Fault.CutAfter(Number("bytes")),
                "stall" => new Fault.Stall(Number("afterBytes"), Seconds("seconds")),
                "throttle" => new Fault.Throttle(Number("bytesPerSecond")),
                "ignoreRange" => new Fault.IgnoreRange(),
                "rangeNotSatisfiable" => new Fault.RangeNotSatisfiable(),
                "wrongRange" => new Fault.WrongRange(Number("shift")),
                "wrongBytes" => new Fault.WrongBytes(Number("at")),
                "wrongLength" => new Fault.WrongLength(Number("delta")),
                "gzip" => new Fault.Gzip(),
                "expiredUrl" => new Fault.ExpiredUrl(),
                "redirectTo" => new Fault.RedirectTo(Target(), (int)Number("code", 302)),
                "omitHeaders" => new Fault.OmitHeaders(Names()),
                _ => throw Wrong($"has an unknown fault \"{kind}\""),
            };
            if (json.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !_used.Contains(n)) is string unknown)
                throw Wrong($"has \"{unknown}\", which \"{kind}\" does not know");
            bool isAlways = json.TryGetProperty("times", out JsonElement times) && times.ValueKind == JsonValueKind.String
                && times.GetString() == "always";
            return (Text("path") ?? "", fault, isAlways ? int.MaxValue : (int)Number("times", 1), Text("method"), Text("origin"));
        }

        private UsageException Wrong(string what) => new($"--faults: rule {number} {what}.");

        private string? Text(string key)
        {
            _used.Add(key);
            return !json.TryGetProperty(key, out JsonElement value) ? null : value.ValueKind == JsonValueKind.String
                ? value.GetString() : throw Wrong($"needs a string as \"{key}\"");
        }

        private long Number(string key, long? fallback = null)
        {
            _used.Add(key);
            return !json.TryGetProperty(key, out JsonElement value) ? fallback ?? throw Wrong($"needs \"{key}\"")
                : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number
                : throw Wrong($"needs a whole number as \"{key}\"");
        }

        private TimeSpan Seconds(string key)
        {
            _used.Add(key);
            return json.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number
                ? TimeSpan.FromSeconds(value.GetDouble())
                : throw Wrong($"needs a number as \"{key}\"");
        }

        private Uri Target() => Uri.TryCreate(Text("target"), UriKind.RelativeOrAbsolute, out Uri? target) ? target
            : throw Wrong("needs an address as \"target\"");

        private string[] Names()
        {
            _used.Add("names");
            return json.TryGetProperty("names", out JsonElement names) && names.ValueKind == JsonValueKind.Array
                ? [.. names.EnumerateArray().Select(n => n.ToString())]
                : throw Wrong("needs an array as \"names\"");
        }
    }
}
