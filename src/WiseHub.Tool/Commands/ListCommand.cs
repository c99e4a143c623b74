using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub ls</c> and <c>wisehub outdated</c>: the references of a project or solution, and their locked
/// commits.</summary>
internal static class ListCommand
{
    // As git shows commits.
    private const int ShortCommit = 7;

    /// <summary>A reference with its lock entry.</summary>
    private sealed record Row(UsedReference Used, LockEntry? Entry, IReadOnlyList<LockedFile> Files, int InCache)
    {
        public long Size => Files.Sum(f => f.Size);
    }

    private sealed record Checked(UsedReference Used, LockEntry? Entry, string? Current, LockState State)
    {
        public bool IsOutdated => State == LockState.Outdated;
    }

    public static Command CreateList()
    {
        (Argument<string?> project, Option<string?> configuration, Option<bool> json) = Shared();
        var command = new Command("ls", ProjectHelp.List) { project, configuration, json };
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(json),
            Options = CommandRun.WithoutConfiguration,
        }.RunAsync(async (client, _) =>
        {
            IReadOnlyList<UsedReference> used =
                await ReferencesAsync(parsed.GetValue(project), parsed.GetValue(configuration), cancel).ConfigureAwait(false);
            Dictionary<string, LockFile?> locks = Locks(used);
            return (IReadOnlyList<Row>)[.. used.Select(u =>
            {
                LockEntry? entry = locks[u.LockFile]?.Find(u.Key);
                LockedFile[] files = [.. (entry?.Files ?? []).Where(f => u.Reference.Files.Matches(f.Path))];
                return new Row(u, entry, files, files.Count(f => client.Cache.Has(f.Sha256, f.Size)));
            })];
        }, Print, (writer, rows) => JsonOutput.WriteList(writer, "references", rows, row =>
        {
            writer.WriteString("project", row.Used.Project);
            writer.WriteString("alias", row.Used.Alias);
            ProjectJson.WriteKey(writer, row.Used.Key, row.Entry?.Commit);
            writer.WriteNumber("files", row.Files.Count);
            writer.WriteNumber("size", row.Size);
            writer.WriteNumber("filesInCache", row.InCache);
        })));
        return command;
    }

    public static Command CreateOutdated()
    {
        (Argument<string?> project, Option<string?> configuration, Option<bool> json) = Shared();
        var exitCode = new Option<bool>("--exit-code") { Description = ProjectHelp.ExitCode };
        var command = new Command("outdated", ProjectHelp.Outdated) { project, configuration, exitCode, json };
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(json),
            Options = CommandRun.WithoutConfiguration,
        }.RunAsync(async (_, log) =>
        {
            IReadOnlyList<UsedReference> used =
                await ReferencesAsync(parsed.GetValue(project), parsed.GetValue(configuration), cancel).ConfigureAwait(false);
            return await CheckAsync([.. used.DistinctBy(u => (u.LockFile, u.Key))], log, cancel).ConfigureAwait(false);
        }, Print, (writer, rows) => JsonOutput.WriteList(writer, "references", rows, row =>
        {
            writer.WriteString("lockFile", row.Used.LockFile);
            ProjectJson.WriteKey(writer, row.Used.Key, row.Entry?.Commit);
            if (row.Current is not null)
                writer.WriteString("currentCommit", row.Current);
            writer.WriteString("state", row.State switch
            {
                LockState.Current => "current",
                LockState.Outdated => "outdated",
                LockState.NotLocked => "not locked",
                _ => "not checked",
            });
        }), rows => parsed.GetValue(exitCode) && rows.Any(r => r.IsOutdated) ? ExitCodes.Failed : ExitCodes.Done));
        return command;
    }

    private static (Argument<string?>, Option<string?>, Option<bool>) Shared()
    {
        var project = new Argument<string?>("project") { Description = ToolHelp.Project, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(project);
        return (project, Arguments.Text("--configuration", "name", ProjectHelp.OneConfiguration), CacheCommand.NewJsonOption());
    }

    private static async Task<IReadOnlyList<UsedReference>> ReferencesAsync(
        string? project, string? configuration, CancellationToken cancel)
    {
        using var used = new UsedReferences();
        return await used.ListAsync(BuildCommand.FindProject(project), [configuration ?? BuildCommand.Configurations[0]], cancel)
            .ConfigureAwait(false);
    }

    private static Dictionary<string, LockFile?> Locks(IEnumerable<UsedReference> used) =>
        used.Select(u => u.LockFile).Distinct().ToDictionary(f => f, LockFile.Read, StringComparer.Ordinal);

    /// <summary>Asks the first hub of each reference once. All failures are reported together.</summary>
    private static async Task<IReadOnlyList<Checked>> CheckAsync(
        IReadOnlyList<UsedReference> used, IHubLog log, CancellationToken cancel)
    {
        var rows = new List<Checked>();
        var failures = new List<HubException>();
        Dictionary<string, LockFile?> locks = Locks(used);
        foreach (IGrouping<string?, UsedReference> same in used.GroupBy(u => u.ConfigFile))
        {
            using HubClient client = CommandRun.ForProject(log, same.Key);
            foreach (UsedReference one in same)
            {
                LockEntry? entry = locks[one.LockFile]?.Find(one.Key);
                // The commit of a URL is the digest of its content, which only a download tells.
                if (entry is null || one.Key.RepoId.Contains("://", StringComparison.Ordinal))
                {
                    rows.Add(new Checked(one, entry, null, entry
                        is null ? LockState.NotLocked : LockState.NotChecked));
                    continue;
                }
                try
                {
                    string current = await client.Repos.ResolveAsync(one.Reference, cancel).ConfigureAwait(false);
                    rows.Add(new Checked(one, entry, current,
                        current == entry.Commit ? LockState.Current : LockState.Outdated));
                }
                catch (HubException e)
                {
                    failures.Add(e);
                }
            }
        }
        return failures.Count == 0 ? rows : throw (failures is [HubException only] ? only : new AggregateException(failures));
    }

    private static void Print(IReadOnlyList<Row> rows)
    {
        bool several = rows.Select(r => r.Used.Project).Distinct().Count() > 1;
        foreach (IGrouping<string, Row> project in rows.GroupBy(r => r.Used.Project))
        {
            if (several)
                ConsoleText.Say(project.Key);
            PrintTable([.. project.Select(r => new[]
            {
                r.Used.Alias, ProjectMessages.Repo(r.Used.Key), r.Used.Key.Hub,
                r.Entry is null ? ProjectMessages.NotLocked : Short(r.Entry.Commit),
                Amounts.Show(r.Files.Count, r.Size), ProjectMessages.InCache(r.InCache, r.Files.Count),
            })]);
        }
        if (rows.Count == 0)
            ConsoleText.Say(ProjectMessages.NoReferences);
    }

    private static void Print(IReadOnlyList<Checked> rows)
    {
        PrintTable([.. rows.Select(r => new[]
        {
            ProjectMessages.Repo(r.Used.Key), r.Used.Key.Hub, r.Used.Key.Revision ?? ProjectMessages.DefaultBranch,
            r.Entry is null ? "" : Short(r.Entry.Commit), r.Current is null ? "" : Short(r.Current),
            ProjectMessages.State(r.State),
        })]);
        ConsoleText.Say(rows.Count == 0 ? ProjectMessages.NoReferences
            : ProjectMessages.CountOutdated(rows.Count(r => r.IsOutdated), rows.Count));
    }

    private static void PrintTable(IReadOnlyList<string[]> rows)
    {
        if (rows.Count == 0)
            return;
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => Columns.Of(r[c])))];
        foreach (string[] row in rows)
            ConsoleText.Say(string.Join("  ", row.Select((cell, c) => Columns.PadRight(cell, widths[c]))).TrimEnd());
    }

    private static string Short(string commit) => commit[..Math.Min(ShortCommit, commit.Length)];
}
