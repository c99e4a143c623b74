using System.Text.Json;

namespace WiseHub.Client.Hubs;

/// <summary>What a hub states about a commit besides its files.</summary>
/// <param name="License">Identifiers of licences as the hub writes them; empty if none is stated.</param>
/// <param name="Gate">
/// How the hub lets users in, for example <c>auto</c> or <c>manual</c>; null for a repo that needs no request.
/// </param>
internal sealed record CommitFacts(IReadOnlyList<string> License, string? Gate)
{
    private const int LongestGate = 32;

    /// <summary>Reads the model info of the Hugging Face protocol, whose card data is that of the commit.</summary>
    public static CommitFacts Read(JsonElement info)
    {
        info.TryGetProperty("cardData", out JsonElement card);
        return new CommitFacts(
            CardFacts.LicenseOf(Texts(card, "license"), StrictJson.Text(card, "license_name")), GateOf(info));
    }

    private static string? GateOf(JsonElement info) =>
        StrictJson.Text(info, "gated") is { Length: > 0 and <= LongestGate } gate && gate.All(char.IsAsciiLetterOrDigit)
            ? gate : null;

    private static IReadOnlyList<string> Texts(JsonElement card, string key)
    {
        if (StrictJson.Text(card, key) is string one)
            return [one];
        return card.ValueKind == JsonValueKind.Object && card.TryGetProperty(key, out JsonElement list)
            && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(StrictJson.Text).OfType<string>()] : [];
    }
}
