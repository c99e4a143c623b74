using System.Buffers.Binary;
using System.Text;

namespace WiseHub.Client.Tests;

/// <summary>Headers of weights are input of strangers: every wrong one is an error with a code, and none costs memory.</summary>
public sealed class WeightHeaderTests
{
    private static byte[] Safetensors(string json, long? length = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(json), bytes = new byte[8 + text.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length ?? text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }

    private static string Failure(Action read)
    {
        var e = Assert.Throws<HubException>(read);
        Assert.Equal(WiseCodes.HeaderUnreadable, e.Code);
        return e.Message;
    }

    [Fact]
    public void A_safetensors_header_tells_tensors_parameters_types_and_metadata()
    {
        SafetensorsHeader header = SafetensorsHeader.Read([.. Safetensors("""
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
             "b":{"dtype":"BF16","shape":[100],"data_offsets":[24,224]},"c":{"data_offsets":[224,228],"shape":[],"dtype":"F32"}}
            """), 1, 2, 3]);
        Assert.Equal((3, 107), (header.Tensors, header.Parameters));
        Assert.Equal([new TensorTypeCount("BF16", 1, 100), new TensorTypeCount("F32", 2, 7)], header.Types);
        Assert.Equal("format=pt", string.Join(' ', header.Metadata.Select(m => $"{m.Key}={m.Value}")));
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807]},\"b\":{\"dtype\":\"F32\",\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807]},\"b\":{\"dtype\":\"F16\",\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]]}}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\"}}")]
    [InlineData("{\"a\":{\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":1,\"shape\":[1]}}")]
    [InlineData("{\"a\":{\"dtype\":\"ABCDEFGHIJKLMNOPQ\",\"shape\":[1]}}")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"__metadata__\":[]}")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"x\":[[[[1]]]]}}")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("{\"a\"")]
    public void A_wrong_safetensors_header_is_an_error(string json) => Assert.Equal("The header of the file cannot be shown: "
        + "it has no valid safetensors header. It may be another kind of file, or damaged.",
        Failure(() => SafetensorsHeader.Read(Safetensors(json))));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(100_000_000)]
    [InlineData(long.MaxValue)]
    public void A_length_out_of_range_is_an_error_before_anything_is_read(long length) => Assert.Equal(
        $"The header of the file cannot be shown: its first bytes state a safetensors header of {(ulong)length} bytes; at most "
        + "16.8 MB are read. It may be another kind of file.",
        Failure(() => SafetensorsHeader.BytesToRead(Safetensors("{}", length))));

    [Fact]
    public void A_safetensors_file_that_is_cut_off_is_an_error()
    {
        Failure(() => SafetensorsHeader.BytesToRead([1, 2, 3]));
        Failure(() => SafetensorsHeader.Read(Safetensors("{}", 3)));
    }

    [Fact]
    public void Too_many_types_are_an_error() => Failure(() => SafetensorsHeader.Read(Safetensors("{" + string.Join(',',
        Enumerable.Range(0, 65).Select(i => $"\"t{i}\":{{\"dtype\":\"T{i}\",\"shape\":[1],\"data_offsets\":[0,0]}}")) + "}")));

    private static GgufBytes Llama() => new GgufBytes(3, 2, 5).Text("general.architecture").U32(8).Text("llama")
        .Text("general.file_type").U32(4).U32(15).Text("tokens").U32(9).U32(8).U64(2).Text("a").Text("b")
        .Text("scores").U32(9).U32(6).U64(2).U32(0).U32(0).Text("llama.context_length").U32(4).U32(4096)
        .Tensor("x", 12, 10, 20).Tensor("y", 0, 7);

    [Fact]
    public void A_GGUF_header_tells_architecture_quantisation_tensors_and_parameters()
    {
        GgufHeader header = GgufHeader.Read(Llama().Bytes);
        Assert.Equal((3, 2, true, "llama", "Q4_K_M", 207),
            (header.Version, header.Tensors, header.IsComplete, header.Architecture, header.Quantisation, header.Parameters));
        Assert.Equal([new TensorTypeCount("Q4_K", 1, 200), new TensorTypeCount("F32", 1, 7)], header.Types);
        Assert.Equal("general.architecture=llama general.file_type=15 llama.context_length=4096",
            string.Join(' ', header.Metadata.Select(m => $"{m.Key}={m.Value}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_GGUF_header_that_is_cut_off_anywhere_tells_what_is_there()
    {
        byte[] all = Llama().Bytes;
        for (int length = 24; length < all.Length; length++)
        {
            GgufHeader header = GgufHeader.Read(all.AsSpan(0, length));
            Assert.Equal((false, 2, null, 0), (header.IsComplete, header.Tensors, header.Parameters, header.Types.Count));
        }
        for (int length = 0; length < 24; length++)
            Failure(() => GgufHeader.Read(all.AsSpan(0, length)));
    }

    public static TheoryData<byte[]> Hostile => new()
    {
        new GgufBytes(3, ulong.MaxValue / 2, ulong.MaxValue).Bytes,
        new GgufBytes(3, 1, 1).Text("k").U32(9).U32(8).U64(ulong.MaxValue).Text("a").Bytes,
        new GgufBytes(3, 1, 1).Text("k").U32(9).U32(4).U64(ulong.MaxValue).Bytes,
        new GgufBytes(3, 1, 1).Text("k").U32(9).U32(12).U64(int.MaxValue).Bytes,
        new GgufBytes(3, 1, 1).U64(ulong.MaxValue).U64(1).Bytes,
        new GgufBytes(3, 1, 1).U64(int.MaxValue).U64(1).Bytes,
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Counts_larger_than_the_file_only_make_it_incomplete(byte[] bytes) =>
        Assert.False(GgufHeader.Read(bytes).IsComplete);

    public static TheoryData<byte[]> Wrong => new()
    {
        "GGML"u8.ToArray(),
        new GgufBytes(3, ulong.MaxValue, 0).Bytes,
        new GgufBytes(3, 1, 1).Text("k").U32(99).U64(0).Bytes,
        new GgufBytes(3, 1, 1).Text("k").U32(9).U32(9).U64(1).U32(9).U64(1).U32(9).U64(1).U32(9).U64(1).U32(9).U64(1).Bytes,
        new GgufBytes(3, 1, 0).Tensor("x", 0, 1, 1, 1, 1, 1, 1, 1, 1, 1).Bytes,
        new GgufBytes(3, 1, 0).Tensor("x", 0, ulong.MaxValue).Bytes,
        new GgufBytes(3, 1, 0).Tensor("x", 0, 1UL << 40, 1UL << 40).Bytes,
        new GgufBytes(3, 2, 0).Tensor("x", 0, long.MaxValue).Tensor("y", 0, 1).Bytes,
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_GGUF_header_is_an_error(byte[] bytes) => Failure(() => GgufHeader.Read(bytes));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Other_versions_of_GGUF_are_named(uint version) => Assert.Equal("The header of the file cannot be shown: it has "
        + $"version {version} of GGUF; versions 2 and 3 are read.", Failure(() => GgufHeader.Read(new GgufBytes(version, 0,
        0).Bytes)));

    [Fact]
    public void A_big_endian_GGUF_header_is_read()
    {
        GgufHeader header = GgufHeader.Read(new GgufBytes(3, 1, 1, isBigEndian: true).Text("general.architecture").U32(8)
            .Text("llama").Tensor("x", 0, 7).Bytes);
        Assert.Equal((3, true, "llama", 7), (header.Version, header.IsComplete, header.Architecture, header.Parameters));
    }

    [Fact]
    public void An_unknown_type_of_tensor_is_shown_by_its_number() =>
        Assert.Equal("type 1000", GgufHeader.Read(new GgufBytes(3, 1, 0).Tensor("x", 1000, 1).Bytes).Types[0].Type);
}
