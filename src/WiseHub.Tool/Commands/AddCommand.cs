using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub add</c>: adds a reference to a project file and restores it, so that the lock file pins its commit. After a failure
/// every file that it edited has its old bytes.
/// </summary>
internal sealed class AddCommand
{
    private readonly Argument<string> _repo = new("repo-id or URL") { Description = ToolHelp.RepoOrUrl };
    private readonly Option<string?> _project = Arguments.Text("--project", "path", ProjectHelp.ProjectOption);
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ProjectHelp.AddHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.Type);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ProjectHelp.AddRevision);
    private readonly Option<string[]> _include = Arguments.Texts("--include", "pattern", ProjectHelp.AddInclude);
    private readonly Option<string[]> _exclude = Arguments.Texts("--exclude", "pattern", ToolHelp.Exclude);
    private readonly Option<string?> _alias = Arguments.Text("--alias", "name", ProjectHelp.Alias);
    private readonly Option<bool> _all = new("--all") { Description = ProjectHelp.AllFiles };
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    private sealed record Added(
        string Project, string Item, string Commit, IReadOnlyList<TreeEntry> Files, ModelFileChoice? Choice, string? VersionFile);

    public static Command Create(string[] args)
    {
        var options = new AddCommand();
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("add", ProjectHelp.Add)
        {
            options._repo, options._project, options._hub, options._type, options._revision, options._include, options._exclude,
            options._alias, options._all, options._json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(options._all) && result.GetValue(options._include) is { Length: > 0 })
                result.AddError(ProjectMessages.IncludeWithAll);
        });
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(options._json),
            Options = CommandRun.WithoutConfiguration,
        }.RunAsync((_, log) => options.RunAsync(parsed, log, cancel),
            added => Console.Out.WriteLine(Failures.Printable(added.Item)), Write));
        return command;
    }

    private async Task<Added> RunAsync(ParseResult parsed, IHubLog log, CancellationToken cancel)
    {
        string path = ProjectMessages.OnlyProject(BuildCommand.FindProject(parsed.GetValue(_project)));
        ProjectText project = ProjectText.Read(path);
        ProjectEvaluation evaluation = await ProjectEvaluation.OfAsync(path, cancel).ConfigureAwait(false);
        using HubClient client = CommandRun.ForProject(
            log, evaluation.ConfigFile, evaluation.DefaultHub, Path.GetDirectoryName(path));
        RepoReference reference = Reference(client, parsed);
        if (client.FindMistakes([reference]) is [HubException mistake, ..])
            throw mistake;
        string? alias = parsed.GetValue(_alias);
        RefuseSecond(project, client, reference, alias);
        string[] include = Arguments.Split(parsed.GetValue(_include)), exclude = Arguments.Split(parsed.GetValue(_exclude));
        // The content of a URL is downloaded by the restore, once.
        bool isFile = reference.RepoId.Contains("://", StringComparison.Ordinal);
        RepoListing? listing = isFile ? null
            : await client.Repos.ListFilesAsync(reference with { Files = new FileSelection([], exclude) }, cancel)
                .ConfigureAwait(false);
        ModelFileChoice? choice = null;
        IReadOnlyList<string> allow = include.Length > 0 ? include : reference.Files.Allow;
        if (allow.Count == 0 && listing is not null && reference.RepoType == RepoType.Model && !parsed.GetValue(_all))
        {
            choice = ModelFileChoice.Of(listing.Files);
            allow = choice.Patterns;
        }
        var selection = new FileSelection(allow, exclude);
        TreeEntry[] selected = [.. (listing?.Files ?? []).Where(f => selection.Matches(f.Path))];
        if (listing is not null && selected.Length == 0)
            throw ProjectMessages.NothingSelected(reference, listing);
        string item = UsageSnippet.ProjectItem(reference with { Files = selection }, alias);
        if (listing is not null)
            Tell(log, reference, listing, selected, choice);
        string? versionFile = await EditAsync(project, evaluation, item, reference, parsed.GetValue(_json), cancel)
            .ConfigureAwait(false);
        log.Info(ProjectMessages.AddedTo(path, versionFile, UsageSnippet.AccessorName(alias ?? reference.DefaultAlias)));
        return new Added(path, item, listing?.Commit ?? "", selected, choice, versionFile);
    }

    private RepoReference Reference(HubClient client, ParseResult parsed)
    {
        RepoReference named = client.ParseReference(parsed.GetValue(_repo)!);
        string? revision = parsed.GetValue(_revision);
        if (revision is not null && named.Revision is not null && named.Revision != revision)
            throw ToolMessages.TwoRevisions(named.Revision, revision);
        return named with
        {
            Hubs = parsed.GetValue(_hub) is string hub ? Arguments.Split([hub]) : named.Hubs,
            RepoType = parsed.GetValue(_type) ?? named.RepoType,
            Revision = revision ?? named.Revision,
        };
    }

    // Two references to one repo are useful only under two names.
    private static void RefuseSecond(ProjectText project, HubClient client, RepoReference reference, string? alias)
    {
        foreach (ProjectText.Element item in project.Items(UsageSnippet.ItemName))
        {
            string include = item.Attributes["Include"];
            if (ProjectReferences.Names(item, client, reference)
                && (alias is null || alias.Equals(ProjectReferences.AliasOf(item, client), StringComparison.OrdinalIgnoreCase)))
                throw ProjectMessages.AlreadyReferenced(project.Path, include);
        }
    }

    private static void Tell(
        IHubLog log, RepoReference reference, RepoListing listing, TreeEntry[] selected, ModelFileChoice? choice)
    {
        log.Info(ProjectMessages.Takes(reference, listing, selected));
        if (choice is null || choice.LeftOut.Count == 0)
            return;
        log.Info(ProjectMessages.LeavesOut(choice.LeftOut));
        log.Info(choice.Quantisation is string quantisation && choice.OtherQuantisations.Count > 0
            ? ProjectMessages.OtherQuantisations(quantisation, choice.OtherQuantisations) : ProjectMessages.ChooseOthers);
    }

    /// <returns>The file with the versions of packages, if it was edited.</returns>
    private static async Task<string?> EditAsync(ProjectText before, ProjectEvaluation evaluation, string item,
        RepoReference reference, bool isQuiet, CancellationToken cancel)
    {
        ProjectText project = before.Insert(UsageSnippet.ItemName, item);
        var edited = new List<ProjectText>();
        string? versionFile = null;
        if (!evaluation.UsesWiseHub)
        {
            string version = $" Version=\"{ToolMessages.Version}\"";
            versionFile = evaluation.VersionsFile;
            project = project.Insert("PackageReference",
                $"<PackageReference Include=\"{ProjectMessages.Package}\"{(versionFile is null ? version : "")} />");
            if (versionFile is not null && !evaluation.HasVersion)
                edited.Add(ProjectText.Read(versionFile).Insert("PackageVersion",
                    $"<PackageVersion Include=\"{ProjectMessages.Package}\"{version} />"));
            else
                versionFile = null;
        }
        edited.Add(project);
        bool isDone = false;
        try
        {
            edited.ForEach(f => f.Write());
            // In a CI job the lock file would have to cover the new reference already.
            (int exit, string errors) = await BuildCommand.RunAsync(project.Path, "WiseRestore", ["-p:WiseLockedMode=false"],
                isQuiet, cancel).ConfigureAwait(false);
            if (exit != ExitCodes.Done)
                throw ProjectMessages.RestoreFailed(project.Path, reference, errors);
            isDone = true;
            return versionFile;
        }
        finally
        {
            if (!isDone)
                edited.ForEach(f => f.Restore());
        }
    }

    private static void Write(Utf8JsonWriter json, Added added)
    {
        json.WriteString("project", added.Project);
        json.WriteString("item", added.Item);
        json.WriteString("commit", added.Commit);
        JsonOutput.WriteList(json, "files", added.Files, f => JsonOutput.WriteFile(json, f.Path, f.Size));
        JsonOutput.WriteList(json, "leftOut", added.Choice?.LeftOut ?? [], l =>
        {
            json.WriteString("what", l.What);
            json.WriteNumber("files", l.Files);
            json.WriteNumber("size", l.Size);
        });
        if (added.Choice?.Quantisation is string quantisation)
            json.WriteString("quantisation", quantisation);
        if (added.VersionFile is not null)
            json.WriteString("packageVersionsFile", added.VersionFile);
    }
}
