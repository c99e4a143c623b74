using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>What MSBuild says about a project without building it.</summary>
internal sealed class ProjectEvaluation
{
    private static readonly string[] Properties =
        ["WiseHubEnabled", "WiseDefaultHub", "WiseHubConfigFile", "ManagePackageVersionsCentrally", "DirectoryPackagesPropsPath"];

    private readonly Dictionary<string, string> _properties = new(StringComparer.Ordinal);
    private readonly HashSet<string> _packages = new(StringComparer.OrdinalIgnoreCase),
        _versions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The configuration file that the restore of the project reads.</summary>
    public required string? ConfigFile { get; init; }

    /// <summary>The hub of references without a hub; null for that of the configuration.</summary>
    public string? DefaultHub => Text("WiseDefaultHub");

    /// <summary>The project has the package, or imports its targets in another way.</summary>
    public bool UsesWiseHub => Text("WiseHubEnabled") is not null || _packages.Contains(ProjectMessages.Package);

    /// <summary>The file with the versions of packages; null if each project has its own.</summary>
    public string? VersionsFile =>
        bool.TryParse(Text("ManagePackageVersionsCentrally"), out bool isCentral) && isCentral
            ? Text("DirectoryPackagesPropsPath") : null;

    /// <summary>The file with the versions of packages has that of WiseHub.Build.</summary>
    public bool HasVersion => _versions.Contains(ProjectMessages.Package);

    /// <exception cref="HubException">WISE1001: there is no SDK. WISE1089: the project cannot be evaluated.</exception>
    public static async Task<ProjectEvaluation> OfAsync(string project, CancellationToken cancel)
    {
        (int exit, string output) = await BuildCommand.CaptureAsync(
            ["msbuild", project, "-nologo", .. Properties.Select(p => "-getProperty:" + p),
                "-getItem:PackageReference", "-getItem:PackageVersion"], cancel).ConfigureAwait(false);
        if (exit != 0)
            throw ProjectMessages.NotEvaluated(project, output);
        try
        {
            using JsonDocument json = JsonDocument.Parse(output);
            JsonElement properties = json.RootElement.GetProperty("Properties"), items = json.RootElement.GetProperty("Items");
            string? config = properties.GetProperty("WiseHubConfigFile").GetString();
            var found = new ProjectEvaluation
            {
                ConfigFile = config is { Length: > 0 } ? config : HubConfig.FindUpward(Path.GetDirectoryName(project)!),
            };
            foreach (JsonProperty property in properties.EnumerateObject())
                found._properties[property.Name] = property.Value.GetString() ?? "";
            found._packages.UnionWith(Identities(items, "PackageReference"));
            found._versions.UnionWith(Identities(items, "PackageVersion"));
            return found;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw ProjectMessages.NotEvaluated(project, output, e);
        }
    }

    private string? Text(string property) => _properties.GetValueOrDefault(property)?.Trim()
        is { Length: > 0 } text ? text : null;

    private static IEnumerable<string> Identities(JsonElement items, string name) =>
        items.GetProperty(name).EnumerateArray().Select(i => i.GetProperty("Identity").GetString()!);
}
