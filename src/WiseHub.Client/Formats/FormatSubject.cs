namespace WiseHub.Client.Formats;

/// <summary>A file that is judged, or a file inside it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">All of its bytes or the first ones, seekable.</param>
/// <param name="Size">Its size; <see cref="UnknownSize"/> if only the end of the bytes can tell.</param>
/// <param name="Levels">The levels of archives that may be looked into.</param>
/// <param name="Work">The work that may be done.</param>
/// <param name="Cancel">Stops.</param>
internal sealed record FormatSubject(
    string Path, Stream Bytes, long Size, int Levels, FormatWork Work, CancellationToken Cancel)
{
    /// <summary>The size of what is read forward, and has not ended yet.</summary>
    public const long UnknownSize = long.MaxValue;

    /// <summary>True if all bytes are there.</summary>
    public bool IsComplete => Bytes.Length >= Size;

    /// <summary>The name of the file for <see cref="FormatNames"/>.</summary>
    public string Name => FormatNames.FileName(Path);
}
