using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>Prints the results of <c>wisehub cache</c> as text.</summary>
internal static class CacheText
{
    public static void Print(CacheReport report)
    {
        foreach (CachedRepo repo in report.Repos)
        {
            Say($"{repo.Hub}  {Name(repo.RepoType, repo.RepoId)}  {Amounts.Show(repo.Files, repo.Size)}, "
                + $"last used {Day(repo.LastUsed)}");
            foreach (CachedCommit commit in repo.Commits)
            {
                string revisions = commit.Revisions.Count == 0 ? "" : $" ({string.Join(", ", commit.Revisions)})";
                Say($"  {commit.Commit}{revisions}  {Amounts.Show(commit.Files, commit.Size)}, last used {Day(commit.LastUsed)}");
                foreach (string lockFile in commit.LockFiles)
                    Say($"    locked by {lockFile}");
            }
        }
        Say($"{report.Root}: {Amounts.Show(report.Files, report.Size)}.");
        if (report.UnusedFiles > 0)
            Say($"{Amounts.Show(report.UnusedFiles, report.UnusedSize)}, unused. 'wisehub cache prune' removes those that were "
                + "not used within the last hour.");
        if (report.PartialSize > 0)
            Say($"{ByteSize.Show(report.PartialSize)} in interrupted downloads.");
    }

    public static void Print(CacheVerification verification)
    {
        if (verification.Problems.Count == 0)
            Say($"{verification.Root}: {Amounts.Show(verification.Files, verification.Size)}, all intact.");
    }

    /// <summary>Writes the problems to standard error, and returns the exit code.</summary>
    public static int Report(CacheVerification verification)
    {
        foreach (CacheProblem problem in verification.Problems)
            Console.Error.WriteLine($"error {WiseCodes.CacheDamaged}: {Failures.Printable(problem.Message)}");
        return verification.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    public static void Print(CacheRemoval removal)
    {
        string verb = removal.DryRun ? "Would remove" : "Removed";
        foreach (RemovedCommit commit in removal.Commits)
            Say($"{verb} {commit.Hub} {Name(commit.RepoType, commit.RepoId)} {commit.Commit}, last used {Day(commit.LastUsed)}");
        foreach (RemovedLockFile lockFile in removal.LockFiles)
        {
            Say($"{(removal.DryRun ? "Would no longer keep" : "No longer keeps")} the files of "
                + $"{(lockFile.Path.Length == 0 ? "a damaged record" : lockFile.Path)}, "
                + (lockFile.Exists ? $"last used {Day(lockFile.LastUsed)}" : "which no longer exists"));
        }
        foreach (string lockFile in removal.KeptBy)
            Say($"Kept the files that {lockFile} lists.");
        string leftovers = removal.Leftovers == 0 ? ""
            : $", and {removal.Leftovers} leftovers of interrupted work, {ByteSize.Show(removal.LeftoverSize)}";
        Say($"{verb} {Amounts.Show(removal.Files, removal.Size)}{leftovers}. {ByteSize.Show(removal.SizeLeft)} "
            + $"{(removal.DryRun ? "would remain" : "remain")} in {removal.Root}.");
    }

    private static string Name(RepoType type, string repoId) => type == RepoType.Model ? repoId : $"{type.ToText()} {repoId}";

    private static string Day(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Say(string line) => Console.Out.WriteLine(Failures.Printable(line));
}
