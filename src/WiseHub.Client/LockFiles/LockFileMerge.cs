using System.Text;

namespace WiseHub.Client;

/// <summary>An entry that two sides changed in different ways.</summary>
/// <param name="Base">The common ancestor; null if it is unknown or has no such entry.</param>
/// <param name="Ours">The entry of one side.</param>
/// <param name="Theirs">The entry of the other side.</param>
public sealed record LockConflict(LockEntry? Base, LockEntry Ours, LockEntry Theirs);

/// <summary>The entry to take where both sides changed it in different ways.</summary>
public enum LockPreference
{
    /// <summary>Neither: it is a conflict.</summary>
    None,
    /// <summary>That of our side.</summary>
    Ours,
    /// <summary>That of their side.</summary>
    Theirs,
}

/// <summary>
/// Merges two lock files by entries. Text merges are not safe: entries consist of lines, and lines of two commits may end up in
/// one entry. No entry is lost: one is absent from the result only if one side removed it and the other did not change it.
/// </summary>
public sealed class LockFileMerge
{
    // git puts these around the sides of a conflict, at the start of a line; the third is only in its diff3 styles.
    private const string OursMark = "<<<<<<<", BaseMark = "|||||||", MiddleMark = "=======", TheirsMark = ">>>>>>>";

    private readonly LockFile _settled;

    private LockFileMerge(LockFile settled, IReadOnlyList<LockConflict> conflicts) => (_settled, Conflicts) = (settled,
        conflicts);

    /// <summary>The entries for which there is no rule, sorted; empty if the merge is complete.</summary>
    public IReadOnlyList<LockConflict> Conflicts { get; }

    /// <summary>The merged lock file; null if there are conflicts.</summary>
    public LockFile? Result => Conflicts.Count == 0 ? _settled : null;

    /// <summary>Merges two lock files.</summary>
    /// <param name="ancestor">Their common ancestor; null if it is unknown. Then every entry counts as added.</param>
    /// <param name="ours">One side.</param>
    /// <param name="theirs">The other side.</param>
    /// <param name="preference">The side to take for entries that would be conflicts.</param>
    public static LockFileMerge Of(
        LockFile? ancestor, LockFile ours, LockFile theirs, LockPreference preference = LockPreference.None)
    {
        var settled = new List<LockEntry>();
        var conflicts = new List<LockConflict>();
        foreach (LockKey key in ours.Entries.Concat(theirs.Entries).Select(e => e.Key).Distinct())
        {
            LockEntry? before = ancestor?.Find(key), our = ours.Find(key), their = theirs.Find(key);
            if (our is null || their is null)
            {
                LockEntry one = our ?? their!;
                // Without a change on this side, the other side's removal counts.
                if (!AreSame(one, before))
                    settled.Add(one);
            }
            else if (AreSame(our, their) || AreSame(their, before))
                settled.Add(our);
            else if (AreSame(our, before))
                settled.Add(their);
            else if (Union(our, their) is LockEntry both)
                settled.Add(both);
            else if (preference == LockPreference.None)
                conflicts.Add(new LockConflict(before, our, their));
            else
                settled.Add(preference == LockPreference.Ours ? our : their);
        }
        LockFile conflicted = LockFile.Empty.With(conflicts.Select(c => c.Ours));
        return new LockFileMerge(LockFile.Empty.With(settled),
            [.. conflicted.Entries.Select(e => conflicts.Find(c => c.Ours == e)!)]);
    }

    /// <summary>
    /// The lock file with conflict markers around whole entries, and only around those of <see cref="Conflicts"/>.
    /// </summary>
    public byte[] ToTextWithConflicts()
    {
        IReadOnlyList<LockEntry> entries = _settled.With(Conflicts.Select(c => c.Ours)).Entries;
        var text = new StringBuilder("{\"version\":1,\"references\":[\n");
        for (int i = 0; i < entries.Count; i++)
        {
            string end = i < entries.Count - 1 ? ",\n" : "\n";
            if (Conflicts.FirstOrDefault(c => c.Ours == entries[i]) is not LockConflict conflict)
            {
                text.Append(LockFile.TextOf(entries[i])).Append(end);
                continue;
            }
            text.Append(OursMark).Append(" ours\n").Append(LockFile.TextOf(conflict.Ours)).Append(end)
                .Append(BaseMark).Append(" base\n");
            if (conflict.Base is not null)
                text.Append(LockFile.TextOf(conflict.Base)).Append(end);
            text.Append(MiddleMark).Append('\n').Append(LockFile.TextOf(conflict.Theirs)).Append(end)
                .Append(TheirsMark).Append(" theirs\n");
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    /// <summary>Merges the sides of a text with conflict markers of git, also in the styles diff3 and zdiff3.</summary>
    /// <remarks>
    /// Prefer the three versions that git keeps of an unmerged file: around the markers, git has already merged by lines.
    /// </remarks>
    /// <param name="bytes">The text.</param>
    /// <param name="file">Its path, for messages.</param>
    /// <returns>Null if there are no conflict markers.</returns>
    /// <exception cref="HubException">WISE4001: a side is not a lock file. WISE4002: a newer version wrote it.</exception>
    public static LockFileMerge? OfText(byte[] bytes, string file)
    {
        if (Sides(Encoding.UTF8.GetString(bytes)) is not { } sides)
            return null;
        return Of(sides.Ancestor is string text ? AncestorOf(text, file) : null, ParseSide(sides.Ours, file),
            ParseSide(sides.Theirs, file));
    }

    /// <summary>The line of the first conflict marker, from 1; null if there is no complete set of markers.</summary>
    internal static int? ConflictLine(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        int at = Array.FindIndex(lines, l => IsMark(l, OursMark));
        return at >= 0 && lines.Any(l => IsMark(l, MiddleMark)) && lines.Any(l => IsMark(l, TheirsMark)) ? at + 1 : null;
    }

    // The style zdiff3 moves lines that both sides share out of the conflict, but keeps them in the ancestor. Such an ancestor
    // may be no lock file. Without it, every entry is kept.
    private static LockFile? AncestorOf(string text, string file)
    {
        try
        {
            return ParseSide(text, file);
        }
        catch (HubException e) when (e.Code == WiseCodes.LockUnreadable)
        {
            return null;
        }
    }

    private static LockFile ParseSide(string text, string file) => LockFile.ParseSide(Encoding.UTF8.GetBytes(text), file);

    private static (string Ours, string Theirs, string? Ancestor)? Sides(string text)
    {
        StringBuilder ours = new(), theirs = new(), ancestor = new();
        StringBuilder[] all = [ours, theirs, ancestor], current = all;
        bool any = false, hasBase = true, sawBase = false;
        foreach (string line in text.Split('\n'))
        {
            if (current == all && IsMark(line, OursMark))
                (current, any, sawBase) = ([ours], true, false);
            else if (current is [StringBuilder o] && o == ours && IsMark(line, BaseMark))
                (current, sawBase) = ([ancestor], true);
            else if (current is [StringBuilder s] && s != theirs && IsMark(line, MiddleMark))
                (current, hasBase) = ([theirs], hasBase && sawBase);
            else if (current is [StringBuilder t] && t == theirs && IsMark(line, TheirsMark))
                current = all;
            else
            {
                foreach (StringBuilder side in current)
                    side.Append(line).Append('\n');
            }
        }
        return any && current == all ? (ours.ToString(), theirs.ToString(), hasBase ? ancestor.ToString() : null) : null;
    }

    // A label may follow the mark, and a carriage return if the file was checked out with CRLF.
    private static bool IsMark(string line, string mark) => line.StartsWith(mark, StringComparison.Ordinal)
        && (line.Length == mark.Length || line[mark.Length] is ' ' or '\r');

    /// <summary>
    /// Entries of one commit can be joined: its files are the same for all, and the selections only say which are needed.
    /// </summary>
    private static LockEntry? Union(LockEntry ours, LockEntry theirs)
    {
        if (ours.Commit != theirs.Commit)
            return null;
        var files = ours.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (LockedFile file in theirs.Files)
        {
            if (!files.TryAdd(file.Path, file) && files[file.Path] != file)
                return null;
        }
        if (PathRules.FindCollision(files.Keys) is not null)
            return null;
        List<LockedFile> joined = [.. files.Values];
        Utf8Ordinal.Sort(joined, f => f.Path);
        return ours with
        {
            Selections = [.. ours.Selections.Concat(theirs.Selections).Distinct()
                .OrderBy(LockFile.TextOf, Utf8Ordinal.Instance)],
            Files = joined,
            License = ours.License.Count > 0 ? ours.License : theirs.License,
            Gate = ours.Gate ?? theirs.Gate,
            Signature = ours.Signature ?? theirs.Signature,
        };
    }

    private static bool AreSame(LockEntry one, LockEntry? other) =>
        other is not null && (one == other || LockFile.TextOf(one) == LockFile.TextOf(other));
}
