using WiseHub.Client;

namespace WiseHub.Extensions.Hosting;

/// <summary>The messages of this package.</summary>
internal static class HostingMessages
{
    public static HubException UnknownModel(string alias, IEnumerable<string> known) => new(WiseCodes.UnknownModel,
        $"The host has no model '{alias}'. It has {string.Join(", ", known)}. Add it with "
        + $"services.AddWiseModels(WiseModels.<alias>.Model).");

    public static HubException NotABoolean(string key, string text) => new(WiseCodes.InvalidValue,
        $"The configuration has '{text}' for {key}; it must be true or false.");

    public static Text TwoModels(string alias) =>
        $"Two different models have the alias '{alias}'. Give one of the references another Alias.";

    public static Text NoPause => $"FirstPause and LongestPause must be more than zero, and LongestPause not less than "
        + $"FirstPause.";

    public static Text AllThere(int models) => models == 1
        ? (Text)$"The model is there." : (Text)$"All {models} models are there.";

    public static Text NotThere(IEnumerable<string> models) => $"Not there yet: {string.Join(", ", models)}.";
}
