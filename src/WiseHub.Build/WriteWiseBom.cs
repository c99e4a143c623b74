using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Writes the list of the models in a published program, and its provenance. It uses no network, and reads no lock entry that
/// the project does not use.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class WriteWiseBom : ReferenceTask
{
    /// <summary>The name of the program.</summary>
    [Required]
    public string ProgramName { get; set; } = "";

    /// <summary>The version of the program.</summary>
    public string ProgramVersion { get; set; } = "";

    /// <summary>The CycloneDX file to write; empty for none.</summary>
    public string BomFile { get; set; } = "";

    /// <summary>A CycloneDX file of another tool, to which the models are added; empty for none.</summary>
    public string MergeFile { get; set; } = "";

    /// <summary>The in-toto statement to write; empty for none.</summary>
    public string ProvenanceFile { get; set; } = "";

    /// <summary>Absolute path of the publish folder, whose files the statement is about.</summary>
    [Required]
    public string PublishDirectory { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is not List<ModelItem> models)
            return;
        BillOfMaterials bill =
            client.DescribeMaterials(LockedEntries(models, client), new BillProgram(ProgramName, ProgramVersion));
        if (BomFile.Length > 0)
        {
            string file = Absolute(BomFile);
            if (MergeFile.Length > 0)
                bill.MergeFile(Absolute(MergeFile), file);
            else
                bill.WriteFile(file);
            log.Info(file);
        }
        if (ProvenanceFile.Length > 0)
            bill.WriteProvenanceFile(Absolute(PublishDirectory), Absolute(ProvenanceFile), cancel);
    }
}
