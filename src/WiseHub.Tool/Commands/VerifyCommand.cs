using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub verify</c>: of a project, runs its target; with a lock file, compares a deployed program with it, without an SDK
/// and without a network.
/// </summary>
internal static class VerifyCommand
{
    public static Command Create(string[] args)
    {
        var subject = new Argument<string?>("project or folder")
        { Description = SignHelp.Subject, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(subject, args);
        Option<string?> locked = Arguments.Text("--lock", "file", SignHelp.Lock);
        Option<string[]> repos = Arguments.Texts("--repo", "repo-id", SignHelp.Repos),
            ignore = Arguments.Texts("--ignore", "pattern", SignHelp.Ignore);
        var ignoreMissing = new Option<bool>("--ignore-missing") { Description = SignHelp.IgnoreMissing };
        var offline = new Option<bool>("--offline") { Description = ToolHelp.BuildOffline };
        var noMirrorWrite = new Option<bool>("--no-mirror-write") { Description = ToolHelp.BuildNoMirrorWrite };
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("verify", SignHelp.Verify)
        { subject, locked, repos, ignoreMissing, ignore, offline, noMirrorWrite, json };
        Option[] ofDeployed = [repos, ignoreMissing, ignore, json], ofBuild = [offline, noMirrorWrite];
        command.SetAction(async (parsed, cancel) =>
        {
            bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
            if (parsed.GetValue(locked) is string file)
            {
                if (Array.Find(ofBuild, IsGiven) is Option wrong)
                    throw SignMessages.NotWithLock(wrong.Name);
                return await VerifyAsync(parsed.GetValue(subject) ?? ".", file, parsed.GetValue(repos) ?? [],
                    new DeploymentOptions
                    {
                        MayLackFiles = parsed.GetValue(ignoreMissing),
                        Ignore = Arguments.Split(parsed.GetValue(ignore)),
                    }, parsed.GetValue(json), cancel).ConfigureAwait(false);
            }
            if (Array.Find(ofDeployed, IsGiven) is Option needless)
                throw SignMessages.NeedsLock(needless.Name);
            return (await BuildCommand.RunAsync(BuildCommand.FindProject(parsed.GetValue(subject)), "WiseVerify",
                [.. BuildCommand.PropertiesOf(parsed.GetValue(offline), parsed.GetValue(noMirrorWrite))], isQuiet: false, cancel)
                .ConfigureAwait(false)).ExitCode;
        });
        return command;
    }

    private static Task<int> VerifyAsync(
        string folder, string lockFile, string[] repos, DeploymentOptions options, bool asJson, CancellationToken cancel)
    {
        string root = Arguments.Resolve(folder), file = Arguments.Resolve(lockFile);
        return new CommandRun(cancel) { AsJson = asJson, Options = CommandRun.WithoutConfiguration }.RunAsync(
            (_, _) => Task.Run(() => Deployment.Verify(root, EntriesOf(file, repos), options, cancel), cancel),
            Print, Write, report => report.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed);
    }

    private static LockEntry[] EntriesOf(string file, string[] repos)
    {
        LockFile locked = LockFile.Read(file) ?? throw SignMessages.NoLockFile(file);
        string[] unknown = [.. repos.Where(r => !locked.Entries.Any(e => e.Key.RepoId == r))];
        return unknown.Length > 0 ? throw SignMessages.NotLocked(file, unknown)
            : [.. locked.Entries.Where(e => repos.Length == 0 || repos.Contains(e.Key.RepoId))];
    }

    private static void Print(DeploymentReport report)
    {
        foreach (DeployedModel model in report.Models)
        {
            ConsoleText.Say(SignMessages.Model(model));
            if (model.Entry.License.Count > 0)
                ConsoleText.Say(SignMessages.License(model.Entry.License));
            if (model.Entry.Signature is LockedSignature signature)
                ConsoleText.Say(SignMessages.Signer(signature.Signer));
            foreach (LockedFile file in model.Entry.Files.Where(f => f.Waived is not null))
                ConsoleText.Say(SignMessages.Waived(file.Waived!, file.Path));
        }
        foreach (HubException problem in report.Problems)
            Failures.Write(Console.Error, problem.Code, problem.Message);
        if (report.Problems.Count == 0)
            ConsoleText.Say(SignMessages.AllAsLocked(report.Models.Count, report.Folder));
    }

    private static void Write(Utf8JsonWriter json, DeploymentReport report)
    {
        json.WriteString("folder", report.Folder);
        json.WriteBoolean("verified", report.Problems.Count == 0);
        JsonOutput.WriteList(json, "models", report.Models, model =>
        {
            json.WriteString("repoId", model.Entry.Key.RepoId);
            json.WriteString("repoType", model.Entry.Key.RepoType.ToText());
            json.WriteString("hub", model.Entry.Key.Hub);
            json.WriteString("revision", model.Entry.Key.Revision);
            json.WriteString("commit", model.Entry.Commit);
            JsonOutput.WriteStrings(json, "folders", model.Folders);
            json.WriteString("manifest", model.Manifest);
            json.WriteNumber("files", model.Files);
            json.WriteNumber("size", model.Size);
            JsonOutput.WriteStrings(json, "license", model.Entry.License);
            json.WriteString("signer", model.Entry.Signature?.Signer);
            JsonOutput.WriteList(json, "waived", model.Entry.Files.Where(f => f.Waived is not null), file =>
            {
                JsonOutput.WriteFile(json, file.Path, file.Size, file.Sha256);
                json.WriteString("kind", file.Waived);
            });
        });
        JsonOutput.WriteFailures(json, "problems", report.Problems.Select(p => new Failure(p.Code, p.Message)));
    }
}
