using System.Text;
using WiseHub.Client.Store;

namespace WiseHub.Client.Tests;

/// <summary>The file with the facts of headers beside a tree.</summary>
public sealed class HeadersFileTests
{
    private static byte[] Write(params (string Path, HeaderFacts Facts)[] files) =>
        HeadersFile.ToBytes(files.Select(f => KeyValuePair.Create(f.Path, f.Facts)));

    private static Dictionary<string, HeaderFacts> Parse(string json) =>
        HeadersFile.Parse(Encoding.UTF8.GetBytes(json), "facts.headers");

    [Fact]
    public void A_file_is_a_line_without_what_is_not_stated() => Assert.Equal(
        "{\"version\":1,\"files\":[\n{\"path\":\"m.safetensors\",\"format\":\"safetensors\",\"tensors\":2,"
        + "\"parameters\":9,\"types\":[{\"type\":\"F32\",\"tensors\":1,\"parameters\":6},{\"type\":\"BF16\",\"tensors\":1,"
        + "\"parameters\":3}],\"metadata\":{\"format\":\"pt\"}}]}\n",
        Encoding.UTF8.GetString(Write(("m.safetensors", HeaderSamples.Facts("m", HeaderSamples.TwoTensors)!))));

    [Fact]
    public void Files_are_sorted_by_the_bytes_of_their_paths()
    {
        var facts = new HeaderFacts { Format = HeaderFacts.Gguf };
        string text = Encoding.UTF8.GetString(Write(("\U0001F600.gguf", facts), ("\uFF21.gguf", facts), ("B.gguf", facts)));
        Assert.Equal(["B.gguf", "\uFF21.gguf", "\U0001F600.gguf"],
            text.Split('\n')[1..^1].Select(l => System.Text.Json.JsonDocument.Parse(l.TrimEnd(']', '}', ',') + "}").RootElement
                .GetProperty("path").GetString()));
    }

    public static TheoryData<byte[]> Files => [HeaderSamples.TwoTensors, HeaderSamples.Llama, HeaderSamples.Onnx];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_written_is_read_again(byte[] file)
    {
        byte[] written = Write(("a/m", HeaderSamples.Facts("m", file)!));
        Assert.Equal(written, HeadersFile.ToBytes(HeadersFile.Parse(written, "facts.headers")));
    }

    [Fact]
    public void Texts_of_any_characters_are_read_again()
    {
        var facts = new HeaderFacts
        {
            Format = HeaderFacts.Gguf,
            License = "a\"b\\\n\u0001\u2028\uFFFD",
            Metadata = new Dictionary<string, string> { [""] = "", ["\t"] = "\U0001F600" },
        };
        HeaderFacts read = HeadersFile.Parse(Write(("m.gguf", facts)), "facts.headers")["m.gguf"];
        Assert.Equal((facts.License, 2, "", "\U0001F600"),
            (read.License, read.Metadata.Count, read.Metadata[""], read.Metadata["\t"]));
    }

    private static string File(string facts) => $"{{\"version\":1,\"files\":[{{\"path\":\"a\"{facts}}}]}}";

    private const string Gguf = ",\"format\":\"GGUF\"";

    public static TheoryData<string> Damaged =>
    [
        "no", "{}", "{\"version\":2,\"files\":[]}", "{\"version\":1,\"files\":[{\"format\":\"GGUF\"}]}",
        File(""), File(Gguf + ",\"x\":1"), File(Gguf + Gguf), File(Gguf + "},{\"path\":\"a\"" + Gguf),
        File(Gguf + ",\"tensors\":-1"), File(Gguf + ",\"types\":[1]"), File(Gguf + ",\"types\":[{\"type\":\"F32\"}]"),
        File(Gguf + ",\"metadata\":[]"), File(Gguf + ",\"metadata\":{\"a\":1}"),
        File(Gguf + ",\"metadata\":{\"a\":\"\",\"a\":\"\"}"), File(Gguf + ",\"metadata\":{\"\\ud800\":\"\"}"),
    ];

    [Fact]
    public void A_file_with_a_format_alone_is_read() => Assert.Equal("GGUF", Parse(File(Gguf))["a"].Format);

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Other_JSON_is_a_damaged_file(string json)
    {
        HubException e = Assert.Throws<HubException>(() => Parse(json));
        Assert.Equal(WiseCodes.DamagedStore, e.Code);
        Assert.EndsWith("The headers are read again, and the file is replaced.", e.Message, StringComparison.Ordinal);
    }
}
