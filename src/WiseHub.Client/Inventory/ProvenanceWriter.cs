using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client.Inventory;

/// <summary>
/// Writes an in-toto statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) with the predicate
/// https://slsa.dev/provenance/v1, as one line.
/// </summary>
internal sealed class ProvenanceWriter(Stream output)
{
    /// <summary>What the parameters of a build mean is said there.</summary>
    public const string BuildType = "https://github.com/wisehub/WiseHub.Build/blob/main/docs/bom.md#provenance";

    /// <summary>The builder is whoever runs the build; this names what wrote the statement.</summary>
    public const string Builder = "https://github.com/wisehub/WiseHub.Build";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(BillOfMaterials bill, IEnumerable<ProgramFile> files)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("_type", "https://in-toto.io/Statement/v1");
        json.WriteStartArray("subject");
        foreach (ProgramFile file in files)
        {
            json.WriteStartObject();
            json.WriteString("name", Unicode.Repair(file.Name));
            WriteDigest(json, "sha256", file.Sha256.Hex);
            json.WriteEndObject();
            CycloneDxWriter.FlushIfLarge(json);
        }
        json.WriteEndArray();
        json.WriteString("predicateType", "https://slsa.dev/provenance/v1");
        json.WriteStartObject("predicate");
        WriteBuild(json, bill);
        WriteRun(json, bill);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static void WriteBuild(Utf8JsonWriter json, BillOfMaterials bill)
    {
        json.WriteStartObject("buildDefinition");
        json.WriteString("buildType", BuildType);
        json.WriteStartObject("externalParameters");
        if (bill.Program is BillProgram program)
        {
            json.WriteString("program", Unicode.Repair(program.Name));
            if (program.Version is { Length: > 0 } version)
                json.WriteString("version", Unicode.Repair(version));
        }
        json.WriteEndObject();
        json.WriteStartObject("internalParameters");
        json.WriteEndObject();
        json.WriteStartArray("resolvedDependencies");
        foreach (BillEntry entry in bill.Entries)
        {
            json.WriteStartObject();
            json.WriteString("uri", entry.Purl);
            // A commit of git, of a store (the sha256 of its file list), or the sha256 of a file with a URL.
            if (CommitId.IsCommit(entry.Commit))
                WriteDigest(json, CommitId.IsGitId(entry.Commit) ? "gitCommit" : "sha256", entry.Commit);
            json.WriteEndObject();
            WriteFiles(json, entry);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, BillEntry entry)
    {
        foreach (BillFile file in entry.Files)
        {
            json.WriteStartObject();
            json.WriteString("name", Unicode.Repair(file.Path));
            json.WriteString("uri", entry.Address.FileUrl(file.Path)?.AbsoluteUri
                ?? $"{entry.Purl}#{PackageUrl.EscapePath(file.Path)}");
            if (file.Sha256 is Digest digest)
                WriteDigest(json, "sha256", digest.Hex);
            json.WriteEndObject();
            CycloneDxWriter.FlushIfLarge(json);
        }
    }

    private static void WriteRun(Utf8JsonWriter json, BillOfMaterials bill)
    {
        json.WriteStartObject("runDetails");
        json.WriteStartObject("builder");
        json.WriteString("id", Builder);
        json.WriteStartObject("version");
        json.WriteString(CycloneDxWriter.ToolName, CycloneDxWriter.ToolVersion);
        json.WriteEndObject();
        json.WriteEndObject();
        if (bill.Time is DateTimeOffset time)
        {
            json.WriteStartObject("metadata");
            json.WriteString("finishedOn",
                time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteDigest(Utf8JsonWriter json, string algorithm, string hex)
    {
        json.WriteStartObject("digest");
        json.WriteString(algorithm, hex);
        json.WriteEndObject();
    }
}
