namespace WiseHub.Client.Formats;

/// <summary>The formats that are told apart. One id has two entries if only some of its files run code.</summary>
internal static class FileFormats
{
    // The words of Waive="…".
    private const string PickleWaiver = "pickle", KerasWaiver = "keras", SavedModelWaiver = "savedmodel",
        ProgramWaiver = "program", ScriptWaiver = "script";

    public static FileFormat Pickle { get; } = Code("pickle", PickleWaiver);

    public static FileFormat PyTorch { get; } = Code("pytorch", PickleWaiver);

    public static FileFormat TorchScript { get; } = Code("torchscript", PickleWaiver);

    public static FileFormat Joblib { get; } = Code("joblib", PickleWaiver);

    public static FileFormat NumpyObjects { get; } = Code("numpy", PickleWaiver);

    public static FileFormat Keras { get; } = Code("keras", KerasWaiver);

    public static FileFormat SavedModel { get; } = Code("savedmodel", SavedModelWaiver);

    public static FileFormat Elf { get; } = Code("elf", ProgramWaiver);

    public static FileFormat PortableExecutable { get; } = Code("pe", ProgramWaiver);

    public static FileFormat MachO { get; } = Code("macho", ProgramWaiver);

    /// <summary>WebAssembly, bytecode, and other programs.</summary>
    public static FileFormat Program { get; } = Code("program", ProgramWaiver);

    public static FileFormat Script { get; } = Code("script", ScriptWaiver);

    public static FileFormat Empty { get; } = Data("empty");

    public static FileFormat Safetensors { get; } = Data("safetensors");

    public static FileFormat Gguf { get; } = Data("gguf");

    public static FileFormat Onnx { get; } = Data("onnx");

    public static FileFormat Numpy { get; } = Data("numpy");

    public static FileFormat UnknownNumpy { get; } = Unknown("numpy");

    public static FileFormat Hdf5 { get; } = Data("hdf5");

    public static FileFormat TfLite { get; } = Data("tflite");

    public static FileFormat ExecuTorch { get; } = Data("executorch");

    public static FileFormat CoreMl { get; } = Data("coreml");

    public static FileFormat OpenVino { get; } = Data("openvino");

    public static FileFormat SentencePiece { get; } = Data("sentencepiece");

    public static FileFormat Json { get; } = Data("json");

    public static FileFormat PlainText { get; } = Data("text");

    public static FileFormat Parquet { get; } = Data("parquet");

    public static FileFormat Arrow { get; } = Data("arrow");

    public static FileFormat Image { get; } = Data("image");

    public static FileFormat Audio { get; } = Data("audio");

    public static FileFormat Video { get; } = Data("video");

    public static FileFormat Pdf { get; } = Data("pdf");

    public static FileFormat Font { get; } = Data("font");

    public static FileFormat Zip { get; } = Data("zip");

    public static FileFormat UnknownZip { get; } = Unknown("zip");

    public static FileFormat Tar { get; } = Data("tar");

    public static FileFormat UnknownTar { get; } = Unknown("tar");

    public static FileFormat Gzip { get; } = Data("gzip");

    public static FileFormat UnknownGzip { get; } = Unknown("gzip");

    public static FileFormat Zlib { get; } = Data("zlib");

    public static FileFormat UnknownZlib { get; } = Unknown("zlib");

    public static FileFormat SevenZip { get; } = Unknown("7z");

    public static FileFormat Rar { get; } = Unknown("rar");

    public static FileFormat Xz { get; } = Unknown("xz");

    public static FileFormat Bzip2 { get; } = Unknown("bzip2");

    public static FileFormat Lz4 { get; } = Unknown("lz4");

    public static FileFormat Zstandard { get; } = Unknown("zstd");

    public static FileFormat Lzma { get; } = Unknown("lzma");

    public static FileFormat Other { get; } = Unknown("unknown");

    private static FileFormat Data(string id) => new(id, FormatRisk.Data, null);

    private static FileFormat Unknown(string id) => new(id, FormatRisk.Unknown, null);

    private static FileFormat Code(string id, string waiver) => new(id, FormatRisk.Code, waiver);
}
