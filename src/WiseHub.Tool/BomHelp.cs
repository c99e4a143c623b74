namespace WiseHub.Tool;

/// <summary>The help texts of <c>wisehub bom</c>.</summary>
internal static class BomHelp
{
    public static Text Bom => $"Lists the models in a program as CycloneDX.";
    public static Text Subject => $"A project or solution, a folder with one, or owner/name of a repo. Default: the working "
        + $"directory.";
    public static Text Output => $"The file to write. Default: standard output.";
    public static Text Merge => $"A CycloneDX JSON file of another tool. The result is that file with the models added.";
    public static Text Lock => $"A wise.lock.json in place of a project: all of its entries are listed.";
    public static Text Provenance => $"Also write an in-toto statement about the files of --published to this file.";
    public static Text Published => $"The folder with the published program, for --provenance.";
}
