using System.Text;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>
/// Replaces, moves, deletes and opens files that another program may have open. Windows refuses this while a virus scanner,
/// a reader or a memory mapping holds the file; Unix rarely does. If the first try succeeds, it costs one .NET call. If another
/// program is in the way, tries follow with growing pauses; the final error names the file and the program.
/// </summary>
/// <param name="calls">The system calls.</param>
/// <param name="pause">Sleeps.</param>
/// <param name="waitsOnce">For many files in a row: they share the waiting time of one file.</param>
internal sealed class ContendedFiles(IFileCalls calls, Action<TimeSpan> pause, bool waitsOnce = false)
{
    // Virus scanners and indexers release a file within a second or two. The pauses double from 10 ms on: 5.1 s in total.
    private const int Pauses = 9;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    // By then a reader of a small file is done; a program that still holds the file is using it.
    private const int PausesForReaders = 3;

    // It may just as well be a missing permission, which is not worth five seconds.
    private const int PausesInDoubt = 6;

    private int _spent;

    /// <summary>The file system of this machine.</summary>
    public static ContendedFiles OfSystem { get; } = new(SystemFileCalls.Instance, Thread.Sleep);

    /// <summary>The file system of this machine, for many changes in a row where all files may be in use.</summary>
    public static ContendedFiles ForMany() => new(SystemFileCalls.Instance, Thread.Sleep, waitsOnce: true);

    /// <summary>
    /// Renames a complete temporary file to its final name. Replaces an existing file, even a read-only or open one, where the
    /// system can.
    /// </summary>
    /// <param name="temporary">A closed file on the same volume.</param>
    /// <param name="path">The final name.</param>
    /// <param name="asideFolder">
    /// A folder for the old file if a program still uses it and it can only be renamed, such as a mapped file. The name is
    /// missing for a moment. Null = never do that, for names that others look up.
    /// </param>
    /// <param name="isAsGood">
    /// Called once if the old file stays in use: true keeps it because it is equivalent, and discards the new one.
    /// </param>
    /// <exception cref="FileInUseException">Another program has the file open.</exception>
    /// <exception cref="IOException">The system refused for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is missing.</exception>
    public void Replace(string temporary, string path, string? asideFolder = null, Func<bool>? isAsGood = null) =>
        Retry(path, () => calls.Move(temporary, path), tried =>
        {
            if (calls.TryReplaceOpen(temporary, path))
                return true;
            if (tried == PausesForReaders && isAsGood?.Invoke() == true)
            {
                Discard(temporary);
                return true;
            }
            return tried >= PausesForReaders && asideFolder is not null && TryReplaceAside(temporary, path, asideFolder);
        });

    /// <summary>Deletes a file, even a read-only one. Does nothing if it does not exist.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void Delete(string path) => Retry(path, () => calls.Delete(path));

    /// <summary>
    /// Deletes a temporary file if it exists. Ignores failures, because they must not hide a more important one.
    /// </summary>
    public void Discard(string path) => calls.TryDelete(path);

    /// <summary>Deletes a folder with its content, including read-only files.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void DeleteFolder(string path) => Retry(path, () => calls.DeleteFolder(path));

    /// <summary>Renames a folder to an unused name.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void MoveFolder(string from, string to) => Retry(from, () => calls.MoveFolder(from, to));

    /// <summary>Opens a file for reading. Others may write, replace and delete it meanwhile.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public SafeFileHandle OpenRead(string path) => Open(path, calls.OpenRead);

    /// <summary>Opens a file in a mode that not every other program shares.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public SafeFileHandle Open(string path, Func<string, SafeFileHandle> open)
    {
        SafeFileHandle? opened = null;
        Retry(path, () => opened = open(path), isOpening: true);
        return opened!;
    }

    /// <summary>Reads a whole small file, opened by <see cref="OpenRead"/>.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public byte[] Read(string path)
    {
        using SafeFileHandle file = OpenRead(path);
        // The length is 0 where it is unknown, as in /proc.
        byte[] bytes = new byte[Math.Max(RandomAccess.GetLength(file), 1)];
        int length = 0;
        for (int read; (read = RandomAccess.Read(file, bytes.AsSpan(length), length)) > 0;)
        {
            length += read;
            if (length == bytes.Length)
                Array.Resize(ref bytes, length * 2);
        }
        Array.Resize(ref bytes, length);
        return bytes;
    }

    /// <summary>
    /// Reads a whole small text file, opened by <see cref="OpenRead"/>: UTF-8, or the encoding of its byte order mark.
    /// </summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public string ReadText(string path, Encoding? encoding = null)
    {
        using var reader = new StreamReader(new FileStream(OpenRead(path), FileAccess.Read), encoding ?? Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Retry(string path, Action change, Func<int, bool>? otherwise = null, bool isOpening = false)
    {
        TimeSpan wait = FirstPause;
        bool hasCleared = false;
        for (int tried = 0; ; tried++)
        {
            try
            {
                change();
                return;
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e) && !IsMissing(e))
            {
                RefusalReason why = calls.WhyRefused(e, path, isOpening);
                if (why == RefusalReason.ReadOnly && !hasCleared && (hasCleared = calls.TryClearReadOnly(path)))
                    continue;
                if (why is not (RefusalReason.InUse or RefusalReason.PerhapsInUse))
                    throw;
                if (otherwise?.Invoke(tried) == true)
                    return;
                bool waits = tried < (why == RefusalReason.InUse ? Pauses : PausesInDoubt) && !(waitsOnce && _spent >= Pauses);
                if (!waits && why == RefusalReason.InUse)
                    throw new FileInUseException(path, calls.UsersOf(path), e);
                if (!waits)
                    throw;
            }
            _spent++;
            pause(wait);
            wait *= 2;
        }
    }

    private static bool IsMissing(Exception e) => e is FileNotFoundException or DirectoryNotFoundException;

    // NTFS can rename a file that a program has mapped, but cannot replace or delete it.
    private bool TryReplaceAside(string temporary, string path, string folder)
    {
        string aside = Path.Combine(folder, TemporaryNames.NewAside());
        if (!calls.TryMove(path, aside))
            return false;
        if (!calls.TryMove(temporary, path))
        {
            calls.TryMove(aside, path);
            return false;
        }
        // If a program still holds it, it stays until a cleanup finds it.
        calls.TryDelete(aside);
        return true;
    }
}
