using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>The tensors of a GGUF header are in its file.</summary>
public sealed class GgufCheckTests
{
    private static string? Fault(GgufBytes gguf) => HeaderSamples.Fault("m.gguf", gguf.Bytes);

    [Fact]
    public void A_right_file_has_no_fault() => Assert.Null(HeaderSamples.Fault("m.gguf", HeaderSamples.Llama));

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Versions_2_and_3_and_a_big_endian_3_are_checked(uint version, bool isBigEndian) =>
        Assert.Null(Fault(new GgufBytes(version, 1, 0, isBigEndian).Tensor("x", 0, 7).Data(28)));

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(4, false, 4)]
    [InlineData(2, true, 2)]
    public void Other_versions_are_a_fault(uint version, bool isBigEndian, int shown) => Assert.Equal(
        $"it has version {shown} of GGUF; versions 2 and 3 are read", Fault(new GgufBytes(version, 0, 0, isBigEndian)));

    [Fact]
    public void A_tensor_that_ends_behind_the_end_of_the_file_is_a_fault()
    {
        GgufBytes gguf = new GgufBytes(3, 1, 0).Tensor("x", 0, 7).Data(27);
        Assert.Equal("it is 1 bytes shorter than its tensors", Fault(gguf));
    }

    [Fact]
    public void A_tensor_larger_than_the_file_is_found_in_its_beginning() =>
        Assert.Equal("its tensor 'x' ends 3900 bytes behind the end of the file", (string?)ModelHeaderCheck.OfBeginning("m.gguf",
            new GgufBytes(3, 2, 0).Tensor("x", 0, 1000).Bytes, 100)?.What);

    [Fact]
    public void Sizes_that_overflow_are_a_fault() => Assert.Equal("the shape of its tensor 'x' is larger than any file",
        Fault(new GgufBytes(3, 1, 0).Tensor("x", 0, 1UL << 40, 1UL << 40).Data(0)));

    [Theory]
    [InlineData(64, "its tensor 'y' begins at byte 64 of the data instead of 32")]
    [InlineData(28, "its tensor 'y' begins at byte 28 of the data instead of 32")]
    [InlineData(0, "its tensor 'y' begins at byte 0 of the data instead of 32")]
    [InlineData(ulong.MaxValue, "its tensor 'y' begins at byte 18446744073709551615 of the data instead of 32")]
    public void A_tensor_follows_the_previous_one(ulong offset, string fault) => Assert.Equal(fault,
        Fault(new GgufBytes(3, 2, 0).Tensor("x", 0, 7).TensorAt("y", 0, offset, 7).Data(200)));

    [Fact]
    public void The_alignment_is_that_of_the_header() => Assert.Null(Fault(new GgufBytes(3, 2, 1).Text("general.alignment").U32(4)
        .U32(64).Tensor("x", 0, 7).TensorAt("y", 0, 64, 7).Data(92, 64)));

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 48)]
    [InlineData(5, 64)]
    public void Another_alignment_is_a_fault(uint type, uint alignment) => Assert.Equal(
        $"its alignment '{alignment}' is not a power of two",
        Fault(new GgufBytes(3, 0, 1).Text("general.alignment").U32(type).U32(alignment)));

    [Fact]
    public void The_first_dimension_has_whole_blocks() => Assert.Equal(
        "the first dimension of its tensor 'x' is no multiple of 256, the block of Q4_K",
        Fault(new GgufBytes(3, 1, 0).Tensor("x", 12, 255, 256).Data(99999)));

    [Fact]
    public void More_than_four_dimensions_are_a_fault() => Assert.Equal("its tensor 'x' has 5 dimensions; GGUF allows 4",
        Fault(new GgufBytes(3, 1, 0).Tensor("x", 0, 1, 1, 1, 1, 1).Data(4)));

    [Fact]
    public void Tensors_of_the_same_name_are_a_fault() => Assert.Equal("it has the tensor 'x' twice",
        Fault(new GgufBytes(3, 2, 0).Tensor("x", 0, 7).TensorAt("x", 0, 32, 7).Data(64)));

    [Fact]
    public void A_long_name_of_a_tensor_is_a_fault() => Assert.Equal("it has a tensor with a name of 64 bytes; GGUF allows 63",
        Fault(new GgufBytes(3, 1, 0).Tensor(new string('x', 64), 0, 7).Data(28)));

    [Fact]
    public void Keys_that_are_the_same_are_a_fault() => Assert.Equal("its header has the key 'k' twice",
        Fault(new GgufBytes(3, 0, 2).Text("k").U32(4).U32(1).Text("k").U32(4).U32(2)));

    [Fact]
    public void An_empty_key_is_a_fault() => Assert.Equal("it has a key of 0 bytes; GGUF allows 1 to 65535",
        Fault(new GgufBytes(3, 0, 1).Text("").U32(4).U32(1)));

    [Fact]
    public void A_list_of_lists_is_a_fault() => Assert.Equal("its key 'k' has a list of lists",
        Fault(new GgufBytes(3, 0, 1).Text("k").U32(9).U32(9).U64(1).U32(9).U64(0)));

    [Fact]
    public void A_value_of_an_unknown_type_is_a_fault() => Assert.Equal("its key 'k' has a value of the unknown type 13",
        Fault(new GgufBytes(3, 0, 1).Text("k").U32(13).U64(1)));

    [Fact]
    public void A_text_longer_than_the_file_is_a_fault() => Assert.Equal(
        "its header states 1000 bytes at byte 45, and the file has 45 bytes",
        Fault(new GgufBytes(3, 0, 1).Text("k").U32(8).U64(1000)));

    [Fact]
    public void A_list_longer_than_GGUF_allows_is_a_fault() => Assert.Equal(
        "the value of its key 'k' has a length of 18446744073709551615; GGUF allows 2^30",
        Fault(new GgufBytes(3, 0, 1).Text("k").U32(9).U32(0).U64(ulong.MaxValue)));

    [Fact]
    public void A_header_with_fewer_tensors_than_it_states_is_a_fault() => Assert.Equal("it ends before its header does",
        Fault(new GgufBytes(3, 2, 0).Tensor("x", 0, 0)));

    [Fact]
    public void A_tensor_of_an_unknown_type_is_a_fact_and_no_fault()
    {
        byte[] file = new GgufBytes(3, 2, 0).Tensor("x", 1000, 7).TensorAt("y", 0, 640, 7).Data(668).Bytes;
        Assert.Null(HeaderSamples.Fault("m.gguf", file));
        Assert.Equal(["type 1000"], HeaderSamples.Facts("m.gguf", file)!.UnknownTypes);
    }

    [Fact]
    public void A_vocabulary_larger_than_the_buffer_is_skipped()
    {
        GgufBytes gguf = new GgufBytes(3, 1, 3).Text("tokens").U32(9).U32(8).U64(20_000);
        for (int i = 0; i < 20_000; i++)
            gguf.Text($"token {i}");
        gguf.Text("scores").U32(9).U32(10).U64(50_000);
        for (int i = 0; i < 50_000; i++)
            gguf.U64(0);
        byte[] file = gguf.Text("general.architecture").U32(8).Text("llama").Tensor("x", 0, 7).Data(28).Bytes;
        Assert.Null(HeaderSamples.Fault("m.gguf", file));
        Assert.Equal("llama", HeaderSamples.Facts("m.gguf", file)!.Architecture);
    }
}
