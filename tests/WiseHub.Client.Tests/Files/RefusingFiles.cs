using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Tests;

/// <summary>The files of this system, some of which refuse changes as on Windows. Records the calls.</summary>
internal sealed class RefusingFiles : IFileCalls
{
    private readonly SystemFileCalls _system = SystemFileCalls.Instance;

    /// <summary>How often a change is refused before it is done.</summary>
    public int Refusals { get; set; }

    /// <summary>What is said to the question why.</summary>
    public RefusalReason Reason { get; set; } = RefusalReason.InUse;

    /// <summary>Another program shares the deletion of what it has open.</summary>
    public bool ReplacesOpen { get; set; }

    /// <summary>Another program maps the file, so that it can only be renamed.</summary>
    public bool RenamesOpen { get; set; }

    /// <summary>How often somebody removes the temporary file before it gets its name.</summary>
    public int TemporariesTaken { get; set; }

    /// <summary>The program that UsersOf names.</summary>
    public string? User { get; set; }

    public List<string> Calls { get; } = [];

    /// <summary>The pauses, in milliseconds.</summary>
    public List<double> Pauses { get; } = [];

    public ContendedFiles Files => new(this, p => Pauses.Add(p.TotalMilliseconds));

    public ContendedFiles FilesThatWaitOnce => new(this, p => Pauses.Add(p.TotalMilliseconds), waitsOnce: true);

    public void Move(string from, string to) => Do("move", () =>
    {
        if (TemporariesTaken-- > 0)
            File.Delete(from);
        _system.Move(from, to);
    });

    public void Delete(string path) => Do("delete", () => _system.Delete(path));

    public void DeleteFolder(string path) => Do("delete folder", () => _system.DeleteFolder(path));

    public void MoveFolder(string from, string to) => Do("move folder", () => _system.MoveFolder(from, to));

    public SafeFileHandle OpenRead(string path)
    {
        SafeFileHandle? file = null;
        Do("open", () => file = _system.OpenRead(path));
        return file!;
    }

    public bool TryReplaceOpen(string from, string to) =>
        Try("replace open", ReplacesOpen, () => _system.TryMove(from, to) || Overwrite(from, to));

    public bool TryMove(string from, string to) => Try("rename", RenamesOpen, () => _system.TryMove(from, to));

    // Whoever maps it keeps it.
    public bool TryDelete(string path) =>
        Try("try to delete", !RenamesOpen || !TemporaryNames.IsAside(Path.GetFileName(path)), () => _system.TryDelete(path));

    public bool TryClearReadOnly(string path)
    {
        Calls.Add("clear read-only");
        Reason = RefusalReason.Other;
        Refusals = 0;
        return true;
    }

    public RefusalReason WhyRefused(Exception refusal, string path, bool isOpening) =>
        refusal is Refusal ? Reason : _system.WhyRefused(refusal, path, isOpening);

    public string? UsersOf(string path) => User;

    private static bool Overwrite(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        return true;
    }

    private bool Try(string call, bool works, Func<bool> change)
    {
        Calls.Add(call);
        return works && change();
    }

    private void Do(string call, Action change)
    {
        Calls.Add(call);
        if (Refusals-- > 0)
            throw new Refusal();
        change();
    }

    private sealed class Refusal()
        : IOException("The process cannot access the file because it is being used by another process.");
}
