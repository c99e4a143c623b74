using WiseHub.Client;
using WiseHub.Client.Files;
using WiseHub.EntryHost;

namespace WiseHub.Tool;

/// <summary>The messages of the tool.</summary>
internal static class ToolMessages
{
    // ---- progress

    /// <summary>Shown before the first answer of a hub.</summary>
    public static Text ContactingHub => $"contacting the hub …";

    public static Text ReadingFiles => $"reading files …";

    // ---- the command line (WISE1101)

    public static Text PasswordOption(string option) =>
        $"'{option}' is not an option, because other users of this machine can read the arguments of a process. "
        + $"'wisehub login --user NAME' reads the password from the terminal, or with --password-stdin from a pipe. "
        + $"Change the password if the command line was logged.";

    public static Text TokenOption(string option) =>
        $"'{option}' is not an option, because other users of this machine can read the arguments of a process. "
        + $"Set the environment variable WISEHUB_TOKEN_<HUB>, for example WISEHUB_TOKEN_TEAM for the hub 'team'. "
        + $"Or store the token with 'wisehub login', which reads it from the terminal, or with --token-stdin from a pipe. "
        + $"Replace the token if the command line was logged.";

    public static Text UnknownOption(string option, string? near) =>
        $"There is no option '{option}'.{Suggestions.Sentence(near)}";

    public static Text UnknownCommand(string command, string? near) =>
        $"There is no command '{command}'.{Suggestions.Sentence(near)}";

    public static Text NoSubcommand(string command) => $"'{command}' requires one of its commands.";

    public static Text UnknownShell(string given, string[] shells) =>
        $"There is no completion for '{given}'; name {OneOf(shells)}.{Suggestions.Sentence(Suggestions.Nearest(given, shells))}";

    public static Text QuietWithVerbose => $"--quiet and --verbose cannot be combined.";

    public static Text UnexpectedArgument(string argument) => $"Unexpected argument '{argument}'.";

    public static Text EmptyValue(string name) => $"{name} is empty. Omit it or give a value.";

    public static Text WrongValue(string option, string value, string form, string? near = null) =>
        $"{option} is '{value}'; it must be {form}.{Suggestions.Sentence(near)}";

    public static Text TypeForm => $"model, dataset, code or space";

    public static Text NumberForm(bool isSeconds, int least, int most) => isSeconds
        ? (Text)$"a whole number of seconds from {least} to {most}" : (Text)$"a whole number from {least} to {most}";

    public static Text OneOf(string[] words) => $"{string.Join(", ", words[..^1])} or {words[^1]}";

    public static Text AgeForm => $"a whole number with h, d or w, for example 30d";

    public static Text SizeForm => $"a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, for example 20GB";

    public static Text ChunkSizeForm => $"from 64KiB to 1GiB, with a unit, for example 5MiB";

    public static Text LimitForm => $"a whole number of at least 1";

    public static Text WrongDigest => $"--sha256 must be 64 hexadecimal characters.";

    public static Text HubGivenTwice => $"The hub is given twice, as an argument and as --hub. Give it once.";

    public static Text PrivateWithoutCreate =>
        $"--private applies only to a repo that --create creates. Give both, or omit --private.";

    public static Text HaveWithoutBundle => $"--have requires a bundle: --to must end in .tar.";

    public static Text WholeBundle => $"A bundle is imported as a whole. Omit the repos.";

    public static Text PrintTokenWithJson => $"--print-token and --json cannot be combined.";

    public static Text PasswordInputWithoutUser => $"--password-stdin requires --user.";

    public static Text UserWithToken => $"--user cannot be combined with --token-stdin or --print-token.";

    public static Text HubWithAll => $"A hub and --all cannot be combined.";

    public static Text EntryArgumentForm(string argument) =>
        $"'{argument}' is not an argument of an entry. Write name=value.";

    public static Text RemovalNeedsYes =>
        $"'wisehub cache rm' asks before it removes anything, and there is no terminal to ask on. "
        + $"Add --yes, or preview the removal with --dry-run.";

    public static Text DeletionNeedsYes =>
        $"'wisehub repo delete' asks for the name of the repo before it deletes anything, and there is no terminal to ask on. "
        + $"Add --yes.";

    public static HubException RepoGivenWithBundle() => new(WiseCodes.WrongUsage, WholeBundle);


    public static Text SeeHelp(string command) => $"Run '{command} --help' for usage.";

    // ---- questions

    public static Text Confirm(string question) => $"{question} [y/N] ";

    public static Text RemoveNow => $"Remove it?";

    public static Text DeleteRepo(string name) =>
        $"This permanently deletes {name} with everything in it. Type its name to continue: ";

    // ---- revisions and entries

    public static HubException TwoRevisions(string inUrl, string option) =>
        new(WiseCodes.InvalidValue, $"The URL names the revision '{inUrl}', but --revision is '{option}'. Omit one of them.");

    public static HubException ArgumentGivenTwice(string name) =>
        new(WiseCodes.EntryArgument, $"The argument '{name}' is given twice. Give it once.");

    public static HubException NoRuntime(IEnumerable<string> folders) => new(WiseCodes.EntryHostMissing,
        $"The code of a repo runs in a process of .NET, but the program 'dotnet' was not found. It was searched in "
        + $"DOTNET_HOST_PATH, DOTNET_ROOT, PATH, {string.Join(", ", folders)}. {Runtime} {Programs.Searched}.");

    public static HubException RuntimeNotStarted(string dotnet, string reason, Exception? e = null) =>
        new(WiseCodes.EntryHostMissing,
            $"The code of a repo runs in a process of .NET, but {dotnet} could not start it: {reason.TrimEnd('.')}. {Runtime}",
            e);

    public static HubException NoEntryHost(string path) => new(WiseCodes.EntryHostMissing,
        $"The code of a repo cannot be run, because {path} is missing. It is a part of wisehub. Install wisehub again.");

    public static HubException EntryTimeLimit(EntryHostRequest request, TimeSpan limit) => new(WiseCodes.EntryTimeLimit,
        $"{CodeOf(request)} did not end within {limit.TotalSeconds} seconds, so its process was ended with all that it started. "
        + $"Give it more time with --time-limit, or ask the owner of the repo.");

    public static HubException EntryProcessEnded(EntryHostRequest request, int exitCode) => new(WiseCodes.EntryProcessFailed,
        $"{CodeOf(request)} gave no result, because the repo's own code ended the process, or made it crash (exit code "
        + $"{exitCode}). Its output may say why; ask the owner of the repo.");

    public static HubException EntryResponseUnusable(EntryHostRequest request, int most) => new(WiseCodes.EntryProcessFailed,
        $"{CodeOf(request)} gave no usable result: the response of its process is larger than {ByteSize.Show(most)}, or damaged. "
        + $"Ask the owner of the repo.");

    private static Text Runtime => $"Install the .NET runtime 10 or later.";

    private static Text CodeOf(EntryHostRequest request) => request.Entry is null
        ? (Text)$"{request.Repo}: loading {Path.GetFileName(request.Path)}"
            : (Text)$"{request.Repo}: the entry '{request.Entry}'";

    public static HubException NoFileUrl(RepoReference repo) =>
        new(WiseCodes.NoRepoAdmin, $"The hub of {repo} has no URLs of files. Download them with 'wisehub download'.");

    /// <summary>The version of this tool, which is also that of the package WiseHub.Build with the same code.</summary>
    public static string Version => typeof(HubClient).Assembly.GetName().Version!.ToString(3);

    // ---- download --dry-run

    public static Text UnknownSize => $"unknown";

    public static Text WouldDownload(DownloadPlan plan)
    {
        int cached = plan.Files.Count(f => f.IsInCache);
        string at = plan.Commit is null ? "" : (Text)$" at {plan.Commit}";
        string unknown = plan.Files.Any(f => !f.IsInCache && f.Size is null) ? (Text)$", besides unknown sizes" : "";
        string inCache = cached == 0 ? "" : (Text)$"; in the cache: {FileCount.Show(cached)}";
        return $"Would download {Amounts.Show(plan.FilesToFetch, plan.BytesToFetch)}{unknown}, of {plan.Reference}{at} from "
            + $"{plan.Hub}{inCache}.";
    }

    // ---- restore, update, verify

    public static HubException NoProject(string path) =>
        new(WiseCodes.ProjectNotFound, $"{path} does not exist. Name a project file, or a folder that contains one.");

    public static HubException NoProjectIn(string folder) =>
        new(WiseCodes.ProjectNotFound, $"{folder} contains no project. Name a project file, or a folder that contains one.");

    public static HubException SeveralProjects(string folder, IEnumerable<string?> projects) =>
        new(WiseCodes.ProjectNotFound,
            $"{folder} contains more than one project: {string.Join(", ", projects)}. Name one of them.");

    public static HubException NoTarget(string project, string target, string version) =>
        new(WiseCodes.ProjectWithoutWiseHub, $"{project} has no target {target}, so it does not use WiseHub.Build. "
            + $"Add <PackageReference Include=\"WiseHub.Build\" Version=\"{version}\" /> to it.");

    public static Text NoProjectUsesWiseHub =>
        $"No project of the solution uses WiseHub.Build. Add a PackageReference to the projects that need models.";

    public static HubException WrongDotnetHostPath(string path) =>
        new(WiseCodes.SdkTooOld, $"DOTNET_HOST_PATH is '{path}', which is not a program. Correct it, or unset it.");

    public static HubException NoDotnet() =>
        new(WiseCodes.SdkTooOld, $"The program 'dotnet' was not found. "
            + $"Install the .NET SDK 10.0.100 or later, and put it on PATH. {Programs.Searched}.");

    public static HubException DotnetNotStarted(string dotnet, Exception e) =>
        new(WiseCodes.SdkTooOld, $"'{dotnet}' could not be started: {e.Message}. "
            + $"Install the .NET SDK 10.0.100 or later, and put it on PATH.", e);

    // ---- login, logout, whoami

    public static Text AlreadyLoggedIn(HubIdentity identity) =>
        $"Already logged in to {Show(identity)}, with the token from {identity.Source}. Use --force to enter another one.";

    public static Text AlreadyLoggedIn(HubIdentity identity, HubSession session) => $"Already logged in to {Show(identity)}, "
        + $"with the session from {session.Source}{Until(session)}. Use --force to enter the password again.";

    public static Text LoggedIn(HubIdentity identity) =>
        $"Logged in to {Show(identity)}. The token is stored in {identity.Source}.";

    public static Text LoggedIn(HubIdentity identity, HubSession session) =>
        $"Logged in to {Show(identity)}. The session is stored in {session.Source}{Until(session)}.";

    public static Text OtherSourceWins(string source) => $"But {source} takes precedence. Unset it to use the stored login.";

    public static Text NothingStored => $"No token was stored.";

    public static Text LoggedOut(IEnumerable<string> hubs) =>
        $"Removed the token for {string.Join(", ", hubs)}. To revoke it everywhere, also delete it on the hub's website.";

    public static Text TokenStillUsed(string hub, string source) => $"The hub '{hub}' still gets the token from {source}.";

    public static Text SessionStillUsed(string hub, HubSession session) =>
        $"The hub '{hub}' still gets the session from {session.Source}.";

    public static Text Account(HubIdentity identity) => identity.Account is null
        ? (Text)$"The hub '{identity.Hub}' cannot tell who owns its token. The token comes from {identity.Source}."
        : (Text)$"{Show(identity)}, with the token from {identity.Source}.";

    public static Text Account(HubIdentity identity, HubSession session) =>
        $"{Show(identity)}, with the session from {session.Source}{Until(session)}.";

    public static Text SessionToo(HubSession session) =>
        $"It also gets the session{(session.User is string user ? (Text)$" of {user}" : "")} from "
            + $"{session.Source}{Until(session)}.";

    public static HubException TokenNeeded(string hub, string variable, Uri? page) =>
        new(WiseCodes.LoginNotPossible, $"The hub '{hub}' requires a token, and there is no terminal to ask for it. "
            + $"{CreateAt(page)}Set {variable}, or pipe the token into 'wisehub login {hub} --token-stdin'.");

    public static Text TokenFor(HubDefinition hub, Uri? page, bool takesPassword) => $"{CreateAt(page)}"
        + $"Token {(takesPassword ? (Text)$"(not the password) " : "")}for '{hub.Name}' at {hub.Endpoint} (not shown): ";

    public static HubException PasswordNeeded(string hub, string user) =>
        new(WiseCodes.LoginNotPossible,
            $"The hub '{hub}' requires the password of '{user}', and there is no terminal to ask for it. "
            + $"Pipe it into 'wisehub login {hub} --user {user} --password-stdin'.");

    public static Text PasswordFor(HubDefinition hub, string user) =>
        $"Password of '{user}' for '{hub.Name}' at {hub.Endpoint} (not shown): ";

    public static Text LoginAtMovedHub(string? configFile, HubDefinition hub, string places) =>
        $"{configFile} moves the hub '{hub.Name}' to {places}. Log in there?";

    public static HubException MovedHubRefused(string places) =>
        new(WiseCodes.LoginNotPossible, $"Nothing was sent to {places}. To log in elsewhere, run this outside the project.");

    public static HubException InputWouldBeShown() =>
        new(WiseCodes.LoginNotPossible, $"The terminal would show the input: 'stty -echo' failed. "
            + $"Pipe the token into 'wisehub login --token-stdin'.");

    // ---- the end of a run

    public static Text Cancelled => $"Cancelled. Verified files are kept, and the next run continues from there.";

    public static Text Bug(Exception e) => $"This is a bug in wisehub ({e.GetType().Name}: {e.Message}). "
        + $"Run the command again with {Failures.TraceVariable}=1, and report it with the stack trace.";

    private static string CreateAt(Uri? page) => page is null ? "" : (Text)$"Create a token at {page.AbsoluteUri}. ";

    private static string Until(HubSession session) => session.Ends is DateTimeOffset end
        ? (Text)$", valid until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "";

    private static string Show(HubIdentity identity)
    {
        string place = $"'{identity.Hub}' ({identity.Endpoint})";
        return identity.Account is not HubAccount account ? place
            : account.FullName is { Length: > 0 } full && full != account.Name ? (Text)$"{place} as {account.Name} ({full})"
            : (Text)$"{place} as {account.Name}";
    }
}
