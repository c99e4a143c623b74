using System.Collections.Frozen;

namespace WiseHub.Client.Inventory;

/// <summary>
/// Finds the SPDX identifiers of licences as hubs state them. Hugging Face writes them in lower case, and some under another
/// name (https://huggingface.co/docs/hub/repositories-licenses). The identifiers are those that CycloneDX accepts: the
/// enumeration of its <c>spdx.schema.json</c>, SPDX 3.29, in spdx-ids.txt.
/// </summary>
internal static class SpdxLicenses
{
    private const string Resource = "Inventory/spdx-ids.txt";

    private static readonly (string Stated, string Id)[] Renamed =
    [
        ("c-uda", "C-UDA-1.0"), ("lgpl-lr", "LGPLLR"), ("odbl", "ODbL-1.0"), ("odc-by", "ODC-By-1.0"), ("pddl", "PDDL-1.0"),
    ];

    private static readonly Lazy<FrozenDictionary<string, string>> Ids = new(Read);

    /// <summary>The identifier in its exact case; null for a licence without one.</summary>
    public static string? IdOf(string stated) => Ids.Value.GetValueOrDefault(stated.Trim());

    private static FrozenDictionary<string, string> Read()
    {
        using Stream resource = typeof(SpdxLicenses).Assembly.GetManifestResourceStream(Resource)!;
        using var lines = new StreamReader(resource);
        var ids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (lines.ReadLine() is string id)
            ids.Add(id, id);
        foreach ((string stated, string id) in Renamed)
            ids.Add(stated, id);
        return ids.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
