using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub diff</c>: compares two revisions of a repo. Of the contents, at most the cards are read.</summary>
internal static class DiffCommand
{
    private const string Card = "README.md";

    private static readonly string[] Kinds = ["added", "changed", "removed"];

    // As many digits as are enough to tell two contents apart.
    private const int ShortDigest = 12;

    /// <summary>A file that differs; one side is null for an added or removed file.</summary>
    private sealed record Change(string Kind, TreeEntry? Before, TreeEntry? After)
    {
        public string Path => (After ?? Before!).Path;
    }

    private sealed record Difference(RepoListing From, RepoListing To, IReadOnlyList<Change> Changes,
        IReadOnlyList<string> Facts);

    public static Command Create(string[] args)
    {
        var repo = new Argument<string>("repo-id") { Description = ToolHelp.Repo };
        var from = new Argument<string>("from") { Description = ProjectHelp.From };
        var to = new Argument<string>("to") { Description = ProjectHelp.To };
        foreach (Argument<string> argument in (Argument<string>[])[repo, from, to])
            Arguments.RefuseOptions(argument, args);
        Option<string?> hub = Arguments.Text("--hub", "name", ToolHelp.Hub);
        Option<RepoType?> type = Arguments.Type(ToolHelp.Type);
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("diff", ProjectHelp.Diff) { repo, from, to, hub, type, json };
        command.SetAction((parsed, cancel) => new CommandRun(cancel) { AsJson = parsed.GetValue(json) }.RunAsync(
            (client, _) =>
            {
                RepoReference named = client.ParseReference(parsed.GetValue(repo)!);
                RepoReference reference = named with
                {
                    Hubs = parsed.GetValue(hub) is string name ? [name] : named.Hubs,
                    RepoType = parsed.GetValue(type) ?? named.RepoType,
                };
                return CompareAsync(client, reference with { Revision = parsed.GetValue(from) },
                    reference with { Revision = parsed.GetValue(to) }, cancel);
            }, Print, Write));
        return command;
    }

    private static async Task<Difference> CompareAsync(
        HubClient client, RepoReference from, RepoReference to, CancellationToken cancel)
    {
        RepoListing before = await client.Repos.ListFilesAsync(from, cancel).ConfigureAwait(false),
            after = await client.Repos.ListFilesAsync(to, cancel).ConfigureAwait(false);
        var old = before.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        var now = after.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        List<Change> changes = [.. after.Files.Where(f => !old.ContainsKey(f.Path)).Select(f => new Change("added", null, f)),
            .. after.Files.Where(f => old.TryGetValue(f.Path, out TreeEntry? same) && !AreSame(same, f))
                .Select(f => new Change("changed", old[f.Path], f)),
            .. before.Files.Where(f => !now.ContainsKey(f.Path)).Select(f => new Change("removed", f, null))];
        changes.Sort((x, y) => string.CompareOrdinal(x.Path, y.Path));
        IReadOnlyList<string> facts = changes.Find(c => c.Path == Card) is not Change card ? []
            : CardFacts.Changes(await ReadAsync(client, from, before, card.Before, cancel).ConfigureAwait(false),
                await ReadAsync(client, to, after, card.After, cancel).ConfigureAwait(false));
        return new Difference(before, after, changes, facts);
    }

    private static async Task<CardFacts> ReadAsync(
        HubClient client, RepoReference repo, RepoListing listing, TreeEntry? card, CancellationToken cancel) =>
        card is null ? CardFacts.None : CardFacts.Read(await client.Repos.ReadBeginningAsync(
            repo, listing.Commit, card, CardFacts.LargestCard, cancel).ConfigureAwait(false));

    // A hub may state only some of these. Without a digest on both sides, an equal size proves nothing.
    private static bool AreSame(TreeEntry one, TreeEntry other) =>
        one.Sha256 is Digest digest && other.Sha256 is Digest same ? digest == same
        : one.Oid is not null && one.Oid == other.Oid;

    private static void Print(Difference difference)
    {
        foreach (Change change in difference.Changes)
        {
            ConsoleText.Say(string.Join("  ", new[]
            {
                change.Kind.PadRight("removed".Length), change.Path, Both(change, SizeOf), Both(change, DigestOf),
            }.Where(t => t.Length > 0)));
        }
        foreach (string fact in difference.Facts)
            ConsoleText.Say($"{Card}: {fact}");
        ConsoleText.Say(ProjectMessages.Compared(difference.From.Commit, difference.To.Commit,
            [.. Kinds.Select(k => difference.Changes.Where(c => c.Kind == k).ToArray())
                .Select(c => (c.Length, c.Sum(x => (x.After ?? x.Before!).Size ?? 0)))]));
    }

    private static string Both(Change change, Func<TreeEntry, string?> text)
    {
        string before = change.Before is null ? "" : text(change.Before) ?? "",
            after = change.After is null ? "" : text(change.After) ?? "";
        return before.Length == 0 || before == after ? after : after.Length == 0 ? before : $"{before} → {after}";
    }

    private static string? SizeOf(TreeEntry file) => file.Size is long size ? ByteSize.Show(size) : null;

    private static string? DigestOf(TreeEntry file) => (file.Sha256?.Hex ?? file.Oid) is string digest
        ? digest[..Math.Min(ShortDigest, digest.Length)] : null;

    private static void Write(Utf8JsonWriter json, Difference difference)
    {
        json.WriteString("hub", difference.To.Hub);
        json.WriteString("from", difference.From.Commit);
        json.WriteString("to", difference.To.Commit);
        JsonOutput.WriteList(json, "files", difference.Changes, change =>
        {
            json.WriteString("change", change.Kind);
            json.WriteString("path", change.Path);
            WriteSide(json, "before", change.Before);
            WriteSide(json, "after", change.After);
        });
        JsonOutput.WriteStrings(json, "card", difference.Facts);
    }

    private static void WriteSide(Utf8JsonWriter json, string name, TreeEntry? file)
    {
        if (file is null)
            return;
        json.WriteStartObject(name);
        JsonOutput.WriteContent(json, file.Size, file.Sha256);
        if (file.Oid is not null)
            json.WriteString("oid", file.Oid);
        json.WriteEndObject();
    }
}
