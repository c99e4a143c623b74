using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>A safetensors header is exactly about the bytes of its file.</summary>
public sealed class SafetensorsCheckTests
{
    private static string? Fault(string json, int data) =>
        HeaderSamples.Fault("m.safetensors", HeaderSamples.Safetensors(json, data));

    private static string Tensor(string name, int begin, int end, string type = "U8", string? shape = null) =>
        $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{shape ?? $"{end - begin}"}],\"data_offsets\":[{begin},{end}]}}";

    [Fact]
    public void A_right_file_has_no_fault() => Assert.Null(HeaderSamples.Fault("m.safetensors", HeaderSamples.TwoTensors));

    [Fact]
    public void A_scalar_and_an_empty_tensor_have_no_fault() => Assert.Null(Fault("{" + Tensor("a", 0, 4, "F32", "") + ","
        + Tensor("e", 4, 4, "F32", "0,5") + "," + Tensor("b", 4, 6) + "}", 6));

    [Theory]
    [InlineData("F4", 3, "6")]
    [InlineData("F6_E2M3", 3, "4")]
    [InlineData("C64", 16, "2")]
    [InlineData("F8_E8M0", 2, "2")]
    [InlineData("BOOL", 2, "2")]
    public void The_size_follows_from_type_and_shape(string type, int size, string shape) =>
        Assert.Null(Fault("{" + Tensor("a", 0, size, type, shape) + "}", size));

    [Theory]
    [InlineData("F4", 2, "3")]
    [InlineData("F32", 4, "2")]
    [InlineData("I64", 8, "0")]
    public void Another_size_is_a_fault(string type, int size, string shape) => Assert.Equal(
        $"its tensor 'a' has {size} bytes, which is not the size of its shape in {type}",
        Fault("{" + Tensor("a", 0, size, type, shape) + "}", size));

    [Fact]
    public void A_product_that_overflows_is_a_fault() => Assert.Equal("the shape of its tensor 'a' is larger than any file",
        Fault("{" + Tensor("a", 0, 0, "U8", "4294967296,4294967296,4294967296") + "}", 0));

    [Fact]
    public void A_hole_between_tensors_is_a_fault() => Assert.Equal("its data have bytes of no tensor, from 2 to 5",
        Fault("{" + Tensor("a", 0, 2) + "," + Tensor("b", 5, 9) + "}", 9));

    [Fact]
    public void A_hole_before_the_first_tensor_is_a_fault() => Assert.Equal("its data have bytes of no tensor, from 0 to 1",
        Fault("{" + Tensor("a", 1, 2) + "}", 2));

    [Fact]
    public void Tensors_that_overlap_are_a_fault() => Assert.Equal("its tensors overlap at byte 1 of the data",
        Fault("{" + Tensor("b", 1, 3) + "," + Tensor("a", 0, 2) + "}", 3));

    [Fact]
    public void A_tail_behind_the_last_tensor_is_found() => Assert.Equal("it has 3 bytes behind its last tensor",
        Fault("{" + Tensor("a", 0, 2) + "}", 5));

    [Fact]
    public void A_tail_without_tensors_is_found() => Assert.Equal("it has 3 bytes behind its last tensor", Fault("{}", 3));

    [Fact]
    public void A_tensor_behind_the_end_of_the_file_is_found() => Assert.Equal(
        "its tensor 'a' ends 4 bytes behind the end of the file", Fault("{" + Tensor("a", 0, 9) + "}", 5));

    [Fact]
    public void An_end_before_the_beginning_is_a_fault() => Assert.Equal("its tensor 'a' has no valid type, shape and offsets",
        Fault("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,1]}}", 5));

    [Theory]
    [InlineData("[0,1,1]")]
    [InlineData("[0]")]
    [InlineData("[0,-1]")]
    [InlineData("[0,1.0]")]
    [InlineData("{}")]
    public void Offsets_are_two_numbers(string offsets) => Assert.Equal("its tensor 'a' has no valid type, shape and offsets",
        Fault("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":" + offsets + "}}", 1));

    [Theory]
    [InlineData("\"dtype\":\"U8\",\"dtype\":\"I8\"", "dtype")]
    [InlineData("\"dtype\":\"U8\",\"dt\\u0079pe\":\"I8\"", "dtype")]
    [InlineData("\"dtype\":\"U8\",\"shape\":[1]", "shape")]
    [InlineData("\"dtype\":\"U8\",\"data_offsets\":[0,1]", "data_offsets")]
    [InlineData("\"x\":1,\"dtype\":\"U8\",\"x\":[2]", "x")]
    public void A_key_of_a_tensor_that_is_there_twice_is_a_fault(string keys, string twice) => Assert.Equal(
        $"its header has the key '{twice}' twice",
        Fault("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]," + keys + "}}", 1));

    [Fact]
    public void A_tensor_that_is_there_twice_is_a_fault() => Assert.Equal("its header has the key 'a' twice",
        Fault("{" + Tensor("a", 0, 1) + "," + Tensor("\\u0061", 0, 1) + "}", 1));

    [Fact]
    public void Metadata_that_are_there_twice_are_a_fault() => Assert.Equal("its header has the key '__metadata__' twice",
        Fault("{\"__metadata__\":{},\"__metadata__\":{}}", 0));

    [Fact]
    public void A_key_of_the_metadata_that_is_there_twice_is_a_fault() => Assert.Equal("its header has the key 'k' twice",
        Fault("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0));

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{\"k\":{}}")]
    [InlineData("{\"k\":1}")]
    public void Metadata_are_strings(string metadata) => Assert.Equal("its '__metadata__' is not an object of strings",
        Fault("{\"__metadata__\":" + metadata + "}", 0));

    [Theory]
    [InlineData(" {}")]
    [InlineData("\uFEFF{}")]
    [InlineData("[]")]
    public void The_header_begins_with_a_brace(string json) =>
        Assert.Equal("its header does not begin with an opening brace", Fault(json, 0));

    [Theory]
    [InlineData("{}   ", null)]
    [InlineData("{} \n", "its header has other bytes than spaces behind its JSON")]
    [InlineData("{}{}", "its header has other bytes than spaces behind its JSON")]
    public void Only_spaces_are_behind_the_JSON(string json, string? fault) => Assert.Equal(fault, Fault(json, 0));

    [Theory]
    [InlineData("{\"a\"")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{,}")]
    public void A_header_that_is_no_JSON_is_a_fault(string json) => Assert.Equal("its header is not valid JSON", Fault(json, 0));

    [Fact]
    public void A_name_that_is_not_UTF_8_is_a_fault()
    {
        byte[] file = HeaderSamples.Safetensors("{\"__metadata__\":{\"x\":\"\"}}", 0);
        file[Encoding.UTF8.GetString(file).IndexOf('x', StringComparison.Ordinal)] = 0xFF;
        Assert.Equal("its header is not valid JSON", HeaderSamples.Fault("m.safetensors", file));
    }

    [Theory]
    [InlineData(1, "its first bytes state a header of 1 bytes; safetensors allows 2 to 100000000")]
    [InlineData(100_000_001, "its first bytes state a header of 100000001 bytes; safetensors allows 2 to 100000000")]
    [InlineData(ulong.MaxValue,
        "its first bytes state a header of 18446744073709551615 bytes; safetensors allows 2 to 100000000")]
    [InlineData(3, "its header states 3 bytes at byte 8, and the file has 10 bytes")]
    public void A_length_that_the_file_does_not_have_is_a_fault(ulong length, string fault) =>
        Assert.Equal(fault, HeaderSamples.Fault("m.safetensors", HeaderSamples.Safetensors("{}", 0, length)));

    [Fact]
    public void A_type_that_is_not_known_is_a_fact_and_no_fault()
    {
        byte[] file = HeaderSamples.Safetensors("{" + Tensor("a", 0, 3, "F3_NEW", "8") + "}", 3);
        Assert.Null(HeaderSamples.Fault("m.safetensors", file));
        Assert.Equal(["F3_NEW"], HeaderSamples.Facts("m.safetensors", file)!.UnknownTypes);
    }

    [Fact]
    public void The_beginning_of_a_file_shows_a_fault_before_the_rest_is_there()
    {
        byte[] file = HeaderSamples.Safetensors("{" + Tensor("a", 0, 999) + "," + Tensor("b", 0, 2) + "}", 2);
        Assert.Equal("its tensor 'a' ends 997 bytes behind the end of the file",
            (string?)ModelHeaderCheck.OfBeginning("m.safetensors", file.AsSpan(0, 80), file.Length)?.What);
        Assert.Null(ModelHeaderCheck.OfBeginning("m.safetensors", file.AsSpan(0, 20), file.Length));
    }

    [Fact]
    public void Parts_of_a_header_larger_than_the_buffer_are_one()
    {
        var json = new StringBuilder("{\"__metadata__\":{\"long\":\"").Append('x', 300_000).Append("\"}");
        for (int i = 0; i < 5000; i++)
            json.Append(',').Append(Tensor($"layer.{i}.weight", i, i + 1));
        byte[] file = HeaderSamples.Safetensors(json.Append('}').Append(' ', 100_000).ToString(), 5000);
        Assert.Null(HeaderSamples.Fault("m.safetensors", file));
    }

    // The set of names has 16 bytes and the list of places 16 bytes for each tensor, both with room to grow.
    [Fact]
    public void A_check_of_a_thousand_tensors_allocates_little()
    {
        byte[] file = HeaderSamples.Safetensors("{" + string.Join(',', Enumerable.Range(0, 1000).Select(i =>
            Tensor($"model.layers.{i}.self_attn.q_proj.weight", i, i + 1))) + "}", 1000);
        using var stream = new MemoryStream(file);
        Assert.Null(ModelHeaderCheck.OfFile("m.safetensors", stream, file.Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(ModelHeaderCheck.OfFile("m.safetensors", stream, file.Length));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
    }
}
