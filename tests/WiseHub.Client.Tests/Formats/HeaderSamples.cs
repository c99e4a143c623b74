using System.Buffers.Binary;
using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>Small files with headers, and what the check says of files.</summary>
internal static class HeaderSamples
{
    /// <summary>A safetensors file with this header, and zeros as data.</summary>
    public static byte[] Safetensors(string json, int data, ulong? length = null)
    {
        byte[] text = Encoding.UTF8.GetBytes(json), bytes = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length ?? (ulong)text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }

    /// <summary>Two tensors of 24 and 6 bytes, in another order than their data.</summary>
    public static byte[] TwoTensors => Safetensors("{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"BF16\","
        + "\"shape\":[3],\"data_offsets\":[24,30]},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}  ", 30);

    /// <summary>A GGUF file with a vocabulary and two tensors.</summary>
    public static byte[] Llama => new GgufBytes(3, 2, 4).Text("general.architecture").U32(8).Text("llama")
        .Text("general.file_type").U32(4).U32(15).Text("tokens").U32(9).U32(8).U64(2).Text("a").Text("b")
        .Text("general.license").U32(8).Text("mit").TensorAt("x", 12, 0, 256, 2).TensorAt("y", 0, 288, 7).Data(288 + 28).Bytes;

    public static ProtobufBytes Tensor(ulong type, params ulong[] shape)
    {
        var tensor = new ProtobufBytes();
        foreach (ulong size in shape)
            tensor.Number(1, size);
        return tensor.Number(2, type).Text(8, "w");
    }

    public static ProtobufBytes External(ProtobufBytes tensor, string location, string? offset = null, string? length = null)
    {
        tensor.Pair(13, "location", location);
        if (offset is not null)
            tensor.Pair(13, "offset", offset);
        if (length is not null)
            tensor.Pair(13, "length", length);
        return tensor.Number(14, 1);
    }

    /// <summary>A model with this graph, as writers order its fields.</summary>
    public static ProtobufBytes Model(ProtobufBytes graph) => new ProtobufBytes().Number(1, 8).Text(2, "pytorch").Text(3, "2.1")
        .Message(7, graph).Message(8, new ProtobufBytes().Number(2, 17)).Pair(14, "author", "acme");

    /// <summary>A model with initializers inside and outside, a node with a tensor, a subgraph, and its own domain.</summary>
    public static byte[] Onnx => Model(new ProtobufBytes()
        .Message(1, new ProtobufBytes().Text(7, "acme.ops").Message(5, new ProtobufBytes().Text(1, "value")
            .Message(5, Tensor(7, 2).Raw(9, new byte[16]))))
        .Message(1, new ProtobufBytes().Message(5, new ProtobufBytes()
            .Message(6, new ProtobufBytes().Message(5, Tensor(10, 4)))))
        .Message(5, Tensor(1, 2, 3).Raw(9, new byte[24]))
        .Message(5, External(Tensor(1, 100), "m.onnx_data", "64", "400"))).Bytes;

    public static string Index => "{\"metadata\":{\"total_size\":10},\"weight_map\":{\"a\":\"m-1.safetensors\","
        + "\"b\":\"m-2.safetensors\",\"c\":\"m-1.safetensors\"}}";

    /// <summary>The facts of a file; null if it has no header of a model, or a false one.</summary>
    public static HeaderFacts? Facts(string path, byte[] file)
    {
        using var stream = new MemoryStream(file);
        return ModelHeaderCheck.Inspect(path, stream, file.Length).Facts;
    }

    /// <summary>What is wrong with a file; null if nothing is.</summary>
    public static string? Fault(string path, byte[] file)
    {
        using var stream = new MemoryStream(file);
        string? fault = ModelHeaderCheck.OfFile(path, stream, file.Length)?.What;
        // All bytes at once are no different from a file.
        Assert.Equal(fault, (string?)ModelHeaderCheck.OfBeginning(path, file, file.Length)?.What);
        return fault;
    }
}
