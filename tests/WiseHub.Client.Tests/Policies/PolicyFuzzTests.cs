using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A policy is read or refused, whatever is in the file: a rule that is not applied would only look safe.</summary>
public sealed class PolicyFuzzTests : IDisposable
{
    private static readonly byte[] Policy = Encoding.UTF8.GetBytes("""
        { "policy": { "mode": "warn", "hubs": ["huggingface", "team"], "repos": ["acme/*"],
          "licenses": { "allow": ["mit"], "deny": ["cc-by-nc*"], "unstated": "deny" },
          "formats": { "level": "strict", "allow": ["safetensors", "json"] },
          "maxFileSize": "5 GB", "maxReferenceSize": 1000, "pinned": true,
          "signatures": [{ "repos": ["acme/*"], "key": "keys/acme.pem" },
            { "repos": ["*"], "identity": "a@example.com", "issuer": "https://accounts.example.com" }],
          "trustRoot": "root.json" } }
        """);

    private static readonly byte[][] Words = [.. ((string[])["null", "true", "-1", "1e999", "\"\"", "{}", "[]", "[[[[",
        "\"*\"", "\"\\ud800\"", "99999999999999999999", "\"5 TB\"", "\"keys\":", "// "]).Select(Encoding.UTF8.GetBytes)];

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Any_policy_is_read_or_refused()
    {
        string file = _temp["wisehub.json"];
        MutatedInputs.Try([Policy], Words, input =>
        {
            File.WriteAllBytes(file, input);
            HubConfig.Load(file, TestEnvironment.Empty);
        }, code => code.StartsWith("WISE10", StringComparison.Ordinal));
    }
}
