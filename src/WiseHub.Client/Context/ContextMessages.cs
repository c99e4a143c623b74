using System.Globalization;

namespace WiseHub.Client.Context;

/// <summary>The messages about the options of a client and its runs.</summary>
internal static class ContextMessages
{
    public static HubException MaxParallelDownloads(int value) => new(WiseCodes.InvalidValue,
        $"MaxParallelDownloads (WiseMaxParallelDownloads) is {value}; it must be 1 to 64.");

    public static HubException ConnectionsPerFile(int value) => new(WiseCodes.InvalidValue,
        $"ConnectionsPerFile (WiseConnectionsPerFile) is {value}; it must be 1 to 8.");

    public static HubException NotProbed(string hub, string reason) => new(WiseCodes.OfflineAndMissing,
        $"The hub '{hub}' was not asked: it has no URL, or the network must not be used ({reason}).");

    public static HubException ProbeTimeout(string hub, string url, TimeSpan timeout) => new(WiseCodes.HubUnreachable,
        $"The hub '{hub}' at {url} gave no response within {timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s. "
        + $"Check the network, the proxy and the URL.");

    public static HubException Retries(int? value) => new(WiseCodes.InvalidValue, $"Retries is {value}; it must be 1 to 100.");

    public static HubException StallTimeout(string text) => new(WiseCodes.InvalidValue,
        $"WISEHUB_STALL_TIMEOUT is '{text}'; it must be 1 to 86400 seconds.");

    public static HubException UseGitElsewhere(string hub, string protocol, IEnumerable<string> protocolsWithGit) =>
        new(WiseCodes.UseGitElsewhere,
            $"--use-git needs a hub that the local git can read, but the hub '{hub}' has the protocol '{protocol}'. "
            + $"Omit --use-git, or name a hub with \"protocol\": "
            + $"{string.Join((Text)$" or ", protocolsWithGit.Select(p => $"\"{p}\""))}.");

    /// <summary>The reason why a hub must not be contacted, in parentheses.</summary>
    public static Text OfflineBy(string variables) => $"WiseOffline, {variables}";

    /// <inheritdoc cref="OfflineBy"/>
    public static Text MirrorsOnlyIn(string? config) => $"\"mirrorsOnly\" in {config}";

    public static Text Fetched(string what, long bytes, TimeSpan elapsed) =>
        $"Fetched {what}, {ByteSize.Show(bytes)}, in {elapsed.TotalSeconds:0.0} s.";
}
