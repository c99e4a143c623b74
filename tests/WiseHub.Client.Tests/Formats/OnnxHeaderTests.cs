using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>An ONNX model is walked without its weights.</summary>
public sealed class OnnxHeaderTests
{
    private static string? Fault(ProtobufBytes model) => HeaderSamples.Fault("m.onnx", model.Bytes);

    private static string? FaultOf(ProtobufBytes tensor) =>
        Fault(HeaderSamples.Model(new ProtobufBytes().Message(5, tensor)));

    [Fact]
    public void A_model_tells_producer_operators_initializers_and_files()
    {
        OnnxHeader header = OnnxHeader.Read(HeaderSamples.Onnx, HeaderSamples.Onnx.Length);
        Assert.Equal((true, 8, "pytorch 2.1", 3, 110), (header.IsComplete, header.IrVersion, header.Producer, header.Tensors,
            header.Parameters));
        Assert.Equal([new TensorTypeCount("FLOAT", 2, 106), new TensorTypeCount("FLOAT16", 1, 4)], header.Types);
        Assert.Equal([new OnnxOpset("ai.onnx", 17)], header.Opsets);
        Assert.Equal(["acme.ops"], header.CustomDomains);
        Assert.Equal([new OnnxExternalFile("m.onnx_data", 1, 464)], header.ExternalFiles);
        Assert.Equal("acme", header.Metadata["author"]);
    }

    [Fact]
    public void A_right_file_has_no_fault() => Assert.Null(HeaderSamples.Fault("m.onnx", HeaderSamples.Onnx));

    [Fact]
    public void The_beginning_of_a_model_tells_what_it_has()
    {
        byte[] file = HeaderSamples.Onnx;
        for (int length = 0; length < file.Length; length++)
        {
            OnnxHeader header = OnnxHeader.Read(file.AsSpan(0, length), file.Length);
            Assert.Equal((false, null, null, 0), (header.IsComplete, header.Tensors, header.Parameters, header.Types.Count));
            Assert.Equal(length < 2 ? null : 8, header.IrVersion);
        }
        Assert.False(OnnxHeader.Read(file, null).IsComplete);
    }

    [Fact]
    public void Large_data_of_a_tensor_are_not_read()
    {
        byte[] file = HeaderSamples.Model(new ProtobufBytes().Message(5, HeaderSamples.Tensor(2, 1_000_000)
            .Raw(9, new byte[1_000_000]))).Bytes;
        using var stream = new CountingStream(file);
        Assert.Null(ModelHeaderCheck.OfFile("m.onnx", stream, file.Length));
        Assert.InRange(stream.BytesRead, 1, 200_000);
    }

    private static ProtobufBytes Outside() => HeaderSamples.External(HeaderSamples.Tensor(1, 2), "w.bin");

    private static ProtobufBytes Part(int number, ProtobufBytes message) => new ProtobufBytes().Message(number, message);

    private static byte[] Whole(ProtobufBytes graph) => HeaderSamples.Model(graph).Bytes;

    private static byte[] Beside(int number, ProtobufBytes message) =>
        HeaderSamples.Model(new ProtobufBytes()).Message(number, message).Bytes;

    public static TheoryData<string, byte[]> Places
    {
        get
        {
            ProtobufBytes sparseValues = Part(1, Outside()), sparseIndices = Part(2, Outside());
            return new()
            {
                { "initializer", Whole(Part(5, Outside())) },
                { "sparse initializer, values", Whole(Part(15, sparseValues)) },
                { "sparse initializer, indices", Whole(Part(15, sparseIndices)) },
                { "attribute t", Whole(Part(1, Part(5, Part(5, Outside())))) },
                { "attribute tensors", Whole(Part(1, Part(5, Part(10, Outside())))) },
                { "attribute sparse_tensor", Whole(Part(1, Part(5, Part(22, sparseValues)))) },
                { "attribute sparse_tensors", Whole(Part(1, Part(5, Part(23, sparseValues)))) },
                { "attribute g", Whole(Part(1, Part(5, Part(6, Part(5, Outside()))))) },
                { "attribute graphs", Whole(Part(1, Part(5, Part(11, Part(5, Outside()))))) },
                { "training, initialization", Beside(20, Part(1, Part(5, Outside()))) },
                { "training, algorithm", Beside(20, Part(2, Part(5, Outside()))) },
                { "function, node", Beside(25, Part(7, Part(5, Part(5, Outside())))) },
                { "function, attribute", Beside(25, Part(11, Part(5, Outside()))) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void External_data_are_found_wherever_the_tensor_is(string place, byte[] model)
    {
        Assert.NotEmpty(place);
        Assert.Equal([new OnnxExternalFile("w.bin", 1, 8)], OnnxHeader.Read(model, model.Length).ExternalFiles);
    }

    [Fact]
    public void The_shape_may_be_packed()
    {
        byte[] model = HeaderSamples.Model(new ProtobufBytes().Message(5, new ProtobufBytes().Raw(1, [2, 0x80, 1]).Number(2, 1)))
            .Bytes;
        Assert.Equal(256, OnnxHeader.Read(model, model.Length).Parameters);
    }

    [Theory]
    [InlineData("/etc/passwd", "it is absolute")]
    [InlineData("../w.bin", "it has the part '..'")]
    [InlineData("a/../../w.bin", "it has the part '..'")]
    [InlineData("a\\w.bin", "it has a backslash")]
    [InlineData("C:w.bin", "it has the character ':', which Windows does not allow")]
    [InlineData("*/_ORT_MEM_ADDR_/*", "it is an address in memory")]
    public void A_location_outside_the_folder_is_a_fault(string location, string reason) => Assert.Equal(
        $"the data of its tensor 'w' are in the file '{location}', a name that is not usable: {reason}",
        FaultOf(HeaderSamples.External(HeaderSamples.Tensor(1, 2), location)));

    [Fact]
    public void A_location_longer_than_a_path_is_a_fault() => Assert.EndsWith("it is longer than 1024 bytes",
        FaultOf(HeaderSamples.External(HeaderSamples.Tensor(1, 2), new string('a', 100_000))), StringComparison.Ordinal);

    [Fact]
    public void A_location_in_this_folder_or_below_it_is_allowed() =>
        Assert.Null(FaultOf(HeaderSamples.External(HeaderSamples.Tensor(1, 2), "./data/w.bin")));

    [Theory]
    [InlineData("-1", null)]
    [InlineData(" 1", null)]
    [InlineData("0x1", null)]
    [InlineData("9223372036854775808", null)]
    [InlineData("9223372036854775807", "8")]
    [InlineData("0", "")]
    public void An_offset_or_length_that_is_no_decimal_number_is_a_fault(string offset, string? length) => Assert.Equal(
        "the offset or length of the data of its tensor 'w' is not valid",
        FaultOf(HeaderSamples.External(HeaderSamples.Tensor(1, 2), "w.bin", offset, length)));

    [Fact]
    public void Another_length_than_that_of_the_shape_is_a_fault() => Assert.Equal(
        "its tensor 'w' has 9 bytes, which is not the size of its shape in FLOAT",
        FaultOf(HeaderSamples.External(HeaderSamples.Tensor(1, 2), "w.bin", "0", "9")));

    [Fact]
    public void External_data_without_a_location_are_a_fault() => Assert.Equal(
        "the data of its tensor 'w' are in a file that it does not name", FaultOf(HeaderSamples.Tensor(1, 2).Number(14, 1)));

    // Parsers of protobuf take the lower 32 bits.
    [Fact]
    public void A_number_too_large_for_an_enum_means_external_too() => Assert.NotNull(
        FaultOf(HeaderSamples.Tensor(1, 2).Number(14, (1UL << 32) + 1)));

    [Fact]
    public void A_location_that_is_there_twice_is_a_fault() => Assert.Equal(
        "it states the place of the data of its tensor 'w' twice",
        FaultOf(HeaderSamples.External(HeaderSamples.External(HeaderSamples.Tensor(1, 2), "a"), "b")));

    [Fact]
    public void A_negative_dimension_is_a_fault() => Assert.Equal("the shape of its tensor '' is larger than any file",
        FaultOf(HeaderSamples.Tensor(1, ulong.MaxValue)));

    [Fact]
    public void Deep_nesting_is_a_fault()
    {
        var graph = new ProtobufBytes();
        for (int i = 0; i < 40; i++)
            graph = new ProtobufBytes().Message(1, new ProtobufBytes().Message(5, new ProtobufBytes().Message(6, graph)));
        Assert.Equal("its messages are nested deeper than 100 levels", Fault(HeaderSamples.Model(graph)));
    }

    [Fact]
    public void A_file_without_version_or_graph_is_a_fault()
    {
        Assert.Equal("it has no version and graph of an ONNX model", Fault(new ProtobufBytes()));
        Assert.Equal("it has no version and graph of an ONNX model", Fault(new ProtobufBytes().Number(1, 8)));
        Assert.Equal("it has no version and graph of an ONNX model", Fault(new ProtobufBytes().Message(7, new ProtobufBytes())));
    }

    [Theory]
    [InlineData(new byte[] { 8, 8, 0x3A, 5, 1 })]
    [InlineData(new byte[] { 0x3A, 2, 0x2A, 1, 8, 8 })]
    [InlineData(new byte[] { 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 })]
    [InlineData(new byte[] { 0x0B })]
    [InlineData(new byte[] { 0x0C })]
    [InlineData(new byte[] { 0x00, 1 })]
    [InlineData(new byte[] { 0x0D, 1, 2, 3 })]
    [InlineData(new byte[] { 0x3C, 0x68, 0x74, 0x6D, 0x6C })]
    public void Bytes_that_are_no_messages_are_a_fault(byte[] file) => Assert.Matches(
        "^its bytes at [0-9]+ are not those of an ONNX model$", HeaderSamples.Fault("m.onnx", file));

    [Fact]
    public void Unknown_fields_are_skipped() => Assert.Null(Fault(HeaderSamples.Model(new ProtobufBytes().Number(99, 1)
        .Raw(98, [0xFF, 0xFF])).Number(77, 5)));
}
