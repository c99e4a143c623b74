using System.Diagnostics;

namespace WiseHub.Client.Formats;

/// <summary>
/// Says what a file is, by its bytes, and whether its usual loader runs code. The name of a file makes a verdict stricter only.
/// Input is hostile: whatever the bytes are, the result is a verdict.
/// </summary>
internal static class FormatJudge
{
    // A zip in a zip in a .tar.gz.
    private const int Levels = 3;

    /// <summary>Judges a file by its first bytes.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="beginning">The first bytes, 1 MiB in practice; all of them if the file is smaller.</param>
    /// <param name="size">The size of the file in bytes.</param>
    /// <returns>Null if only the whole file can tell.</returns>
    public static unsafe FormatVerdict? FromBeginning(string path, ReadOnlySpan<byte> beginning, long size)
    {
        if (size <= 0)
            return FormatVerdict.Of(FileFormats.Empty);
        if (beginning.Length > size)
            beginning = beginning[..(int)size];
        if (beginning.IsEmpty)
            return null;
        fixed (byte* bytes = beginning)
        {
            using var stream = new UnmanagedMemoryStream(bytes, beginning.Length);
            return Judge(new FormatSubject(path, stream, size, Levels, new FormatWork(), CancellationToken.None));
        }
    }

    /// <summary>Judges a complete file.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="file">The file, seekable.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FormatVerdict OfFile(string path, Stream file, CancellationToken cancel) =>
        file.Length == 0 ? FormatVerdict.Of(FileFormats.Empty)
        : Judge(new FormatSubject(path, file, file.Length, Levels, new FormatWork(), cancel))
            ?? throw new UnreachableException();

    /// <summary>Judges a file, or a file inside it.</summary>
    /// <returns>Null if bytes that are not there must tell.</returns>
    internal static FormatVerdict? Judge(FormatSubject subject)
    {
        if (subject.Size == 0)
            return FormatVerdict.Of(FileFormats.Empty);
        FormatVerdict? verdict = FormatContent.Judge(subject);
        return verdict?.Risk == FormatRisk.Code ? verdict : ByName(subject, verdict);
    }

    private static FormatVerdict? ByName(FormatSubject subject, FormatVerdict? verdict)
    {
        string name = subject.Name;
        if (FormatNames.IsSavedModel(name))
            return FormatVerdict.Of(FileFormats.SavedModel, FormatMessages.NameOfSavedModel);
        if (FormatNames.IsKeras(name))
            return FormatVerdict.Of(FileFormats.Keras, FormatMessages.NameOfKeras);
        if (FormatNames.IsProgram(name))
            return FormatVerdict.Of(FileFormats.Program, FormatMessages.NameOfProgram);
        if (FormatNames.IsScript(name))
            return FormatVerdict.Of(FileFormats.Script, FormatMessages.NameOfScript);
        if (verdict is null || !FormatNames.IsUnpickled(name))
            return verdict;
        // Protocol 0 is text, and joblib may compress.
        if (verdict.Risk == FormatRisk.Unknown || verdict.Format.Id is "text" or "json" or "openvino")
        {
            return FormatVerdict.Of(name.Contains(".joblib", StringComparison.Ordinal) ? FileFormats.Joblib : FileFormats.Pickle,
                verdict.Reason ?? FormatMessages.NameOfPickle);
        }
        // A zip may lie behind the data; PyTorch looks for it at the end.
        return subject.IsComplete ? verdict : null;
    }
}
