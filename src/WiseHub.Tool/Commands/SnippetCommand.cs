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
        Option<string?> hub = Arguments.Text("--hub", "name", ToolHelp.SnippetHub);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        Option<string?> revision = Arguments.Text("--revision", "revision", ToolHelp.Revision);
        var command = new Command("snippet", ToolHelp.Snippet) { repo, hub, type, revision };
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            Options = log => CommandRun.InFolder(log) with { Offline = true },
        }.RunAsync((client, _) =>
        {
            RepoReference named = client.ParseReference(parsed.GetValue(repo)!);
            RepoReference reference = named with
            {
                Hubs = parsed.GetValue(hub) is string name ? Arguments.Split([name]) : named.Hubs,
                RepoType = parsed.GetValue(type) ?? named.RepoType,
                Revision = parsed.GetValue(revision) ?? named.Revision,
            };
            if (client.FindMistakes([reference]) is [HubException mistake, ..])
                throw mistake;
            return Task.FromResult($"""
                In the project file:

                  {UsageSnippet.ProjectItem(reference)}

                In C#, with the package WiseHub.Build:

                  string folder = {UsageSnippet.Accessor(reference)}.Directory;
                  string file = {UsageSnippet.Accessor(reference)}.Path("config.json"); // or any other file of the repo
                """);
        }, Console.Out.WriteLine));
        return command;
    }
}
