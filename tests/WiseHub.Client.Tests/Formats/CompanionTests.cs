using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>Files that other files need.</summary>
public sealed class CompanionTests
{
    private static IReadOnlyList<Companion> Of(string path, byte[] file, out HeaderFault? fault)
    {
        using var stream = new MemoryStream(file);
        return Companions.Of(path, stream, file.Length, out fault);
    }

    private static IReadOnlyList<Companion> Of(string path, string json, out HeaderFault? fault) =>
        Of(path, Encoding.UTF8.GetBytes(json), out fault);

    [Fact]
    public void An_ONNX_model_needs_its_external_data()
    {
        Assert.Equal([new Companion("onnx/m.onnx_data", 464)], Of("onnx/m.onnx", HeaderSamples.Onnx, out HeaderFault? fault));
        Assert.Null(fault);
    }

    [Fact]
    public void Content_decides_that_a_file_is_an_ONNX_model() =>
        Assert.Equal([new Companion("m.onnx_data", 464)], Of("m.bin", HeaderSamples.Onnx, out _));

    [Theory]
    [InlineData("m.safetensors.index.json")]
    [InlineData("pytorch_model.bin.index.json")]
    [InlineData("other.index.json")]
    public void An_index_needs_its_parts_each_once(string name) => Assert.Equal(
        [new Companion("a/m-1.safetensors", null), new Companion("a/m-2.safetensors", null)],
        Of("a/" + name, HeaderSamples.Index, out _));

    [Theory]
    [InlineData("../m.safetensors", "it has the part '..'")]
    [InlineData("a/m.safetensors", "it has a '/'")]
    [InlineData("/m", "it is absolute")]
    [InlineData("", "it is empty")]
    public void A_part_outside_the_folder_is_a_fault(string part, string reason)
    {
        Assert.Empty(Of("m.safetensors.index.json", $"{{\"weight_map\":{{\"a\":\"{part}\"}}}}", out HeaderFault? fault));
        Assert.Equal($"its 'weight_map' has the file '{part}', a name that is not usable: {reason}", (string?)fault?.What);
    }

    [Theory]
    [InlineData("{}", "it has no 'weight_map' from tensors to files")]
    [InlineData("{\"weight_map\":[]}", "it has no 'weight_map' from tensors to files")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "it has no 'weight_map' from tensors to files")]
    [InlineData("{\"weight_map\":{},\"weight_map\":{}}", "its header has the key 'weight_map' twice")]
    [InlineData("{\"weight_map\":{\"a\":\"b\",\"a\":\"c\"}}", "its header has the key 'a' twice")]
    [InlineData("{", "its header is not valid JSON")]
    [InlineData("", "its header is not valid JSON")]
    public void A_malformed_index_of_weights_is_a_fault(string json, string expected)
    {
        Assert.Empty(Of("m.safetensors.index.json", json, out HeaderFault? fault));
        Assert.Equal(expected, (string?)fault?.What);
    }

    [Theory]
    [InlineData("{\"pages\":[1]}")]
    [InlineData("[]")]
    [InlineData("no JSON")]
    public void Another_file_with_such_a_name_needs_nothing(string json)
    {
        Assert.Empty(Of("search.index.json", json, out HeaderFault? fault));
        Assert.Null(fault);
    }

    [Fact]
    public void Too_many_parts_are_a_fault()
    {
        Of("m.safetensors.index.json", "{\"weight_map\":{" + string.Join(',', Enumerable.Range(0, 10_001).Select(i =>
            $"\"{i}\":\"{i}\"")) + "}}", out HeaderFault? fault);
        Assert.Equal("it needs more than 10000 other files", (string?)fault?.What);
    }

    [Theory]
    [InlineData("m.safetensors", "safetensors")]
    [InlineData("m.GGUF", "GGUF")]
    [InlineData("m.onnx", "ONNX")]
    public void A_name_of_another_format_is_a_fault(string name, string format)
    {
        byte[][] others = [HeaderSamples.TwoTensors, HeaderSamples.Llama, HeaderSamples.Onnx];
        Assert.Equal(2, others.Count(o => HeaderSamples.Fault(name, o)
            == $"its name is that of a {format} file, and its bytes are not"));
    }

    [Theory]
    [InlineData("m.bin")]
    [InlineData("m")]
    public void A_header_is_checked_whatever_the_name_is(string name)
    {
        Assert.Null(HeaderSamples.Fault(name, HeaderSamples.TwoTensors));
        Assert.Equal("it has 1 bytes behind its last tensor", HeaderSamples.Fault(name, [.. HeaderSamples.TwoTensors, 0]));
        Assert.Equal("it is 1 bytes shorter than its tensors", HeaderSamples.Fault(name, HeaderSamples.Llama[..^1]));
    }

    [Theory]
    [InlineData("README.md", "# A model")]
    [InlineData("m.onnx_data", "\b\b\u0012garbage")]
    [InlineData("config.json", "{}")]
    [InlineData("m.bin", "")]
    public void A_file_without_a_header_has_no_fault(string name, string content) =>
        Assert.Null(HeaderSamples.Fault(name, Encoding.UTF8.GetBytes(content)));

    [Theory]
    [InlineData("m.safetensors")]
    [InlineData("m.gguf")]
    [InlineData("m.onnx")]
    public void An_empty_or_other_file_with_the_name_of_a_format_is_a_fault(string name)
    {
        Assert.NotNull(HeaderSamples.Fault(name, []));
        Assert.NotNull(HeaderSamples.Fault(name, "version https://git-lfs.github.com/spec/v1\n"u8.ToArray()));
    }
}
