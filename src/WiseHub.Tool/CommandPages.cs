using WiseHub.Tool.Commands;

namespace WiseHub.Tool;

/// <summary>What the help page of a command says besides its summary, arguments and options.</summary>
/// <param name="Details">The explanation below the summary; null if the summary says all.</param>
/// <param name="Examples">Command lines as a user types them, at least one.</param>
internal sealed record CommandPage(Text? Details, params string[] Examples);

/// <summary>The help pages by the path of their command, and the groups of the overview.</summary>
internal static class CommandPages
{
    /// <summary>The rest of the commands: those of single protocols, and others without a place.</summary>
    public static Text LastGroup => $"More";

    /// <summary>The command that explains others.</summary>
    public const string Help = "help";

    /// <summary>The groups of the overview. A command that is in none comes last.</summary>
    public static IReadOnlyList<(Text Name, string[] Commands)> Groups =>
    [
        ($"Models", ["download", "upload", "sign", "search", "info", "diff", "snippet", "entries"]),
        ($"Projects", ["add", "remove", "ls", "outdated", "restore", "update", "verify", "lock", "bom"]),
        ($"Hubs", ["login", "logout", "whoami", "repo", "mirror", "site"]),
        ($"Cache", ["cache"]),
        (LastGroup, ["doctor", "completion"]),
    ];

    private static Text TokenSource => $"A token is read from WISEHUB_TOKEN_<HUB>, or stored with 'wisehub login'.";

    private static readonly Dictionary<string, CommandPage> Pages = new(StringComparer.Ordinal)
    {
        ["download"] = new($"The last line of standard output is the folder, or the one file, that was downloaded. A branch is "
            + $"resolved again on every call. {TokenSource}",
            "wisehub download acme/langid",
            "wisehub download acme/langid config.json --local-dir model",
            "wisehub download https://example.com/a.zip --unpack"),
        ["upload"] = new($"Files that the hub already has are not sent. The last line of standard output is the URL of the "
            + $"commit, or the commit itself if the hub has no pages. .git and folders with download records are always left "
            + $"out. {TokenSource}",
            "wisehub upload model acme/langid --message \"first version\"",
            "wisehub upload model acme/langid --prune --dry-run",
            "wisehub upload card.md acme/langid --path-in-repo README.md"),
        ["search"] = new(null, "wisehub search bert", "wisehub search --author acme --tag chinese"),
        ["snippet"] = new($"Contacts no hub.", "wisehub snippet acme/langid",
            "wisehub snippet https://example.com/a.zip --unpack"),
        ["info"] = new($"Reads only the headers of the weights, not the weights: tensors, parameters and types of "
            + $"safetensors, GGUF and ONNX "
            + $"files.", "wisehub info acme/langid", "wisehub info acme/langid model.safetensors --json"),
        ["diff"] = new($"Also compares license, tags and base model of README.md. Downloads no weights.",
            "wisehub diff acme/langid v1 main"),
        ["entries"] = new($"Entries are in hubconf.json, hubconf.dll or hubconf.py of the repo.",
            "wisehub entries list acme/langid", "wisehub entries load acme/langid detect"),
        ["entries list"] = new($"Runs no code of the repo.", "wisehub entries list acme/langid"),
        ["entries help"] = new($"Runs no code of the repo.", "wisehub entries help acme/langid detect"),
        ["entries import"] = new($"Runs the code of the repo in a process of its own, and only with --trust.",
            "wisehub entries import acme/langid --trust"),
        ["entries load"] = new($"The last line of standard output is the returned value, or the folder with the files. Code runs "
            + $"in a process of its own, and only with --trust.",
            "wisehub entries load acme/langid detect --trust text=hello"),
        ["add"] = new($"Edits the project file, keeps its formatting, and restores the model. Without --include or --all it "
            + $"takes the smallest useful files. The last line of standard output is the added item.",
            "wisehub add acme/langid", "wisehub add acme/langid --project App --include \"*.onnx\""),
        ["remove"] = new($"The entry of the lock file goes, too, if nothing else uses it.", "wisehub remove acme/langid"),
        ["ls"] = new($"Contacts no hub.", "wisehub ls", "wisehub ls App.slnx --json"),
        ["outdated"] = new($"Asks each hub once for each reference, and downloads nothing.",
            "wisehub outdated", "wisehub outdated --exit-code"),
        ["lock"] = new($"Two branches that both change a lock file conflict in git, although their entries rarely do.",
            "wisehub lock merge", "wisehub lock install-merge-driver"),
        ["lock merge"] = new($"Entries of both sides are kept. Two commits for one reference stay a conflict, and then nothing "
            + $"is written.", "wisehub lock merge", "wisehub lock merge --ours"),
        ["lock install-merge-driver"] = new($"Each clone needs it once. Commit the changed .gitattributes.",
            "wisehub lock install-merge-driver"),
        ["lock merge-driver"] = new(null, "wisehub lock merge-driver base.json ours.json theirs.json wise.lock.json"),
        ["restore"] = new($"Runs the target WiseRestore. Projects of a solution that do not use WiseHub.Build are skipped.",
            "wisehub restore", "wisehub restore App/App.csproj --locked"),
        ["update"] = new($"Runs the target WiseUpdate: branches and tags that projects reference are locked at their current "
            + $"commit. If projects share a lock file, name the solution for --remove-unused.",
            "wisehub update", "wisehub update App.sln --remove-unused"),
        ["verify"] = new($"Of a project, the models in the cache, in the output and in the publish folder are compared with "
            + $"the lock file (target WiseVerify). With --lock, the files of a deployed program are, without SDK and network; "
            + $"their signers, licenses and waivers are printed.",
            "wisehub verify", "wisehub verify App/publish --lock wise.lock.json"),
        ["sign"] = new($"Writes an OpenSSF Model Signing signature of the files that 'wisehub upload' would send. The password "
            + $"of an encrypted key is read from WISEHUB_SIGN_PASSWORD or the terminal. The last line of standard output is the "
            + $"signature.",
            "wisehub sign model --key release.pem", "wisehub sign model --key release.pem --chain chain.pem"),
        ["login"] = new($"The hub must confirm the owner of the token first. Tokens and passwords are read from the terminal, "
            + $"not shown, and never given as options. With --user, a session is stored. Only you can read what is stored.",
            "wisehub login team", "wisehub login team --token-stdin < token.txt"),
        ["logout"] = new($"Environment variables and files of other tools are left alone.",
            "wisehub logout team", "wisehub logout --all"),
        ["whoami"] = new($"Also prints where the token comes from.", "wisehub whoami team"),
        ["repo"] = new(null, "wisehub repo info acme/langid", "wisehub repo create acme/langid --private"),
        ["repo create"] = new($"A name alone means your own namespace. The last line of standard output is the page of the repo.",
            "wisehub repo create acme/langid --private"),
        ["repo delete"] = new($"You confirm by typing its name.", "wisehub repo delete acme/langid"),
        ["repo list"] = new(null, "wisehub repo list --author acme"),
        ["repo files"] = new($"Downloads nothing.", "wisehub repo files acme/langid --revision v1"),
        ["repo info"] = new(null, "wisehub repo info acme/langid"),
        ["repo url"] = new($"Contacts no hub.", "wisehub repo url acme/langid config.json"),
        ["mirror"] = new($"Bundles are files for machines that reach no hub.",
            "wisehub mirror pull --lock wise.lock.json --to models.tar", "wisehub mirror push --from models.tar --to team"),
        ["mirror pull"] = new($"Everything is verified; existing files are not written again. With --lock no revision is "
            + $"resolved. The copy calls the default branch HEAD.",
            "wisehub mirror pull --lock wise.lock.json --to models.tar", "wisehub mirror pull acme/langid --to team"),
        ["mirror push"] = new($"A bundle is imported as a whole, and verified before any of it becomes visible.",
            "wisehub mirror push --from models.tar --to team"),
        ["mirror ls"] = new($"The output of --digests is a list for 'mirror pull --have'.",
            "wisehub mirror ls models.tar", "wisehub mirror ls team --digests"),
        ["site"] = new($"Files, revisions, licenses and cards of all repos, as plain files for any web server. The last line of "
            + $"standard output is the folder.", "wisehub site team --out pages"),
        ["bom"] = new($"Of a project, only what it uses is listed, from its lock file, and no hub is contacted. A repo is "
            + $"resolved and listed. With --output, the last line of standard output is the file. docs/bom.md says what is in "
            + $"the list.",
            "wisehub bom App --output app.cdx.json", "wisehub bom App --merge packages.cdx.json",
            "wisehub bom App --provenance app.intoto.jsonl --published App/out",
            "wisehub bom acme/langid"),
        ["cache"] = new(null, "wisehub cache ls --sort size", "wisehub cache prune --older-than 30d"),
        ["cache dir"] = new($"It is WISEHUB_CACHE, else in the user's cache folder.", "wisehub cache dir"),
        ["cache ls"] = new(null, "wisehub cache ls --sort size"),
        ["cache verify"] = new($"The next build that needs a removed file downloads it again.", "wisehub cache verify"),
        ["cache prune"] = new($"Removes files that are in no file list of the cache and in no lock file that was built with it. "
            + $"Files used within the last hour stay.",
            "wisehub cache prune --older-than 30d", "wisehub cache prune --max-size 20GB --dry-run"),
        ["cache rm"] = new($"Files that something else refers to stay.", "wisehub cache rm acme/langid --dry-run"),
        ["completion"] = new($"The script calls wisehub for commands, options and their words, hubs of wisehub.json and "
            + $"repos in the cache. It opens no connection. For PowerShell, run: "
            + $"wisehub completion pwsh | Out-String | Invoke-Expression",
            "source <(wisehub completion bash)",
            "source <(wisehub completion zsh)",
            "wisehub completion fish > ~/.config/fish/completions/wisehub.fish"),
        ["doctor"] = new($"One line for each check, with what to do. Tokens are named by their source and never shown. It "
            + $"exits with 1 if a check failed.", "wisehub doctor", "wisehub doctor --offline --lock App/wise.lock.json"),
        ["help"] = new(null, "wisehub help download", "wisehub help cache ls"),
    };

    /// <summary>The page of a command; null if it has none.</summary>
    /// <param name="path">The command without <c>wisehub</c>: <c>cache ls</c>.</param>
    public static CommandPage? Find(string path) => Pages.TryGetValue(path, out CommandPage? page) ? page
        : ProtocolCommands.All.Select(c => c.Pages.GetValueOrDefault(path)).FirstOrDefault(p => p is not null);

    /// <summary>The paths of all pages.</summary>
    public static IEnumerable<string> Paths => Pages.Keys.Concat(ProtocolCommands.All.SelectMany(c => c.Pages.Keys));
}
