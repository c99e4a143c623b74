using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>The facts of headers, and their line of JSON.</summary>
public sealed class HeaderFactsTests
{
    private static HeaderFacts? Of(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return HeaderFacts.Read("m", stream, file.Length);
    }

    private static HeaderFacts Parse(string json) =>
        HeaderFacts.Parse(Encoding.UTF8.GetBytes(json), "facts.json", WiseCodes.HeaderUnreadable, "Delete it.");

    [Fact]
    public void Facts_of_safetensors_are_its_tensors() => Assert.Equal("{\"format\":\"safetensors\",\"tensors\":2,"
        + "\"parameters\":9,\"types\":[{\"type\":\"F32\",\"tensors\":1,\"parameters\":6},{\"type\":\"BF16\",\"tensors\":1,"
        + "\"parameters\":3}],\"unknownTypes\":[],\"opsets\":[],\"customDomains\":[]}",
        Of(HeaderSamples.TwoTensors)!.ToJson());

    [Fact]
    public void Facts_of_GGUF_have_architecture_quantisation_and_license() => Assert.Equal(
        ("GGUF", "llama", "Q4_K_M", "mit", 519),
        Of(HeaderSamples.Llama) is HeaderFacts f ? (f.Format, f.Architecture, f.Quantisation, f.License, f.Parameters) : default);

    [Fact]
    public void Facts_of_ONNX_have_producer_and_operators() => Assert.Equal(("ONNX", "pytorch 2.1", 8, "ai.onnx", "acme.ops"),
        Of(HeaderSamples.Onnx) is HeaderFacts f
            ? (f.Format, f.Producer, f.IrVersion, f.Opsets[0].Domain, f.CustomDomains[0]) : default);

    [Fact]
    public void A_file_without_header_and_one_with_a_false_header_have_no_facts()
    {
        Assert.Null(Of("text"u8.ToArray()));
        Assert.Null(Of(HeaderSamples.TwoTensors[..^1]));
    }

    public static TheoryData<byte[]> Files => [HeaderSamples.TwoTensors, HeaderSamples.Llama, HeaderSamples.Onnx];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_written_is_read_again(byte[] file)
    {
        string json = Of(file)!.ToJson();
        Assert.DoesNotContain("\n", json, StringComparison.Ordinal);
        Assert.Equal(json, Parse(json).ToJson());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"format\":\"GGUF\",\"x\":1}")]
    [InlineData("{\"format\":\"GGUF\",\"tensors\":-1}")]
    [InlineData("{\"format\":\"GGUF\",\"types\":[{\"type\":\"F32\"}]}")]
    [InlineData("{\"format\":\"GGUF\",\"types\":[1]}")]
    [InlineData("{\"format\":\"GGUF\",\"format\":\"ONNX\"}")]
    [InlineData("no")]
    public void Other_JSON_is_an_error_with_the_code_of_the_caller(string json) =>
        Assert.Equal(WiseCodes.HeaderUnreadable, Assert.Throws<HubException>(() => Parse(json)).Code);
}
