using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Keeps this package out of the dependencies of a packed library. NuGet does so by itself only if the reference has
/// <c>PrivateAssets="all"</c>, which <c>dotnet add package</c> writes and people forget. Pack reads the dependencies from the
/// assets file of the restore, so it gets a copy of that file.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class HideWisePackage : WiseTask
{
    private const string PackageName = "WiseHub.Build";

    // https://learn.microsoft.com/nuget/reference/nuget-client-sdk: the key that PrivateAssets becomes.
    private const string Key = "suppressParent";

    /// <summary>Absolute path of the folder with <c>project.assets.json</c>.</summary>
    [Required]
    public string RestoreFolder { get; set; } = "";

    /// <summary>Absolute path of the folder for the copy.</summary>
    [Required]
    public string CopyFolder { get; set; } = "";

    /// <summary>The folder that pack reads: the copy, or the original if nothing is to be hidden.</summary>
    [Output]
    public string UsedFolder { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        const string Name = "project.assets.json";
        UsedFolder = RestoreFolder;
        string original = Path.Combine(RestoreFolder, Name);
        if (!File.Exists(original) || JsonNode.Parse(File.ReadAllBytes(original)) is not JsonNode assets)
            return;
        bool isChanged = false;
        foreach (JsonNode? framework in assets["project"]?["frameworks"]?.AsObject().Select(f => f.Value) ?? [])
        {
            // A user who names PrivateAssets has decided.
            if (framework?["dependencies"]?[PackageName] is JsonObject reference && !reference.ContainsKey(Key))
            {
                reference[Key] = "All";
                isChanged = true;
            }
        }
        if (!isChanged)
            return;
        GeneratedText.Write(Path.Combine(CopyFolder, Name), JsonSerializer.SerializeToUtf8Bytes(assets));
        UsedFolder = CopyFolder;
    }
}
