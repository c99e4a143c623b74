using WiseHub.Client.Formats;

namespace WiseHub.Client.Policies;

/// <summary>The messages about policies: their mistakes, and what breaks them.</summary>
internal static class PolicyMessages
{
    /// <summary>An invalid value; the reader of the file adds its position and a remedy.</summary>
    public static Text OneSigner =>
        $"a signature needs one signer: 'key', or 'certificate', or 'identity' with 'issuer'.";

    /// <inheritdoc cref="OneSigner"/>
    public static Text UnknownFormat(string format, IReadOnlyCollection<string> known) =>
        $"'{format}' is not a known format.{ModelMessages.DidYouMean(format, known)} The formats are "
        + $"{string.Join(", ", known)}.";

    /// <inheritdoc cref="OneSigner"/>
    public static Text NotOneOf(string key, string value, IEnumerable<string> values) =>
        $"'{key}' must be {string.Join((Text)$" or ", values)}, but is '{value}'.";

    /// <inheritdoc cref="OneSigner"/>
    public static Text NotASize(string key) => $"'{key}' must be a number of bytes, or a text such as \"500 MB\" or \"20 GB\".";

    public static HubException HubNotAllowed(RepoReference reference, string hub, TrustPolicy policy) =>
        new(WiseCodes.HubNotAllowed,
            $"{reference}: the policy in {policy.File} does not allow the hub '{hub}' (\"hubs\": "
            + $"{string.Join(", ", policy.Hubs!.Patterns)}). Take the files from an allowed hub, or have the policy changed.")
        { Reference = reference };

    public static HubException RepoNotAllowed(RepoReference reference, TrustPolicy policy) => new(WiseCodes.RepoNotAllowed,
        $"{reference}: the policy in {policy.File} does not allow this repo (\"repos\": "
        + $"{string.Join(", ", policy.Repos!.Patterns)}). Reference an allowed repo, or have the policy changed.")
    { Reference = reference };

    public static HubException NotPinned(RepoReference reference, TrustPolicy policy) => new(WiseCodes.RevisionNotPinned,
        $"{reference}: the policy in {policy.File} requires a commit (\"pinned\": true), but the revision is "
        + $"{(reference.Revision is string name ? (Text)$"'{name}'" : (Text)$"not stated")}. Set Revision to a commit; "
        + $"'wisehub add' does so.")
    { Reference = reference };

    public static HubException LicenseNotStated(RepoReference reference, TrustPolicy policy) => new(WiseCodes.LicenseNotAllowed,
        $"{reference}: neither the hub nor the card states a license, and the policy in {policy.File} does not allow that "
        + $"(\"licenses\"). Ask the owner of the repo to state one, or set \"unstated\": \"allow\".")
    { Reference = reference };

    public static HubException LicenseNotAllowed(RepoReference reference, string license, TrustPolicy policy) =>
        new(WiseCodes.LicenseNotAllowed,
            $"{reference}: the policy in {policy.File} does not allow the license '{license}' (\"licenses\"). Use another model, "
            + $"or have the license added to \"allow\".")
        { Reference = reference };

    public static HubException FileTooLarge(RepoReference reference, string path, long size, long most, TrustPolicy policy) =>
        new(WiseCodes.TooLargeForPolicy,
            $"{reference}: '{PathRules.Printable(path)}' has {ByteSize.Show(size)}, and the policy in {policy.File} allows "
            + $"{ByteSize.Show(most)} for a file (\"maxFileSize\"). Leave it out with a pattern, or have the policy changed.")
        { Reference = reference };

    public static HubException ReferenceTooLarge(RepoReference reference, long size, long most, TrustPolicy policy) =>
        new(WiseCodes.TooLargeForPolicy,
            $"{reference}: the selected files have {ByteSize.Show(size)}, and the policy in {policy.File} allows "
            + $"{ByteSize.Show(most)} (\"maxReferenceSize\"). Select fewer files with patterns, or have the policy changed.")
        { Reference = reference };

    public static HubException FormatNotAllowed(
        RepoReference reference, string path, FormatVerdict verdict, TrustPolicy policy) => new(WiseCodes.FormatNotAllowed,
            $"{reference}: {Show(path, verdict)} has the format '{verdict.Format.Id}', and the policy in {policy.File} allows "
            + $"only "
            + $"{string.Join(", ", policy.Formats!)} (\"formats\"). Leave it out with a pattern, or have the policy changed.")
        { Reference = reference };

    public static HubException RunsCode(RepoReference reference, string path, FormatVerdict verdict, string kind) =>
        new(WiseCodes.RunsCode,
            $"{reference}: {Show(path, verdict)} can run code when it is loaded or started, so it is not used. Take the weights "
            + $"in another format, such as safetensors, GGUF or ONNX, and leave this file out with a pattern. If you trust it, "
            + $"set Waive=\"{kind}\" at the reference; the lock file then records its digest.{ImportsOf(verdict)}")
        { Reference = reference };

    public static HubException NotKnownAsData(
        RepoReference reference, string path, FormatVerdict verdict, string kind, string file) => new(WiseCodes.NotKnownAsData,
            $"{reference}: {Show(path, verdict)} is not known to be data, and the policy in {file} takes only such files "
            + $"(\"level\": \"strict\"). Leave it out with a pattern, or set Waive=\"{kind}\" at the reference.")
        { Reference = reference };

    // For example: 'model.bin' (Python pickle; loaders unpickle a file of this name).
    private static string Show(string path, FormatVerdict verdict) => $"'{PathRules.Printable(path)}' ({verdict.Format.Name}"
        + (verdict.Reason is Text reason ? $"; {reason})" : ")");

    // A note for people who decide about a waiver.
    private static string ImportsOf(FormatVerdict verdict) => verdict.Imports.Count == 0 ? ""
        : (Text)$" It imports {NameList.Some([.. verdict.Imports.Select(i => PathRules.Printable(i))])}.";

    public static HubException WaiverForOtherBytes(RepoReference reference, string path, string kind, string? lockFile) =>
        new(WiseCodes.WaiverForOtherBytes,
            $"{reference}: Waive=\"{kind}\" does not cover the present content of '{PathRules.Printable(path)}': {lockFile} "
            + $"records the waiver for other bytes, or not at all. Review the new file. If you trust it, update with "
            + $"-p:WiseRenewWaivers=true, and commit the lock file.")
        { Reference = reference };

    public static HubException WaiverUnused(RepoReference reference, string kind) => new(WiseCodes.WaiverUnused,
        $"{reference}: Waive has '{kind}', but no selected file needs it. Remove it, so that it cannot cover a file that comes "
        + $"later.")
    { Reference = reference };

    public static HubException UnknownWaiver(RepoReference reference, string kind, IReadOnlyCollection<string> known) =>
        new(WiseCodes.InvalidValue,
            $"{reference}: Waive has '{kind}', which is not a kind of content.{ModelMessages.DidYouMean(kind, known)} The kinds "
            + $"are {string.Join(", ", known)}.")
        { Reference = reference };

    public static Text OwnCode(RepoReference reference, string path, string detail) =>
        $"{reference}: '{PathRules.Printable(path)}' names code of its repo ('{PathRules.Printable(detail)}'), which Python "
        + $"libraries run when remote code is trusted (trust_remote_code). A .NET program does not run it.";

    public static Text CodeOfOtherRepo(RepoReference reference, string path, string detail) =>
        $"{reference}: '{PathRules.Printable(path)}' names code of another repo ('{PathRules.Printable(detail)}'), at a revision "
        + $"that is not locked. Python libraries run it when remote code is trusted (trust_remote_code).";

    public static Text SuspiciousTemplate(RepoReference reference, string path, string detail) =>
        $"{reference}: the chat template in '{PathRules.Printable(path)}' uses '{PathRules.Printable(detail)}', which a template "
        + $"for chats does not need. Render it only in a sandbox.";

    public static HubException HeaderFalse(RepoReference reference, string path, HeaderFault fault) => new(WiseCodes.HeaderFalse,
        $"{reference}: '{PathRules.Printable(path)}' has a wrong header: {fault.What}. The file is damaged, or made to mislead "
        + $"programs that read it. Tell its owner, and take another file or revision.")
    { Reference = reference };

    public static HubException CompanionMissing(
        RepoReference reference, string path, IReadOnlyList<string> missing, bool areInRepo) => new(WiseCodes.CompanionMissing,
            $"{reference}: '{PathRules.Printable(path)}' needs {NameList.Some([.. missing.Select(Quoted)])}, {Lack(areInRepo)}")
        { Reference = reference, Details = NameList.All(missing) };

    private static string Quoted(string path) => $"'{PathRules.Printable(path)}'";

    private static Text Lack(bool areInRepo) => areInRepo ? (Text)$"which the patterns leave out. Add it to AllowPatterns."
        : (Text)$"which the repo does not have. Take another revision, or tell its owner.";

    public static HubException CompanionTooShort(
        RepoReference reference, string path, string companion, long needed, long size) => new(WiseCodes.CompanionMissing,
            $"{reference}: '{PathRules.Printable(path)}' needs {needed} bytes of '{PathRules.Printable(companion)}', which has "
            + $"{size}. "
            + $"The files do not belong together. Take another revision, or tell their owner.")
        { Reference = reference };

    public static HubException SignatureMissing(RepoReference reference, TrustPolicy policy, string signers) =>
        new(WiseCodes.SignatureMissing,
            $"{reference}: the policy in {policy.File} requires a signature of {signers} (\"signatures\"), but the commit has no "
            + $"signature file (model.sig, or another name with .sig at the top of the repo). Ask the owner to sign the model, "
            + $"or "
            + $"have the policy changed.")
        { Reference = reference };

    public static HubException SignatureNotLocked(RepoReference reference, TrustPolicy policy, string? lockFile) =>
        new(WiseCodes.SignatureMissing,
            $"{reference}: the policy in {policy.File} requires a signature, but {lockFile} records none of an expected "
            + $"signer, and "
            + $"locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.")
        { Reference = reference };

    public static Text SignatureVerified(RepoReference reference, string path, string signer) =>
        $"{reference}: '{PathRules.Printable(path)}' was verified: {signer}.";

    public static Text SignatureCheckedLater(RepoReference reference, int files) =>
        $"{reference}: the hub states no digest of {FileCount.Show(files)}. They are compared with the signature after the "
        + $"download, "
        + $"before they are used.";
}
