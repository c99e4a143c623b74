using System.CommandLine;
using System.Text.Json;
using WiseHub.Tool.Site;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub site</c>: web pages about the repos of a hub.</summary>
internal static class SiteCommand
{
    public static Command Create(string[] args)
    {
        var hub = new Argument<string>("hub") { Description = SiteHelp.Hub };
        Arguments.RefuseOptions(hub, args);
        Option<string> folder = new Option<string>("--out") { Description = SiteHelp.Out, HelpName = "folder", Required = true }
            .RefuseEmpty();
        Option<string?> title = Arguments.Text("--title", "text", SiteHelp.Title);
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("site", SiteHelp.Site) { hub, folder, title, json };
        command.SetAction((parsed, cancel) =>
        {
            string name = parsed.GetValue(hub)!;
            return new CommandRun(cancel) { AsJson = parsed.GetValue(json), Waiting = SiteMessages.Reading }.RunAsync(
                (client, _) => new SiteWriter(client, name, parsed.GetValue(title) ?? name,
                    Arguments.Resolve(parsed.GetValue(folder)!)).WriteAsync(cancel),
                result => Console.Out.WriteLine(Failures.Printable(result.Folder)), Write);
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, SiteResult result)
    {
        json.WriteString("folder", result.Folder);
        json.WriteNumber("repos", result.Repos);
        json.WriteNumber("commits", result.Commits);
        json.WriteNumber("pages", result.Pages);
        json.WriteNumber("written", result.Written);
        json.WriteNumber("removed", result.Removed);
    }
}
