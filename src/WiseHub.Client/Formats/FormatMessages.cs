namespace WiseHub.Client.Formats;

/// <summary>The names of formats, and the reasons of verdicts. A reason is a clause that completes a sentence.</summary>
internal static class FormatMessages
{
    // A name in an archive may be of any length.
    private const int LongestName = 200;

    /// <summary>The name of a format.</summary>
    /// <param name="id">Its id.</param>
    public static Text NameOf(string id) => id switch
    {
        "pickle" => $"Python pickle",
        "pytorch" => $"PyTorch file (pickle)",
        "torchscript" => $"TorchScript program",
        "joblib" => $"joblib file (pickle)",
        "numpy" => $"NumPy array",
        "keras" => $"Keras model",
        "savedmodel" => $"TensorFlow graph",
        "elf" => $"Linux program",
        "pe" => $"Windows program",
        "macho" => $"macOS program",
        "program" => $"program",
        "script" => $"script or source code",
        "empty" => $"empty file",
        "safetensors" => $"safetensors",
        "gguf" => $"GGUF",
        "onnx" => $"ONNX model",
        "hdf5" => $"HDF5",
        "tflite" => $"TensorFlow Lite model",
        "executorch" => $"ExecuTorch program",
        "coreml" => $"Core ML model",
        "openvino" => $"OpenVINO model",
        "sentencepiece" => $"SentencePiece vocabulary",
        "json" => $"JSON",
        "text" => $"text",
        "parquet" => $"Parquet",
        "arrow" => $"Arrow",
        "image" => $"image",
        "audio" => $"audio",
        "video" => $"video",
        "pdf" => $"PDF",
        "font" => $"font",
        "zip" => $"zip archive",
        "tar" => $"tar archive",
        "7z" => $"7z archive",
        "rar" => $"RAR archive",
        "gzip" => $"gzip file",
        "zlib" => $"zlib file",
        "xz" => $"xz file",
        "bzip2" => $"bzip2 file",
        "lz4" => $"LZ4 file",
        "zstd" => $"Zstandard file",
        "lzma" => $"LZMA file",
        _ => $"unknown format",
    };

    public static Text NameOfPickle => $"loaders unpickle a file of this name";

    public static Text NameOfProgram => $"a file of this name is run as a program";

    public static Text NameOfScript => $"a file of this name is run as source code";

    public static Text NameOfKeras => $"Keras loads a file of this name, and such a file can name code";

    public static Text NameOfSavedModel => $"TensorFlow runs a file of this name";

    public static Text KerasAttributes => $"its attributes describe a Keras model, which can name code";

    public static Text NotTwoStrings => $"it computes the names of what it imports";

    public static Text PickleTooLong => $"it may be a pickle, and is too long to be followed";

    public static Text ObjectArray => $"it has Python objects, which are pickled";

    public static Text NumpyHeaderMalformed => $"its NumPy header is malformed";

    public static Text NumpyTail => $"its length differs from the length of its array";

    public static Text NotLookedInto => $"its compressed content is not looked into";

    public static Text NestedTooDeep => $"it is nested too deep in archives to be looked into";

    public static Text InflatesTooFar(long most) =>
        Text.Of($"its content is larger than {ByteSize.Show(most)} and was not read to its end");

    public static Text Damaged => $"its compressed content is damaged";

    /// <param name="format">The format of the content.</param>
    public static Text Inside(Text format) => $"its content is: {format}";

    /// <param name="member">The name of a file in an archive.</param>
    /// <param name="format">Its format.</param>
    public static Text Member(string member, Text format) => $"its file '{Printable(member)}' is: {format}";

    /// <param name="member">The name of a file in an archive.</param>
    /// <param name="reason">The reason of its verdict.</param>
    public static Text MemberReason(string member, Text reason) => $"its file '{Printable(member)}': {reason}";

    public static Text AlsoZip => $"a zip archive lies behind its content";

    public static Text AlsoHdf5 => $"it is an HDF5 file as well";

    public static Text ZipCutOff => $"its zip directory is missing or cut off";

    public static Text ZipDirectoryMalformed => $"its zip directory is malformed";

    public static Text ZipSeveralEnds => $"it has several ends of a zip directory";

    public static Text ZipDiffers(string member) =>
        $"its zip directory differs from its local headers at '{Printable(member)}'";

    public static Text ZipGap => $"bytes lie before, between or behind the files of its zip directory";

    public static Text ZipOverlap(string member) => $"'{Printable(member)}' overlaps another file of its zip directory";

    public static Text ZipTwice(string member) => $"'{Printable(member)}' is twice in its zip directory";

    public static Text ZipFlags(string member) => $"'{Printable(member)}' is marked as encrypted, or with unknown flags";

    public static Text ZipMethod(string member) => $"'{Printable(member)}' has an unknown compression method";

    public static Text ZipName(string member) => $"the name '{Printable(member)}' leads out of its folder";

    public static Text ZipSize(string member) => $"the size of '{Printable(member)}' is wrong";

    public static Text ZipChecksum(string member) => $"the checksum of '{Printable(member)}' is wrong";

    public static Text ZipBomb => $"it is compressed more than zip files of models are, as decompression bombs are";

    public static Text TooManyFiles(int most) => $"it has more than {most} files";

    public static Text TarMalformed => $"its tar headers are malformed";

    public static Text TarLink(string member) => $"its file '{Printable(member)}' is a link or a device";

    public static Text TarTail => $"bytes lie behind the end of its tar archive";

    // A name in a message must not be able to forge log lines.
    private static string Printable(string name) =>
        string.Concat(name.Take(LongestName).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
