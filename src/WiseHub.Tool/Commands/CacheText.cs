using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>Prints the results of <c>wisehub cache</c> as text.</summary>
internal static class CacheText
{
    // The length to which git shortens commits at first, with some to spare.
    private const int CommitLength = 10;

    private const int Width = 80, LongestRevisions = 16;

    /// <summary>Prints a table with a row for each commit, and below it what the cache has besides.</summary>
    /// <param name="report">The cache.</param>
    /// <param name="order">The order of the repos: <c>size</c>, <c>used</c>, or else by name.</param>
    /// <param name="now">The time from which the ages are counted.</param>
    public static void Print(CacheReport report, string? order, DateTimeOffset now)
    {
        IEnumerable<CachedRepo> repos = order switch
        {
            "size" => report.Repos.OrderByDescending(r => r.Size),
            "used" => report.Repos.OrderByDescending(r => r.LastUsed),
            _ => report.Repos,
        };
        (string[] Cells, IReadOnlyList<string> LockFiles)[] rows = [.. repos.SelectMany(r => r.Commits.Select(c =>
            ((string[])[Name(r.RepoType, r.RepoId), r.Hub, c.Commit[..Math.Min(CommitLength, c.Commit.Length)],
                Shorten(string.Join(", ", c.Revisions)), c.Files.ToString(CultureInfo.InvariantCulture), ByteSize.Show(c.Size),
                Amounts.Ago(now - c.LastUsed)], c.LockFiles)))];
        if (rows.Length > 0)
        {
            Text[] texts = [$"Repo", $"Hub", $"Commit", $"Revisions", $"Files", $"Size", $"Last used"];
            string[] head = [.. texts.Select(t => (string)t)];
            int[] widths = [.. head.Select((h, i) =>
                rows.Select(r => Columns.Of(Failures.Printable(r.Cells[i]))).Append(Columns.Of(h)).Max())];
            // A longer name is a line of its own, so that it stays whole and the others stay aligned.
            widths[0] = Math.Min(widths[0], Math.Max(Columns.Of(head[0]), Width - widths.Skip(1).Sum(w => w + 2)));
            SayRow(head, widths);
            foreach ((string[] cells, IReadOnlyList<string> lockFiles) in rows)
            {
                SayRow(cells, widths);
                foreach (string lockFile in lockFiles)
                    ConsoleText.Say($"  locked by {lockFile}");
            }
            ConsoleText.Say("");
        }
        ConsoleText.Say($"{report.Root}: {Amounts.Show(report.Files, report.Size)}.");
        if (report.UnusedFiles > 0)
            ConsoleText.Say(
                $"{Amounts.Show(report.UnusedFiles, report.UnusedSize)}, unused. 'wisehub cache prune' removes those that were "
                + $"not used within the last hour.");
        if (report.PartialSize > 0)
            ConsoleText.Say($"{ByteSize.Show(report.PartialSize)} in interrupted downloads.");
    }

    public static void Print(CacheVerification verification)
    {
        if (verification.Problems.Count == 0)
            ConsoleText.Say($"{verification.Root}: {Amounts.Show(verification.Files, verification.Size)}, all intact.");
    }

    /// <summary>Writes the problems to standard error, and returns the exit code.</summary>
    public static int Report(CacheVerification verification)
    {
        foreach (CacheProblem problem in verification.Problems)
            Failures.Write(Console.Error, WiseCodes.CacheDamaged, problem.Message);
        return verification.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    public static void Print(CacheRemoval removal)
    {
        string verb = removal.DryRun ? (Text)$"Would remove" : (Text)$"Removed";
        foreach (RemovedCommit commit in removal.Commits)
        {
            ConsoleText.Say($"{verb} {commit.Hub} {Name(commit.RepoType, commit.RepoId)} {commit.Commit}, "
                + $"last used {Day(commit.LastUsed)}");
        }
        foreach (RemovedLockFile lockFile in removal.LockFiles)
        {
            ConsoleText.Say($"{(removal.DryRun ? (Text)$"Would no longer keep" : (Text)$"No longer keeps")} the files of "
                + $"{(lockFile.Path.Length == 0 ? (Text)$"a damaged record" : lockFile.Path)}, "
                + $"{(lockFile.Exists ? (Text)$"last used {Day(lockFile.LastUsed)}" : (Text)$"which no longer exists")}");
        }
        foreach (string lockFile in removal.KeptBy)
            ConsoleText.Say($"Kept the files that {lockFile} lists.");
        string leftovers = removal.Leftovers == 0 ? ""
            : (Text)$", and {removal.Leftovers} leftovers of interrupted work, {ByteSize.Show(removal.LeftoverSize)}";
        ConsoleText.Say($"{verb} {Amounts.Show(removal.Files, removal.Size)}{leftovers}. {ByteSize.Show(removal.SizeLeft)} "
            + $"{(removal.DryRun ? (Text)$"would remain" : (Text)$"remain")} in {removal.Root}.");
    }

    private static void SayRow(string[] cells, int[] widths)
    {
        cells = Array.ConvertAll(cells, Failures.Printable);
        if (Columns.Of(cells[0]) > widths[0])
        {
            ConsoleText.Say(cells[0]);
            cells[0] = "";
        }
        // Numbers end at the same place.
        ConsoleText.Say(string.Join("  ", cells.Select(
            (c, i) => i is 4 or 5 ? Columns.PadLeft(c, widths[i]) : Columns.PadRight(c, widths[i]))).TrimEnd());
    }

    private static string Shorten(string revisions) =>
        revisions.Length <= LongestRevisions ? revisions : revisions[..(LongestRevisions - 1)] + "…";

    private static string Name(RepoType type, string repoId) => type == RepoType.Model ? repoId : $"{type.ToText()} {repoId}";

    private static string Day(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
