using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Doctor;

/// <summary>The messages of <c>wisehub doctor</c>.</summary>
internal static class DoctorMessages
{
    // Names in one line; the rest is a number.
    private const int MostNames = 5;

    public const string InstallSdk =
        "restore, update and verify need the .NET SDK 10.0.100 or later. Install it, and put it on PATH.";

    public const string MoveCache = "Set WISEHUB_CACHE to a folder that you can write to.";

    public const string MakeSpace =
        "Free some space, or set WISEHUB_CACHE to a folder on another disk. 'wisehub cache prune' helps.";

    public const string NoLinks =
        "Builds copy the files. A cache on the disk of the projects, or a file system with clones, saves space.";

    public const string MakeFolder = "Create the folder, or correct its path.";

    public const string SetClock = "Synchronise the clock: buckets refuse signed requests, and tokens seem to have expired.";

    public const string AddMirror = "Declare a mirror (docs/mirrors.md), or name a second hub in the reference.";

    public const string AllHaveTwo = "each model of the lock file has a second hub or a mirror";

    public static string Tool(string version, bool isNative, string system, string runtime) =>
        $"{version}, {(isNative ? $"native, {system}" : $"managed, {system}, {runtime}")}";

    public static string NoSdk(string dotnet) => $"'{dotnet} --version' failed here";

    public static string CacheNotThere(string root, string origin) => $"{root} ({origin}); the first download creates it";

    public static string Free(long bytes, string folder) => $"{ByteSize.Show(bytes)} free at {folder}";

    public static string Links(bool clone, bool hard, bool symbolic) =>
        $"clones: {Word(clone)}, hard links: {Word(hard)}, symbolic links: {Word(symbolic)}";

    public static string Configuration(string? project, string? user, string defaultHub) =>
        (project is null && user is null ? "no wisehub.json; built-in hubs only" : string.Join(" over ",
            ((string?[])[project, user]).OfType<string>().Distinct())) + $"; the default hub is '{defaultHub}'";

    public static string LockFile(string path, int entries) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}, {entries} model{(entries == 1 ? "" : "s")}");

    public static string NoLockFile(string path) => $"{path} does not exist";

    public static string Folder(string? path, string source, bool exists) => path is null ? $"no place, from {source}"
        : $"{path}, from {source}{(exists ? "" : "; this folder does not exist")}";

    // Without user, password and query.
    public static string Place(Uri endpoint, string source) => $"{Bare(endpoint)}, from {source}";

    public static string NotAsked(string place) => $"{place}; not asked (--offline)";

    public static string Answered(string place, HubProbe probe) => string.Create(CultureInfo.InvariantCulture,
        $"{place}; answered {probe.Status} in {probe.Elapsed.TotalSeconds:0.0} s");

    public static string Skew(TimeSpan skew) => string.Create(CultureInfo.InvariantCulture,
        $"this machine's clock is {Math.Abs(skew.TotalMinutes):0} minutes {(skew > TimeSpan.Zero ? "ahead" : "behind")}");

    public static string Token(string? source, string variable) =>
        source is null ? $"none ({variable} is not set)" : $"from {source}";

    public static string Proxy(string variable, string value) => variable.StartsWith("no", StringComparison.OrdinalIgnoreCase)
        ? $"{variable} is {value}"
        // "proxy:3128" is also a URL, with the scheme "proxy".
        : Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value, UriKind.Absolute,
            out Uri? proxy) ? $"{variable} is {Bare(proxy)}" : $"{variable} is set, but is not a URL";

    public static string SingleHomed(string hub, IReadOnlyList<string> repos) => string.Create(CultureInfo.InvariantCulture,
        $"only '{hub}' has {string.Join(", ", repos.Take(MostNames))}")
        + (repos.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {repos.Count - MostNames} more") : "");

    private static string Bare(Uri uri) =>
        uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        .TrimEnd('/');

    private static string Word(bool can) => can ? "yes" : "no";
}
