using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub snippet</c>: the lines with which a project uses a repo. Asks no hub.</summary>
internal static class SnippetCommand
{
    public static Command Create(string[] args)
    {
        var repo = new Argument<string>("repo-id or URL")
        { Description = "owner/name, the page of a repo, folder or file on a configured hub, or the URL of a file anywhere." };
        Arguments.RefuseOptions(repo, args);
        Option<string?> hub = Arguments.Text("--hub", "name", "The hub; left out, it is the default hub of the project.");
        var type = new Option<RepoType?>("--type")
        { Description = "model (default), dataset, code or space.", HelpName = "type", CustomParser = Arguments.ReadType };
        Option<string?> revision = Arguments.Text("--revision", "revision",
            "Branch, tag or commit; left out, it is the hub's default branch.");
        var command = new Command("snippet", "Prints the lines with which a project uses a repo. No hub is asked.")
        { repo, hub, type, revision };
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
                  string file = {UsageSnippet.Accessor(reference)}.Path("config.json"); // or any other file of it
                """);
        }, Console.Out.WriteLine));
        return command;
    }
}
