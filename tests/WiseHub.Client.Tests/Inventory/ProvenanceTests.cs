using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Tests.Inventory;

public sealed class ProvenanceTests : IDisposable
{
    private readonly BillBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static string TextOf(BillOfMaterials bill, params ProgramFile[] files)
    {
        using var output = new MemoryStream();
        bill.WriteProvenance(files, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    [Fact]
    public void A_statement_is_this_line()
    {
        string version = typeof(HubClient).Assembly.GetName().Version!.ToString(3);
        Assert.Equal("""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"App.dll","digest":{"sha256":"APP"}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{
            "buildType":"https://github.com/wisehub/WiseHub.Build/blob/main/docs/bom.md#provenance",
            "externalParameters":{"program":"App","version":"1.2.3"},"internalParameters":{},"resolvedDependencies":[
            {"uri":"pkg:huggingface/acme/tiny@COMMIT","digest":{"gitCommit":"COMMIT"}},
            {"name":"a b","uri":"https://huggingface.co/acme/tiny/resolve/COMMIT/a%20b","digest":{"sha256":"FILE"}}]},
            "runDetails":{"builder":{"id":"https://github.com/wisehub/WiseHub.Build","version":{"WiseHub":"VERSION"}}}}}
            """.ReplaceLineEndings("").Replace("APP", BillBench.DigestOf("app").Hex, StringComparison.Ordinal)
            .Replace("COMMIT", BillBench.Commit, StringComparison.Ordinal)
            .Replace("FILE", BillBench.DigestOf("a b").Hex, StringComparison.Ordinal)
            .Replace("VERSION", version, StringComparison.Ordinal) + "\n",
            TextOf(_bench.Describe(BillBench.Entry("acme/tiny", paths: ["a b"])),
                new ProgramFile("App.dll", BillBench.DigestOf("app"))));
    }

    [Fact]
    public void A_file_of_a_hub_without_pages_has_a_package_URL()
    {
        LockEntry entry = BillBench.Entry("acme/tiny", "folder", paths: ["a b"]) with { Commit = new string('c', 64) };
        JsonNode dependencies = JsonNode.Parse(TextOf(_bench.Describe(entry)))!
            ["predicate"]!["buildDefinition"]!["resolvedDependencies"]!;
        Assert.Equal((entry.Commit, $"pkg:generic/acme/tiny@{entry.Commit}#a%20b"),
            (dependencies[0]!["digest"]!["sha256"]!.GetValue<string>(), dependencies[1]!["uri"]!.GetValue<string>()));
    }

    [Fact]
    public void The_time_is_that_of_SOURCE_DATE_EPOCH()
    {
        using var bench = new BillBench(("SOURCE_DATE_EPOCH", "0"));
        Assert.Equal("1970-01-01T00:00:00Z", JsonNode.Parse(TextOf(bench.Describe()))!
            ["predicate"]!["runDetails"]!["metadata"]!["finishedOn"]!.GetValue<string>());
    }

    [Fact]
    public void All_files_of_a_folder_but_the_statement_are_its_subjects()
    {
        foreach (string name in new[] { "App.dll", "models/z/b.bin", "models/a.bin", "App.intoto.jsonl" })
            _bench.Temp.Write($"publish/{name}", name);
        string file = _bench.Temp["publish/App.intoto.jsonl"];
        _bench.Describe().WriteProvenanceFile(_bench.Temp["publish"], file);
        JsonArray subjects = JsonNode.Parse(File.ReadAllText(file))!["subject"]!.AsArray();
        Assert.Equal(["App.dll", "models/a.bin", "models/z/b.bin"], subjects.Select(s => s!["name"]!.GetValue<string>()));
        Assert.All(subjects, s => Assert.Equal(BillBench.DigestOf(s!["name"]!.GetValue<string>()).Hex,
            s["digest"]!["sha256"]!.GetValue<string>()));
        Assert.Single(File.ReadAllLines(file));
    }

    [Fact]
    public void A_missing_folder_is_an_error()
    {
        string folder = _bench.Temp["none"];
        HubException e = Assert.Throws<HubException>(
            () => _bench.Describe().WriteProvenanceFile(folder, _bench.Temp["x.intoto.jsonl"]));
        Assert.Equal(WiseCodes.BomNotWritten, e.Code);
        Assert.StartsWith($"The files in {folder} cannot be listed or read: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            ". Publish the program first, or correct the path or its permissions.", e.Message, StringComparison.Ordinal);
    }
}
