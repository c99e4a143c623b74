using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub remove</c>: removes a reference from a project file, and its lock entry if nothing else uses it.</summary>
internal static class RemoveCommand
{
    private sealed record Removed(string Project, IReadOnlyList<string> Items, IReadOnlyList<LockEntry> Entries);

    public static Command Create(string[] args)
    {
        var name = new Argument<string>("repo-id or alias") { Description = ProjectHelp.RepoOrAlias };
        Arguments.RefuseOptions(name, args);
        Option<string?> project = Arguments.Text("--project", "path", ProjectHelp.ProjectOption);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("remove", ProjectHelp.Remove) { name, project, type, json };
        command.SetAction((parsed, cancel) =>
        {
            return new CommandRun(cancel) { AsJson = parsed.GetValue(json), Options = CommandRun.WithoutConfiguration }
                .RunAsync((client, log) => RunAsync(client, log,
                    ProjectMessages.OnlyProject(BuildCommand.FindProject(parsed.GetValue(project))),
                    parsed.GetValue(name)!, parsed.GetValue(type), cancel), removed =>
                    {
                        foreach (string item in removed.Items)
                            Console.Out.WriteLine(Failures.Printable(item));
                    }, (writer, removed) =>
                    {
                        writer.WriteString("project", removed.Project);
                        JsonOutput.WriteStrings(writer, "items", removed.Items);
                        JsonOutput.WriteList(writer, "lockEntries", removed.Entries,
                            e => ProjectJson.WriteKey(writer, e.Key, e.Commit));
                    });
        });
        return command;
    }

    private static async Task<Removed> RunAsync(
        HubClient client, IHubLog log, string path, string name, RepoType? type, CancellationToken cancel)
    {
        ProjectText before = ProjectText.Read(path), after = before;
        using HubClient parser = CommandRun.ForProject(log, HubConfig.FindUpward(Path.GetDirectoryName(path)!));
        ProjectText.Element[] items = Find(before, parser, name, type);
        if (items.Length == 0)
            throw ProjectMessages.NoSuchReference(path, name,
                before.Items(UsageSnippet.ItemName).Select(i => i.Attributes["Include"]));
        using UsedReferences usedBefore = new(), usedAfter = new();
        // Before the edit, because the entry of the reference is known only by its evaluation: its hub may be a default.
        HashSet<LockKey> gone = await KeysAsync(usedBefore, path, cancel).ConfigureAwait(false);
        // From the end, so that the places of the others stay.
        for (int i = items.Length - 1; i >= 0; i--)
            after = after.Remove(Find(after, parser, name, type)[i]);
        string[] lines = [.. items.Select(i => before.Text[i.Start..i.End])];
        bool isDone = false;
        try
        {
            after.Write();
            IReadOnlyList<UsedReference> left =
                await usedAfter.ListAsync(path, BuildCommand.Configurations, cancel).ConfigureAwait(false);
            isDone = true;
            gone.ExceptWith(left.Select(u => u.Key));
        }
        finally
        {
            if (!isDone)
                after.Restore();
        }
        log.Info(ProjectMessages.RemovedFrom(path));
        return new Removed(path, lines, await RemoveEntriesAsync(client, log, usedBefore, usedAfter, gone, cancel)
            .ConfigureAwait(false));
    }

    private static async Task<HashSet<LockKey>> KeysAsync(UsedReferences used, string path, CancellationToken cancel)
    {
        try
        {
            return [.. (await used.ListAsync(path, BuildCommand.Configurations, cancel).ConfigureAwait(false))
                .Select(u => u.Key)];
        }
        // The reference to remove may be the mistake. Then it has no entry.
        catch (HubException e) when (e.Code == WiseCodes.ReferencesNotListed)
        {
            return [];
        }
    }

    // A project without references records nothing about its lock file, so the file is known from the first evaluation.
    private static async Task<IReadOnlyList<LockEntry>> RemoveEntriesAsync(HubClient client, IHubLog log,
        UsedReferences usedBefore, UsedReferences usedAfter, HashSet<LockKey> gone, CancellationToken cancel)
    {
        string[] lockFiles = [.. HubClient.ReadLockUse(usedBefore.Folder).Select(u => u.LockFile).Distinct()];
        LockEntry[] Entries() => [.. lockFiles.SelectMany(f => LockFile.Read(f)?.Entries ?? []).Where(e => gone.Contains(e.Key))];
        LockEntry[] before = Entries();
        try
        {
            await client.RemoveSomeUnusedAsync(usedAfter.Folder, gone.Contains, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RemovalUnsafe)
        {
            // The reference is removed; the entry may belong to another project.
            log.Info(ProjectMessages.EntryKept(e));
        }
        return [.. before.Except(Entries(), new SameKey())];
    }

    private sealed class SameKey : IEqualityComparer<LockEntry>
    {
        public bool Equals(LockEntry? x, LockEntry? y) => x?.Key == y?.Key;

        public int GetHashCode(LockEntry obj) => obj.Key.GetHashCode();
    }

    /// <summary>The items with this alias; without one, those that name this repo.</summary>
    private static ProjectText.Element[] Find(ProjectText project, HubClient parser, string name, RepoType? type)
    {
        ProjectText.Element[] items = [.. project.Items(UsageSnippet.ItemName)];
        ProjectText.Element[] byAlias = type is not null ? []
            : Array.FindAll(items, i => name.Equals(ProjectReferences.AliasOf(i, parser), StringComparison.OrdinalIgnoreCase));
        if (byAlias.Length > 0)
            return byAlias;
        RepoReference named = parser.ParseReference(name);
        return Array.FindAll(items, i => Enum.GetValues<RepoType>().Any(t => (type is null || t == type)
            && ProjectReferences.Names(i, parser, named with { RepoType = t })));
    }
}
