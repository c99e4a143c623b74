using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub bom</c>: the models of a project, a lock file or a repo as CycloneDX 1.6 JSON.</summary>
internal static class BomCommand
{
    /// <summary>What the user asks for.</summary>
    private sealed record Request(string? Subject, string? LockFile, string? Configuration, string? Hub, RepoType? Type,
        string? Revision)
    {
        /// <summary>An existing path is a project; so is what looks like one, to get a message about it.</summary>
        public bool IsProject => LockFile is null && (Subject is null || Subject.StartsWith('.')
            || Path.IsPathRooted(Subject) || Path.Exists(Subject) || IsProjectName(Path.GetExtension(Subject)));

        private static bool IsProjectName(string extension) =>
            extension is ".sln" or ".slnx" || extension.EndsWith("proj", StringComparison.Ordinal);
    }

    public static Command Create(string[] args)
    {
        var subject = new Argument<string?>("project or repo-id")
        { Description = BomHelp.Subject, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(subject, args);
        Option<string?> output = Arguments.Text("--output", "file", BomHelp.Output),
            merge = Arguments.Text("--merge", "file", BomHelp.Merge), locked = Arguments.Text("--lock", "file", BomHelp.Lock),
            provenance = Arguments.Text("--provenance", "file", BomHelp.Provenance),
            published = Arguments.Text("--published", "folder", BomHelp.Published),
            configuration = Arguments.Text("--configuration", "name", ProjectHelp.OneConfiguration),
            hub = Arguments.Text("--hub", "name", ToolHelp.Hub),
            revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        var command = new Command("bom", BomHelp.Bom)
        { subject, output, merge, locked, provenance, published, configuration, hub, type, revision };
        command.SetAction((parsed, cancel) =>
        {
            var request = new Request(parsed.GetValue(subject), parsed.GetValue(locked), parsed.GetValue(configuration),
                parsed.GetValue(hub), parsed.GetValue(type), parsed.GetValue(revision));
            bool isRepo = !request.IsProject && request.LockFile is null;
            if (request is { Subject: not null, LockFile: not null })
                throw BomMessages.TwoSubjects(request.Subject);
            if (!isRepo && (request.Hub is not null || request.Type is not null || request.Revision is not null))
                throw BomMessages.RepoOptions();
            if (parsed.GetValue(provenance) is null != parsed.GetValue(published) is null)
                throw BomMessages.HalfProvenance();
            return new CommandRun(cancel) { Options = isRepo ? CommandRun.InFolder : CommandRun.WithoutConfiguration }.RunAsync(
                async (client, log) =>
                {
                    BillOfMaterials bill = isRepo ? await OfRepoAsync(client, request, cancel).ConfigureAwait(false)
                        : request.LockFile is string file ? OfLockFile(log, Arguments.Resolve(file))
                        : await OfProjectAsync(log, request, cancel).ConfigureAwait(false);
                    string? written = Write(bill, parsed.GetValue(merge), parsed.GetValue(output));
                    // Last, because the list may be one of the published files.
                    if (parsed.GetValue(provenance) is string statement)
                    {
                        bill.WriteProvenanceFile(
                            Arguments.Resolve(parsed.GetValue(published)!), Arguments.Resolve(statement), cancel);
                    }
                    return written;
                }, Print);
        });
        return command;
    }

    private static Task<BillOfMaterials> OfRepoAsync(HubClient client, Request request, CancellationToken cancel)
    {
        RepoReference named = client.ParseReference(request.Subject!);
        return client.DescribeMaterialsAsync(named with
        {
            Hubs = request.Hub is string name ? [name] : named.Hubs,
            RepoType = request.Type ?? named.RepoType,
            Revision = request.Revision ?? named.Revision,
        }, cancel);
    }

    private static BillOfMaterials OfLockFile(IHubLog log, string file)
    {
        LockFile locked = LockFile.Read(file) ?? throw BomMessages.NoLockFile(file);
        using HubClient client = CommandRun.ForProject(log, HubConfig.FindUpward(Path.GetDirectoryName(file)!));
        return client.DescribeMaterials(locked.Entries);
    }

    private static async Task<BillOfMaterials> OfProjectAsync(IHubLog log, Request request, CancellationToken cancel)
    {
        string project = BuildCommand.FindProject(request.Subject);
        using var references = new UsedReferences();
        IReadOnlyList<UsedReference> used = await references.ListAsync(
            project, [request.Configuration ?? BuildCommand.Configurations[0]], cancel).ConfigureAwait(false);
        var bills = new List<BillOfMaterials>();
        foreach (IGrouping<(string LockFile, string? ConfigFile), UsedReference> same
            in used.GroupBy(u => (u.LockFile, u.ConfigFile)))
        {
            using HubClient client = CommandRun.ForProject(log, same.Key.ConfigFile);
            bills.Add(client.DescribeMaterials(BillOfMaterials.EntriesOf(LockFile.Read(same.Key.LockFile),
                same.Select(u => (u.Key, u.Reference.Files)))));
        }
        return BillOfMaterials.Combine(bills, new BillProgram(Path.GetFileNameWithoutExtension(project)));
    }

    /// <returns>The written file; null after the list was written to standard output.</returns>
    private static string? Write(BillOfMaterials bill, string? merge, string? output)
    {
        if (output is null)
        {
            // Whole: a failed merge must not leave a part of a list in a pipe.
            using var text = new MemoryStream();
            if (merge is null)
                bill.Write(text);
            else
                bill.Merge(Arguments.Resolve(merge), text);
            ConsoleText.WriteUtf8(text.GetBuffer().AsSpan(0, (int)text.Length));
            return null;
        }
        string file = Arguments.Resolve(output);
        if (merge is null)
            bill.WriteFile(file);
        else
            bill.MergeFile(Arguments.Resolve(merge), file);
        return file;
    }

    private static void Print(string? file)
    {
        if (file is not null)
            Console.Out.WriteLine(Failures.Printable(file));
    }
}
