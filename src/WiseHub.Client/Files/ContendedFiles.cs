using System.Text;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>
/// Replaces, moves, deletes and opens files that another program may have open. Windows refuses that while a virus scanner,
/// a reader or a program that maps the file holds it; Unix hardly ever does. What succeeds at once costs the one call that
/// .NET makes. What is refused because of another program is tried again with growing pauses; then the error says which file
/// is in use, and by whom.
/// </summary>
/// <param name="calls">The system.</param>
/// <param name="pause">Waits.</param>
/// <param name="waitsOnce">For many files in a row: they share the time that one of them may wait.</param>
internal sealed class ContendedFiles(IFileCalls calls, Action<TimeSpan> pause, bool waitsOnce = false)
{
    // Virus scanners and indexers let go within a second or two. From 10 ms on, twice as long each time: 5.1 s in all.
    private const int Pauses = 9;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    // A reader of a small file is done by then; whoever still holds the file is a program that uses it.
    private const int PausesForReaders = 3;

    // What may be a lack of rights as well is not worth five seconds.
    private const int PausesInDoubt = 6;

    private int _spent;

    /// <summary>The files of this system.</summary>
    public static ContendedFiles OfSystem { get; } = new(SystemFileCalls.Instance, Thread.Sleep);

    /// <summary>The files of this system, where many are changed in a row and perhaps all of them are in use.</summary>
    public static ContendedFiles ForMany() => new(SystemFileCalls.Instance, Thread.Sleep, waitsOnce: true);

    /// <summary>
    /// Renames a finished temporary file to its name. What has that name is replaced, also when it is read-only or open,
    /// where the system can.
    /// </summary>
    /// <param name="temporary">A file on the same volume, closed.</param>
    /// <param name="path">The name.</param>
    /// <param name="asideFolder">
    /// Where a file goes that a program still uses and that can only be renamed, as one that it maps. For a moment nobody finds
    /// the name then; null = so the file stays, for names that others look up.
    /// </param>
    /// <param name="isAsGood">
    /// Asked once, when the file that must be replaced stays in use: it may be as good as the new one, which then goes.
    /// </param>
    /// <exception cref="FileInUseException">Another program holds the file.</exception>
    /// <exception cref="IOException">The system refused for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">The rights are missing.</exception>
    public void Replace(string temporary, string path, string? asideFolder = null, Func<bool>? isAsGood = null) =>
        Insist(path, () => calls.Move(temporary, path), tried =>
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

    /// <summary>Deletes a file, also a read-only one. Does nothing when there is none.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void Delete(string path) => Insist(path, () => calls.Delete(path));

    /// <summary>
    /// Deletes a temporary file of ours, if it is there. Where somebody holds it, it stays: that must not hide a
    /// failure that matters.
    /// </summary>
    public void Discard(string path) => calls.TryDelete(path);

    /// <summary>Deletes a folder with all that is in it, also what is read-only.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void DeleteFolder(string path) => Insist(path, () => calls.DeleteFolder(path));

    /// <summary>Renames a folder to a name that is not taken.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public void MoveFolder(string from, string to) => Insist(from, () => calls.MoveFolder(from, to));

    /// <summary>Opens a file to read it. Others may write, replace and delete it meanwhile.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public SafeFileHandle OpenRead(string path) => Open(path, calls.OpenRead);

    /// <summary>Opens a file in a way that not everybody may share.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public SafeFileHandle Open(string path, Func<string, SafeFileHandle> open)
    {
        SafeFileHandle? opened = null;
        Insist(path, () => opened = open(path), isOpening: true);
        return opened!;
    }

    /// <summary>Reads a whole small file as <see cref="OpenRead"/> opens it.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public byte[] Read(string path)
    {
        using SafeFileHandle file = OpenRead(path);
        // Where the length is not known, as in /proc, it is 0.
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

    /// <summary>Reads a whole small text as <see cref="OpenRead"/> opens it: UTF-8, or what its byte order mark says.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public string ReadText(string path, Encoding? encoding = null)
    {
        using var reader = new StreamReader(new FileStream(OpenRead(path), FileAccess.Read), encoding ?? Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Insist(string path, Action change, Func<int, bool>? otherwise = null, bool isOpening = false)
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
            catch (Exception e) when (IoFailures.IsFileSystem(e) && !IsOfNothing(e))
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

    private static bool IsOfNothing(Exception e) => e is FileNotFoundException or DirectoryNotFoundException;

    // NTFS renames a file that a running program maps, but replaces and deletes it not.
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
        // Where its user still holds it, it stays until something looks for such leftovers.
        calls.TryDelete(aside);
        return true;
    }
}
