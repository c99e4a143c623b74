using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests.House;

/// <summary>A protocol is a folder below <c>Hubs</c> and one line of <c>Protocols.cs</c>. No other file refers to it.</summary>
public sealed partial class ProtocolNamesTests : IDisposable
{
    private readonly CompiledTypes _types = new(typeof(HubClient).Assembly.Location, "/_/src/WiseHub.Client/");

    public void Dispose() => _types.Dispose();

    [Fact]
    public void Outside_the_protocols_only_their_list_refers_to_their_types() => Assert.Equal("",
        string.Join('\n', _types.Arrows.Where(a => InProtocol().IsMatch(a.To) && !InProtocol().IsMatch(a.From)
            && a.From != "Hubs/Protocols.cs").Select(a => $"{a.From} → {a.To} ({a.Type})").Order(StringComparer.Ordinal)));

    // Comments may give one as an example.
    [Theory]
    [InlineData("WiseHub.Client")]
    [InlineData("WiseHub.Build")]
    public void No_code_outside_the_protocols_names_a_protocol(string project)
    {
        var lines = new List<string>();
        foreach (string file in RepoFiles.Sources($"src/{project}"))
        {
            string inProject = file[$"src/{project}/".Length..];
            if (InProtocol().IsMatch(inProject) || inProject == "Hubs/Protocols.cs")
                continue;
            lines.AddRange(File.ReadLines(RepoFiles.At(file))
                .Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && Protocol().IsMatch(l))
                .Select(l => $"{file}: {l.Trim()}"));
        }
        Assert.Equal("", string.Join('\n', lines));
    }

    [GeneratedRegex("^Hubs/[A-Za-z0-9]+/")]
    private static partial Regex InProtocol();

    // The values of "protocol", the built-in hubs, and the words in which the types of the protocols are named.
    [GeneratedRegex("""
        Wisemodel|wisemodel\b|HuggingFace|[Hh]uggingface|Hugging\ Face|\bHF_|HgLocalization|hg-localization|hg_localization|HGLOC
        |\bS3|"s3"|[Pp]rotocol\b.*"(store|git|url)"|StoreHub|GitHost[A-Z]|GitHub|GitLab
        |\bBucket(Client|Push|Protocol|Settings|Uploads)
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Protocol();
}
