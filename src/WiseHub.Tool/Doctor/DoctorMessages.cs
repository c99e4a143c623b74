using WiseHub.Client;

namespace WiseHub.Tool.Doctor;

/// <summary>The messages of <c>wisehub doctor</c>.</summary>
internal static class DoctorMessages
{
    // Names in one line; the rest is a number.
    private const int MostNames = 5;

    public static Text InstallSdk =>
        $"restore, update and verify need the .NET SDK 10.0.100 or later. Install it, and put it on PATH.";

    public static Text MoveCache => $"Set WISEHUB_CACHE to a folder that you can write to.";

    public static Text MakeSpace =>
        $"Free some space, or set WISEHUB_CACHE to a folder on another disk. 'wisehub cache prune' helps.";

    public static Text NoLinks =>
        $"Builds copy the files. A cache on the disk of the projects, or a file system with clones, saves space.";

    public static Text MakeFolder => $"Create the folder, or correct its path.";

    public static Text SetClock => $"Synchronise the clock: buckets refuse signed requests, and tokens seem to have expired.";

    public static Text AddMirror => $"Declare a mirror (docs/mirrors.md), or name a second hub in the reference.";

    public static Text AllHaveTwo => $"each model of the lock file has a second hub or a mirror";

    public static Text Tool(string version, bool isNative, string system, string runtime) =>
        $"{version}, {(isNative ? (Text)$"native, {system}" : (Text)$"managed, {system}, {runtime}")}";

    public static Text NoSdk(string dotnet) => $"'{dotnet} --version' failed here";

    public static Text CacheNotThere(string root, string origin) => $"{root} ({origin}); the first download creates it";

    public static Text Free(long bytes, string folder) => $"{ByteSize.Show(bytes)} free at {folder}";

    public static Text Links(bool clone, bool hard, bool symbolic) =>
        $"clones: {Word(clone)}, hard links: {Word(hard)}, symbolic links: {Word(symbolic)}";

    public static Text Configuration(string? project, string? user, string defaultHub) =>
        project is null && user is null ? Text.Of($"no wisehub.json; built-in hubs only; the default hub is '{defaultHub}'")
            : project is null || user is null || project == user
                ? Text.Of($"{project ?? user}; the default hub is '{defaultHub}'")
                : Text.Of($"{project} over {user}; the default hub is '{defaultHub}'");

    public static Text LockFile(string path, int entries) =>
        entries == 1 ? (Text)$"{path}, 1 model" : (Text)$"{path}, {entries} models";

    public static Text NoLockFile(string path) => $"{path} does not exist";

    public static string Folder(string? path, string source, bool exists) => path is null ? (Text)$"no place, from {source}"
        : (Text)$"{path}, from {source}{(exists ? "" : (Text)$"; this folder does not exist")}";

    // Without user, password and query.
    public static Text Place(Uri endpoint, string source) => $"{Bare(endpoint)}, from {source}";

    public static Text NotAsked(string place) => $"{place}; not asked (--offline)";

    public static Text Answered(string place, HubProbe probe) =>
        $"{place}; answered {probe.Status} in {probe.Elapsed.TotalSeconds:0.0} s";

    public static Text Skew(TimeSpan skew) => skew > TimeSpan.Zero
        ? (Text)$"this machine's clock is {skew.TotalMinutes:0} minutes ahead"
        : (Text)$"this machine's clock is {-skew.TotalMinutes:0} minutes behind";

    public static Text Token(string? source, string variable) =>
        source is null ? (Text)$"none ({variable} is not set)" : (Text)$"from {source}";

    public static Text Proxy(string variable, string value) => variable.StartsWith("no", StringComparison.OrdinalIgnoreCase)
        ? (Text)$"{variable} is {value}"
        // "proxy:3128" is also a URL, with the scheme "proxy".
        : Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value, UriKind.Absolute,
            out Uri? proxy) ? (Text)$"{variable} is {Bare(proxy)}" : (Text)$"{variable} is set, but is not a URL";

    public static Text SingleHomed(string hub, IReadOnlyList<string> repos)
    {
        string names = string.Join(", ", repos.Take(MostNames));
        return repos.Count > MostNames ? (Text)$"only '{hub}' has {names} and {repos.Count - MostNames} more"
            : (Text)$"only '{hub}' has {names}";
    }

    private static string Bare(Uri uri) =>
        uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        .TrimEnd('/');

    private static Text Word(bool can) => can ? (Text)$"yes" : (Text)$"no";
}
