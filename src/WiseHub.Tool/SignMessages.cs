using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>The messages of <c>wisehub sign</c> and <c>wisehub verify</c>.</summary>
internal static class SignMessages
{
    /// <summary>The question for the password of a key.</summary>
    public static Text PasswordOf(string keyFile) => $"Password of the key {keyFile}: ";

    public static HubException CertificatesWithoutKey() => new(WiseCodes.WrongUsage,
        $"--sign-chain is only for --sign-key. Name the key, too.");

    /// <summary>The result of signing, for people.</summary>
    public static Text Signed(SignedFolder signed) => signed.Changed
        ? (Text)$"Signed {Amounts.Show(signed.Files, signed.Size)} by {signed.Signer}."
        : (Text)$"{Amounts.Show(signed.Files, signed.Size)} are already signed by {signed.Signer}.";

    public static HubException NeedsLock(string option) => new(WiseCodes.WrongUsage,
        $"{option} is only for a deployed program. Name its lock file with --lock.");

    public static HubException NotWithLock(string option) => new(WiseCodes.WrongUsage,
        $"{option} is only for a build. With --lock no network is used, so remove it.");

    public static HubException NoLockFile(string file) => new(WiseCodes.DeploymentUnreadable,
        $"{file} does not exist. Name the wise.lock.json that the program was built with.");

    public static HubException NotLocked(string file, IReadOnlyList<string> repos) => new(WiseCodes.DeploymentUnreadable,
        $"{file} has no entry for {string.Join(", ", repos)}. Correct the names after --repo.");

    public static Text Model(DeployedModel model) => model.Manifest is string manifest
        ? (Text)$"{model.Entry.Key}, commit {model.Entry.Commit}: fetched at run time by {manifest}"
        : Text.Of($"{model.Entry.Key}, commit {model.Entry.Commit}: {Amounts.Show(model.Files, model.Size)} as locked in "
            + $"{Folders(model)}");

    private static string Folders(DeployedModel model) =>
        string.Join(", ", model.Folders.Select(f => f.Length > 0 ? f : "."));

    public static Text License(IEnumerable<string> license) => $"  license: {string.Join(", ", license)}";

    public static Text Signer(string signer) => $"  signed by {signer}";

    public static Text Waived(string kind, string path) => $"  waived: {path} can run code ({kind})";

    public static Text AllAsLocked(int models, string folder) => models == 1
        ? (Text)$"Verified: the model in {folder} is what was locked."
        : (Text)$"Verified: the {models} models in {folder} are what was locked.";
}
