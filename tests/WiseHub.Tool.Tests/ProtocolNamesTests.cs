using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>The commands of a protocol are in its folder, and only <c>ProtocolCommands</c> names it.</summary>
public sealed class ProtocolNamesTests
{
    // Folders below Hubs whose names are ordinary words, too: the program git, the store, a URL.
    private static readonly string[] OrdinaryWords = ["Git", "Store", "Url"];

    [Fact]
    public void No_other_file_of_the_tool_names_a_protocol_or_a_hub()
    {
        IEnumerable<string> folders = Directory.EnumerateDirectories(RepoFiles.At("src/WiseHub.Client/Hubs"))
            .Select(f => Path.GetFileName(f)).Except(OrdinaryWords);
        var names = new Regex(string.Join('|', [.. folders, "Hugging Face", @"\bhf\b", "hg_localization", "HGLOC", @"git-?lfs"]),
            RegexOptions.IgnoreCase);
        const string Tool = "src/WiseHub.Tool";
        Assert.Equal([], RepoFiles.Sources(Tool)
            .Where(f => !f.StartsWith($"{Tool}/Protocols/", StringComparison.Ordinal)
                && f != $"{Tool}/Commands/ProtocolCommands.cs")
            .SelectMany(f => names.Matches(File.ReadAllText(RepoFiles.At(f))).Select(m => $"{f}: {m.Value}")));
    }
}
