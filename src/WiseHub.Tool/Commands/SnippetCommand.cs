using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub snippet</c>: prints the lines with which a project uses a repo. Contacts no hub.</summary>
internal static class SnippetCommand
{
    public static Command Create(string[] args)
    {
        var repo = new Argument<string>("repo-id or URL")
        { Description = ToolHelp.RepoOrUrl };
        Arguments.RefuseOptions(repo, args);
        var path = new Argument<string?>("path") { Description = ToolHelp.SnippetPath, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(path, args);
        var unpack = new Option<bool>("--unpack") { Description = ToolHelp.Unpack };
        Option<string?> hub = Arguments.Text("--hub", "name", ToolHelp.SnippetHub);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        Option<string?> revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
        var command = new Command("snippet", ToolHelp.Snippet) { repo, path, hub, type, revision, unpack };
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            Options = log => CommandRun.InFolder(log) with { Offline = true },
        }.RunAsync((client, _) =>
        {
            RepoReference named = client.ParseReference(parsed.GetValue(repo)!, parsed.GetValue(unpack));
            string[] paths = parsed.GetValue(path) is string file ? [file] : [];
            RepoReference reference = named with
            {
                Hubs = parsed.GetValue(hub) is string name ? Arguments.Split([name]) : named.Hubs,
                RepoType = parsed.GetValue(type) ?? named.RepoType,
                Revision = parsed.GetValue(revision) ?? named.Revision,
                Files = new FileSelection([.. named.Files.Allow, .. paths.Select(FileSelection.Literal)], named.Files.Ignore),
                RequiredPaths = [.. named.RequiredPaths, .. paths],
            };
            if (client.FindMistakes([reference]) is [HubException mistake, ..])
                throw mistake;
            string accessor = UsageSnippet.Accessor(reference);
            return Task.FromResult($"""
                In the project file:

                  {UsageSnippet.PackageItem(ToolMessages.Version)}
                  {UsageSnippet.ProjectItem(reference)}

                In C#:

                  {(UsageSnippet.FileAccessor(reference) is string one ? $"string file = {one};"
                    : $"string folder = {accessor}.Directory;")}
                """ + (UsageSnippet.FileAccessor(reference) is not null ? "" : $"""

                  string file = {accessor}.Path("config.json"); // or any other file of it
                """));
        }, Console.Out.WriteLine));
        return command;
    }
}
