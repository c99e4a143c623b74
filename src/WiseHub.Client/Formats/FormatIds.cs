namespace WiseHub.Client.Formats;

/// <summary>The names of all formats, for policies.</summary>
internal static class FormatIds
{
    /// <summary>Each name once.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        FileFormats.Pickle.Id, FileFormats.PyTorch.Id, FileFormats.TorchScript.Id, FileFormats.Joblib.Id,
        FileFormats.NumpyObjects.Id, FileFormats.Keras.Id, FileFormats.SavedModel.Id, FileFormats.Elf.Id,
        FileFormats.PortableExecutable.Id, FileFormats.MachO.Id, FileFormats.Program.Id, FileFormats.Script.Id,
        FileFormats.Empty.Id, FileFormats.Safetensors.Id, FileFormats.Gguf.Id, FileFormats.Onnx.Id, FileFormats.Hdf5.Id,
        FileFormats.TfLite.Id, FileFormats.ExecuTorch.Id, FileFormats.CoreMl.Id, FileFormats.OpenVino.Id,
        FileFormats.SentencePiece.Id, FileFormats.Json.Id, FileFormats.PlainText.Id, FileFormats.Parquet.Id,
        FileFormats.Arrow.Id, FileFormats.Image.Id, FileFormats.Audio.Id, FileFormats.Video.Id, FileFormats.Pdf.Id,
        FileFormats.Font.Id, FileFormats.Zip.Id, FileFormats.Tar.Id, FileFormats.Gzip.Id, FileFormats.Zlib.Id,
        FileFormats.SevenZip.Id, FileFormats.Rar.Id, FileFormats.Xz.Id, FileFormats.Bzip2.Id, FileFormats.Lz4.Id,
        FileFormats.Zstandard.Id, FileFormats.Lzma.Id, FileFormats.Other.Id,
    ];
}
