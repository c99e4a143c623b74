using WiseHub.Client;

namespace WiseHub.Tool.Protocols.HgLocalization;

/// <summary>The messages and help texts of <c>wisehub hg</c>.</summary>
internal static class HgMessages
{
    // ---- help

    public static Text Group => $"Does what hg_localization does.";

    public static Text Hub => $"A hub with the protocol hg-localization.";

    public static Text Id => $"owner/name, or a single name.";
    public static Text Config => $"The configuration of the dataset.";
    public static Text Revision => $"The revision, exactly as given when the copy was made.";
    public static Text DownloadDataset =>
        $"Downloads a dataset into the local store.";
    public static Text DownloadModel => $"Downloads the card of a model, or all of it.";
    public static Text NoUpload => $"Do not upload to the bucket what Hugging Face sent.";
    public static Text MakePublic => $"Also make it publicly readable.";
    public static Text TrustRemoteCode => $"Accepted and ignored: code of a repo is never run.";
    public static Text FullModel => $"Download all files of the model. Asks first.";
    public static Text Yes => $"With --full-model: do not ask.";
    public static Text SyncAllModels => $"Uploads every model of the local store to the bucket.";
    public static Text TryHuggingFace => $"Ask Hugging Face if neither the local store nor the bucket has it.";
    public static Text ShowCard => $"Prints the card of a model.";
    public static Text ShowConfig => $"Prints the configuration of a model.";

    public static Text List(RepoType type, bool ofBucket) =>
        $"Lists the {type.ToPlural()} in the {(ofBucket ? (Text)$"bucket" : (Text)$"local store")}.";

    public static Text Sync(RepoType type) =>
        $"Uploads a {type.ToText()} of the local store to the bucket.";

    public static Text Publish(RepoType type) =>
        $"Uploads {(type == RepoType.Dataset ? (Text)$"a dataset" : (Text)$"the card of a model")} and makes it publicly "
            + $"readable.";

    private static Text From => $"It comes from the bucket, or else from Hugging Face. The last line of standard output is its "
        + $"folder.";

    private static Text Unsent => $"Files that the bucket already has are not sent again.";

    public static IReadOnlyDictionary<string, CommandPage> Pages { get; } = new Dictionary<string, CommandPage>
    {
        ["hg"] = new($"It works on the folders and buckets of hg_localization. Settings are read from wisehub.json, or from "
            + $"HGLOC_* variables in the environment or a .env file. Without --hub, it uses the only such hub of wisehub.json, "
            + $"else the one that these variables describe.",
            "wisehub hg download-dataset glue --name mrpc", "wisehub hg list-s3-models"),
        ["hg download-dataset"] = new(From, "wisehub hg download-dataset glue --name mrpc"),
        ["hg download-model"] = new($"{From} Without --full-model, only the card and the configuration are downloaded.",
            "wisehub hg download-model acme/langid --full-model"),
        ["hg list-local-datasets"] = new(null, "wisehub hg list-local-datasets"),
        ["hg list-s3-datasets"] = new(null, "wisehub hg list-s3-datasets"),
        ["hg list-local-models"] = new(null, "wisehub hg list-local-models"),
        ["hg list-s3-models"] = new(null, "wisehub hg list-s3-models"),
        ["hg sync-local-dataset-to-s3"] = new(Unsent, "wisehub hg sync-local-dataset-to-s3 glue --name mrpc"),
        ["hg sync-local-model-to-s3"] = new(Unsent, "wisehub hg sync-local-model-to-s3 acme/langid"),
        ["hg sync-all-local-models-to-s3"] = new(Unsent, "wisehub hg sync-all-local-models-to-s3"),
        ["hg make-dataset-public"] = new($"It is published as an archive.", "wisehub hg make-dataset-public glue --name mrpc"),
        ["hg make-model-public"] = new($"The card and the configuration are published.",
            "wisehub hg make-model-public acme/langid"),
        ["hg show-model-card"] = new(null, "wisehub hg show-model-card acme/langid"),
        ["hg show-model-config"] = new(null, "wisehub hg show-model-config acme/langid"),
    };

    // ---- log

    public static Text TrustIgnored =>
        $"--trust-remote-code is ignored: the files of the repo are used unchanged, and its code is never run.";

    public static Text AlreadyThere(RepoType type, string id) => $"The local store already has it. To upload it, run "
        + $"wisehub hg {(type == RepoType.Dataset ? (Text)$"sync-local-dataset-to-s3" : (Text)$"sync-local-model-to-s3")} {id}.";

    public static Text OnlyPublic => $"Only published copies are listed, because no credentials were found "
        + $"(HGLOC_AWS_ACCESS_KEY_ID, HGLOC_AWS_SECRET_ACCESS_KEY).";

    public static Text GuessedIds =>
        $"Ids with a '*' were derived from folder names, where '_' also stands for '/'. They may be wrong.";

    public static Text GuessedId(string id) => $"{id}: this id was derived from its folder name and may be wrong. "
        + $"If it is, upload the model with sync-local-model-to-s3 and the right id.";

    public static Text Sent(HgSyncResult result) => $"{result.Copy.Id}: {(result.FilesSent == 0
        ? (Text)$"the bucket already has all files"
        : Text.Of($"sent {FileCount.Show(result.FilesSent)}, {result.BytesSent} bytes"))}";

    // ---- failures

    public static Text ConfirmFullModel(string id) =>
        $"The whole model '{id}' will be downloaded, including its weights. Continue?";

    public static HubException ConfirmationNeeded(string id) =>
        new(WiseCodes.HgConfirmationNeeded, $"The whole model '{id}' would be downloaded, including its weights, "
            + $"and there is no terminal to ask on. Add --yes to confirm, or omit --full-model.");

    public static HubException NotConfirmed(string id) =>
        new(WiseCodes.HgConfirmationNeeded,
            $"Nothing of '{id}' was downloaded. Without --full-model, only its card and configuration are.");

    public static HubException NoSuchFile(RepoReference reference, HgLocalCopy copy, string file) =>
        new(WiseCodes.FileNotFound,
            $"{reference.RepoId}: {copy.Directory} has no {file}; it has {string.Join(", ", copy.Files)}.");
}
