using System.Text.Json.Nodes;
using WiseHub.Client.Inventory;
using WiseHub.Testing;

namespace WiseHub.Client.Tests.Inventory;

public sealed class SpdxLicensesTests
{
    [Theory]
    [InlineData("apache-2.0", "Apache-2.0")]
    [InlineData("mit", "MIT")]
    [InlineData("MIT", "MIT")]
    [InlineData("bsd-3-clause-clear", "BSD-3-Clause-Clear")]
    [InlineData("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0")]
    [InlineData("cc0-1.0", "CC0-1.0")]
    [InlineData("gpl-3.0", "GPL-3.0")]
    [InlineData("cdla-permissive-2.0", "CDLA-Permissive-2.0")]
    // Boost, and not Business Source.
    [InlineData("bsl-1.0", "BSL-1.0")]
    // Other names.
    [InlineData("c-uda", "C-UDA-1.0")]
    [InlineData("odc-by", "ODC-By-1.0")]
    [InlineData("odbl", "ODbL-1.0")]
    [InlineData("pddl", "PDDL-1.0")]
    [InlineData("lgpl-lr", "LGPLLR")]
    // No identifier, or a family.
    [InlineData("openrail++", null)]
    [InlineData("bigscience-openrail-m", null)]
    [InlineData("llama3.2", null)]
    [InlineData("gemma", null)]
    [InlineData("openmdw-1.1", null)]
    [InlineData("unknown", null)]
    [InlineData("other", null)]
    [InlineData("cc", null)]
    [InlineData("gpl", null)]
    [InlineData("", null)]
    [InlineData("mit\nx", null)]
    public void Identifiers_of_Hugging_Face(string stated, string? expected) => Assert.Equal(expected, SpdxLicenses.IdOf(stated));

    [Fact]
    public void The_list_is_that_of_the_schema()
    {
        JsonNode schema = JsonNode.Parse(File.ReadAllText(
            RepoFiles.At("tests/WiseHub.Client.Tests/Inventory/Schemas/spdx.schema.json")))!;
        Assert.Equal(schema["enum"]!.AsArray().Select(i => i!.GetValue<string>()).Order(StringComparer.Ordinal),
            File.ReadAllLines(RepoFiles.At("src/WiseHub.Client/Inventory/spdx-ids.txt")));
    }
}
