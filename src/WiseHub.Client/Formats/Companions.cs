namespace WiseHub.Client.Formats;

/// <summary>
/// The files that a file needs: an ONNX model its external data, an index of weights (<c>*.index.json</c>) its parts.
/// </summary>
internal static class Companions
{
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="file">The file, complete and seekable.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="fault">Why they are not known: the file names others in a way that is not allowed, or is malformed.</param>
    /// <returns>The files in the order in which they are named first; none if there is a fault.</returns>
    public static IReadOnlyList<Companion> Of(string path, Stream file, long size, out HeaderFault? fault)
    {
        HeaderInspection inspection = ModelHeaderCheck.Inspect(path, file, size);
        fault = inspection.Fault;
        return inspection.Companions;
    }

    /// <summary>The external data of an ONNX model.</summary>
    internal static IReadOnlyList<Companion> Of(string path, OnnxHeader header) =>
        [.. header.ExternalFiles.Select(f => new Companion(Beside(path, f.Location), f.End))];

    /// <summary>The parts that an index names.</summary>
    internal static IReadOnlyList<Companion> Of(string path, WeightIndexWalk index) =>
        [.. index.Files.Select(f => new Companion(Beside(path, f), null))];

    private static string Beside(string path, string other) => string.Concat(path.AsSpan(0, path.LastIndexOf('/') + 1), other);
}
