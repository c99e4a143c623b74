using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Protocols.HgLocalization;

/// <summary>The messages and help texts of <c>wisehub hg</c>.</summary>
internal static class HgMessages
{
    // ---- help

    public const string Group = "Does what hg_localization does, on its folders and buckets. Settings are read from "
        + "wisehub.json, or from HGLOC_* variables in the environment or a .env file.";

    public const string Hub = "A hub of wisehub.json with the protocol hg-localization. "
        + "Default: the only such hub, else the one that HGLOC_* variables describe.";

    public const string Id = "owner/name, or a single name.";
    public const string Config = "The configuration of the dataset.";
    public const string Revision = "The revision, exactly as given when the copy was made.";
    public const string DownloadDataset =
        "Downloads a dataset into the local store, from the bucket or else from Hugging Face. Prints its folder.";
    public const string DownloadModel = "Downloads the card and configuration of a model, or all of it, into the local store, "
        + "from the bucket or else from Hugging Face. Prints its folder.";
    public const string NoUpload = "Do not upload to the bucket what was downloaded from Hugging Face.";
    public const string MakePublic =
        "Also make it publicly readable: a dataset as an archive, a model's card and configuration.";
    public const string TrustRemoteCode = "Accepted and ignored: code of a repo is never run.";
    public const string FullModel = "Download the whole model, not only its card and configuration. Asks first.";
    public const string Yes = "With --full-model: do not ask. For scripts, which have no terminal.";
    public const string SyncAllModels = "Uploads every model of the local store to the bucket.";
    public const string TryHuggingFace = "Ask Hugging Face if neither the local store nor the bucket has it.";
    public const string ShowCard = "Prints the card of a model.";
    public const string ShowConfig = "Prints the configuration of a model.";

    public static string List(RepoType type, bool ofBucket) =>
        $"Lists the {type.ToText()}s in the {(ofBucket ? "bucket" : "local store")}.";

    public static string Sync(RepoType type) =>
        $"Uploads a {type.ToText()} of the local store to the bucket. Files that the bucket already has are not sent again.";

    public static string Publish(RepoType type) => $"Uploads {(type == RepoType.Dataset ? "a dataset"
        : "the card and configuration of a model")} of the local store and makes it publicly readable.";

    // ---- log

    public const string TrustIgnored =
        "--trust-remote-code is ignored: the files of the repo are used unchanged, and its code is never run.";

    public static string AlreadyThere(RepoType type, string id) => "The local store already has it. To upload it, run "
        + $"wisehub hg {(type == RepoType.Dataset ? "sync-local-dataset-to-s3" : "sync-local-model-to-s3")} {id}.";

    public const string OnlyPublic = "Only published copies are listed, because no credentials were found "
        + "(HGLOC_AWS_ACCESS_KEY_ID, HGLOC_AWS_SECRET_ACCESS_KEY).";

    public const string GuessedIds =
        "Ids with a '*' were derived from folder names, where '_' also stands for '/'. They may be wrong.";

    public static string GuessedId(string id) => $"{id}: this id was derived from its folder name and may be wrong. "
        + "If it is, upload the model with sync-local-model-to-s3 and the right id.";

    public static string Sent(HgSyncResult result) => $"{result.Copy.Id}: " + (result.FilesSent == 0
        ? "the bucket already has all files"
        : string.Create(CultureInfo.InvariantCulture, $"sent {FileCount.Show(result.FilesSent)}, {result.BytesSent} bytes"));

    // ---- failures

    public static string ConfirmFullModel(string id) =>
        $"The whole model '{id}' will be downloaded, including its weights. Continue?";

    public static HubException ConfirmationNeeded(string id) =>
        new(WiseCodes.HgConfirmationNeeded, $"The whole model '{id}' would be downloaded, including its weights, "
            + "and there is no terminal to ask on. Add --yes to confirm, or omit --full-model.");

    public static HubException NotConfirmed(string id) =>
        new(WiseCodes.HgConfirmationNeeded,
            $"Nothing of '{id}' was downloaded. Without --full-model, only its card and configuration are.");

    public static HubException NoSuchFile(RepoReference reference, HgLocalCopy copy, string file) =>
        new(WiseCodes.FileNotFound,
            $"{reference.RepoId}: {copy.Directory} has no {file}; it has {string.Join(", ", copy.Files)}.");
}
