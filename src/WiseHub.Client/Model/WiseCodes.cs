namespace WiseHub.Client;

/// <summary>
/// Every code this product reports. 1xxx input and configuration, 2xxx hub and network, 3xxx integrity and store,
/// 4xxx lock file, 5xxx push. A number is never used twice; each has an anchor in docs/diagnostics.md.
/// </summary>
public static class WiseCodes
{
    /// <summary>The SDK or MSBuild is too old to run the tasks.</summary>
    public const string SdkTooOld = "WISE1001";
    /// <summary>The named hub is neither built in nor configured.</summary>
    public const string UnknownHub = "WISE1002";
    /// <summary>The repo id does not have the form <c>owner/name</c> or <c>name</c>.</summary>
    public const string MalformedRepoId = "WISE1003";
    /// <summary>A metadata or property value is not one of the allowed ones.</summary>
    public const string InvalidValue = "WISE1004";
    /// <summary>The revision is not a name that git would accept.</summary>
    public const string MalformedRevision = "WISE1005";
    /// <summary>Two references share an alias, or an alias is not usable as a folder name.</summary>
    public const string InvalidAlias = "WISE1006";
    /// <summary>TargetPath leaves the output folder or is not portable.</summary>
    public const string InvalidTargetPath = "WISE1007";
    /// <summary>wisehub.json is unreadable or has an unknown key.</summary>
    public const string InvalidConfig = "WISE1008";
    /// <summary>A documented setting that this version does not enforce yet.</summary>
    public const string SettingNotBuilt = "WISE1009";
    // WISE1010 said that a protocol was not built yet; the number is not used again.
    /// <summary>The URL of a reference cannot be used.</summary>
    public const string UnusableUrl = "WISE1011";
    /// <summary>A digest is not 64 hexadecimal characters.</summary>
    public const string MalformedDigest = "WISE1012";
    /// <summary>The hub has no dataset configurations.</summary>
    public const string ConfigNotSupported = "WISE1013";
    /// <summary>Two hub names give the same environment variable.</summary>
    public const string AmbiguousHubNames = "WISE1014";
    /// <summary>The patterns selected no file.</summary>
    public const string NothingSelected = "WISE1015";
    /// <summary><c>Sha256</c> is given but more than one file is selected.</summary>
    public const string DigestOfManyFiles = "WISE1016";
    /// <summary>Update was asked for in locked mode.</summary>
    public const string UpdateInLockedMode = "WISE1017";
    /// <summary>The hub kind does not know the repo type.</summary>
    public const string RepoTypeNotSupported = "WISE1018";
    /// <summary>The address of a git host is none.</summary>
    public const string InvalidGitHost = "WISE1025";
    /// <summary>The local git or ssh is missing or too old.</summary>
    public const string GitMissing = "WISE1026";
    /// <summary>The local git was asked for with a hub that is no git host.</summary>
    public const string UseGitElsewhere = "WISE1027";
    /// <summary>The access keys of an S3 hub are not there or cannot be used.</summary>
    public const string AccessKeysMissing = "WISE1030";
    /// <summary>A session token is not sent to an S3 endpoint that only the project's wisehub.json names.</summary>
    public const string SessionTokenKept = "WISE1031";
    /// <summary>
    /// hg_localization: an id, configuration or revision cannot be part of a path, or would lie in another tree.
    /// </summary>
    public const string HgNameUnusable = "WISE1035";
    /// <summary>hg_localization: no bucket, folder or credentials are named, or a variable makes no sense.</summary>
    public const string HgSettingMissing = "WISE1036";
    // WISE1037 said that publishing was not built yet; the number is not used again.
    /// <summary>A <c>.env</c> file cannot be read.</summary>
    public const string EnvFileUnreadable = "WISE1038";
    /// <summary>A reference by URL has a setting that a URL cannot have, or another one asks for what only URLs have.</summary>
    public const string UrlSetting = "WISE1040";
    /// <summary>A file over http without its digest.</summary>
    public const string PlainHttp = "WISE1041";
    /// <summary>An entry has no such parameter, lacks one, or cannot take a value.</summary>
    public const string EntryArgument = "WISE1042";
    /// <summary>The repo has no entry of that name.</summary>
    public const string UnknownEntry = "WISE1043";
    /// <summary>The repo describes no entries.</summary>
    public const string NoEntries = "WISE1044";
    /// <summary>A file that describes entries cannot be read.</summary>
    public const string MalformedEntries = "WISE1045";
    /// <summary>The entry file is not a path inside the repo.</summary>
    public const string EntryFileOutside = "WISE1046";
    /// <summary>Code of a repo would run, and nobody said that it may.</summary>
    public const string TrustNeeded = "WISE1047";
    /// <summary>What the code of an entry needs is not there.</summary>
    public const string EntryDependencyMissing = "WISE1048";
    /// <summary>The code of an entry failed.</summary>
    public const string EntryFailed = "WISE1049";
    /// <summary>What is mirrored cannot be written to the hub that was named, or cannot be listed there.</summary>
    public const string MirrorNotWritable = "WISE1050";
    /// <summary>There is nothing to mirror.</summary>
    public const string NothingToMirror = "WISE1051";
    /// <summary><c>wisehub mirror</c>: what should be a bundle or a hub is neither.</summary>
    public const string NeitherBundleNorHub = "WISE1052";
    /// <summary>The hub has no login by user name and password.</summary>
    public const string NoPasswordLogin = "WISE1053";
    /// <summary><c>wisehub hg download-model --full-model</c>: somebody has to say yes, and nobody did.</summary>
    public const string HgConfirmationNeeded = "WISE1054";
    /// <summary>A token has characters that cannot be sent.</summary>
    public const string UnusableToken = "WISE1055";
    /// <summary>Other users may read or change the stored tokens.</summary>
    public const string UnsafeCredentialFile = "WISE1056";
    /// <summary>The file of stored tokens is damaged.</summary>
    public const string DamagedCredentialFile = "WISE1057";
    /// <summary>A login needs a person or a token, and there is neither; or a place that nobody confirmed.</summary>
    public const string LoginNotPossible = "WISE1058";
    /// <summary>The hub has no login.</summary>
    public const string NoLogin = "WISE1059";
    /// <summary>A path begins with <c>~name</c>, or that of an environment variable is relative.</summary>
    public const string UnusablePath = "WISE1070";
    /// <summary>A target adds references after they were restored.</summary>
    public const string LateReference = "WISE1071";
    /// <summary><c>wisehub</c>: the command line cannot be understood.</summary>
    public const string WrongUsage = "WISE1101";
    /// <summary><c>wisehub restore|update</c>: there is no project to work on, or more than one.</summary>
    public const string ProjectNotFound = "WISE1102";
    /// <summary><c>wisehub restore|update</c>: the project does not use WiseHub.Build.</summary>
    public const string ProjectWithoutWiseHub = "WISE1103";
    /// <summary><c>wisehub</c>: a mistake in the program itself.</summary>
    public const string InternalError = "WISE1104";

    /// <summary>The hub could not be reached, or broke off again and again.</summary>
    public const string HubUnreachable = "WISE2001";
    /// <summary>The repo does not exist, or the token may not see it.</summary>
    public const string RepoNotFound = "WISE2002";
    /// <summary>The repo has no such branch, tag or commit.</summary>
    public const string RevisionNotFound = "WISE2003";

    /// <summary>The commit that the lock file names is not at the hub any more.</summary>
    public const string LockedCommitGone = "WISE2084";
    /// <summary>The repo is gated and the conditions were not accepted.</summary>
    public const string RepoGated = "WISE2004";
    /// <summary>The hub wants a token (or hides a missing repo behind that response).</summary>
    public const string TokenNeeded = "WISE2005";
    /// <summary>The hub refused the token.</summary>
    public const string TokenRefused = "WISE2006";
    /// <summary>Warning: the repo was renamed.</summary>
    public const string RepoRenamed = "WISE2007";
    /// <summary>The hub does not have a file that its own list names.</summary>
    public const string FileNotFound = "WISE2008";
    /// <summary>The hub limits the rate and the wait is too long.</summary>
    public const string RateLimited = "WISE2009";
    /// <summary>The response of the hub makes no sense.</summary>
    public const string UnexpectedAnswer = "WISE2010";
    /// <summary>A redirect that must not be followed.</summary>
    public const string RedirectRefused = "WISE2011";
    /// <summary>The hub sent no bytes for too long.</summary>
    public const string Stalled = "WISE2012";
    /// <summary>The hub lists more pages of files than allowed.</summary>
    public const string TooManyPages = "WISE2013";
    /// <summary>Something is missing and the network must not be used.</summary>
    public const string OfflineAndMissing = "WISE2014";
    /// <summary>The hub disabled the repo.</summary>
    public const string RepoDisabled = "WISE2015";
    /// <summary>The token has not the needed rights.</summary>
    public const string Forbidden = "WISE2016";
    /// <summary>The operation was cancelled.</summary>
    public const string Cancelled = "WISE2017";
    /// <summary>Warning: an optional reference could not be restored.</summary>
    public const string OptionalMissing = "WISE2018";
    /// <summary>The hub gave an LFS pointer instead of the content.</summary>
    public const string LfsPointerServed = "WISE2020";
    /// <summary>The LFS server does not have a content that the repo points to.</summary>
    public const string LfsObjectMissing = "WISE2030";
    /// <summary>There is no LFS server, or not one that can be understood.</summary>
    public const string LfsUnusable = "WISE2031";
    /// <summary>The local git ended with an error that is not known here.</summary>
    public const string GitFailed = "WISE2032";
    /// <summary>A git host's response to a fetch by git's protocol cannot be used.</summary>
    public const string GitProtocolUnusable = "WISE2090";
    /// <summary>The S3 server has no such bucket.</summary>
    public const string BucketNotFound = "WISE2040";
    /// <summary>The bucket is in another region or behind another endpoint.</summary>
    public const string BucketElsewhere = "WISE2041";
    /// <summary>The clocks of this machine and the server differ too much for signatures.</summary>
    public const string ClockSkew = "WISE2042";
    /// <summary>The S3 server refused the access key or the signature.</summary>
    public const string AccessKeyRefused = "WISE2043";
    /// <summary>The temporary access keys have expired.</summary>
    public const string AccessKeyExpired = "WISE2044";
    /// <summary>The hub refused user name and password.</summary>
    public const string LoginRefused = "WISE2021";
    /// <summary>A login is needed: there is no session, or it has ended.</summary>
    public const string SessionNeeded = "WISE2022";
    /// <summary>Wisemodel's gateway refused a request.</summary>
    public const string GatewayRefused = "WISE2023";

    /// <summary>hg_localization: a manifest or index of the bucket is corrupted.</summary>
    public const string HgManifestUnreadable = "WISE2050";
    /// <summary>hg_localization: the folder holds the copy of another id.</summary>
    public const string HgCopyOfAnother = "WISE2051";
    /// <summary>hg_localization: of a model only card and configuration are there.</summary>
    public const string HgOnlyCard = "WISE2052";
    /// <summary>Warning: the manifest of a bucket names another bucket.</summary>
    public const string HgManifestOtherBucket = "WISE2053";
    /// <summary>hg_localization: the place has other files than the commit that is wanted.</summary>
    public const string HgChanged = "WISE2054";
    /// <summary>hg_localization: others kept changing the index.</summary>
    public const string HgIndexContested = "WISE2055";
    /// <summary>A URL gave a page for people instead of a file.</summary>
    public const string PageInsteadOfFile = "WISE2060";
    /// <summary>Warning: a URL gives other content than before.</summary>
    public const string UrlContentChanged = "WISE2061";
    /// <summary>A URL gives a content whose end cannot be told from a broken connection.</summary>
    public const string EndUnknown = "WISE2062";
    /// <summary>The origin must not be asked, and no mirror has it.</summary>
    public const string MirrorsLack = "WISE2070";
    /// <summary>Warning: what was restored could not be written to a mirror.</summary>
    public const string MirrorWriteFailed = "WISE2071";
    /// <summary>Warning: a revision on the mirror belongs to somebody else and was left where it is.</summary>
    public const string MirrorRefKept = "WISE2072";
    /// <summary>Warning: hg_localization: the published archive is older than what was uploaded.</summary>
    public const string HgArchiveStale = "WISE2073";
    /// <summary>The certificate of the server is not trusted.</summary>
    public const string CertificateNotTrusted = "WISE2080";
    /// <summary>The proxy cannot be reached, or makes no way to the hub.</summary>
    public const string ProxyFailed = "WISE2081";

    /// <summary>The bytes are not the ones the digest names.</summary>
    public const string DigestMismatch = "WISE3001";
    /// <summary>The size differs from the announced one.</summary>
    public const string SizeMismatch = "WISE3002";
    /// <summary>A file name of the repo cannot be used on every system.</summary>
    public const string HostileFileName = "WISE3003";
    /// <summary>Two file names of the repo become one on some systems.</summary>
    public const string CollidingFileNames = "WISE3004";
    /// <summary>The folder or server is not a store, or one of a newer version.</summary>
    public const string NotAStore = "WISE3005";
    /// <summary>A ref or tree in a store is damaged.</summary>
    public const string DamagedStore = "WISE3006";
    /// <summary>A folder or file may not be read or written.</summary>
    public const string NoPermission = "WISE3007";
    /// <summary>The disk is full.</summary>
    public const string DiskFull = "WISE3008";
    /// <summary>Warning: a damaged blob was found in the cache and replaced.</summary>
    public const string BlobHealed = "WISE3009";
    /// <summary>Two different files want the same path of the output.</summary>
    public const string TargetPathConflict = "WISE3010";
    /// <summary>A file could not be placed in the output.</summary>
    public const string PlacementFailed = "WISE3011";
    /// <summary>The one selected file does not have the digest that <c>Sha256</c> requires.</summary>
    public const string RequiredDigestMismatch = "WISE3012";
    /// <summary>Another input or output failure on this machine.</summary>
    public const string LocalFailure = "WISE3013";
    /// <summary>Verification found files that differ from the lock file.</summary>
    public const string VerificationFailed = "WISE3014";
    /// <summary>A model puts a file where the host, the loader or a web server takes it up by its name.</summary>
    public const string TakenUpByHost = "WISE3015";
    /// <summary>A model would replace a file of the output that this project did not put there.</summary>
    public const string ForeignFileInOutput = "WISE3016";
    /// <summary>A download into a folder where somebody works has files that tools obey.</summary>
    public const string ObeyedByTools = "WISE3017";
    /// <summary><c>wisehub cache verify</c>: a file of the cache was wrong.</summary>
    public const string CacheDamaged = "WISE3021";
    /// <summary><c>wisehub cache rm</c>: the cache has no such repo or revision.</summary>
    public const string NotInCache = "WISE3022";
    /// <summary>An archive is damaged, cut off, encrypted or none at all.</summary>
    public const string ArchiveUnreadable = "WISE3030";
    /// <summary>An archive unpacks to more than any honest one.</summary>
    public const string ArchiveTooLarge = "WISE3031";
    /// <summary>An archive has a link or a device among its entries.</summary>
    public const string ArchiveEntryRefused = "WISE3032";
    /// <summary>hg_localization: a copy lacks files that its own lists name.</summary>
    public const string HgCopyIncomplete = "WISE3040";
    /// <summary>An entry is Python, or has no code: there is nothing to run.</summary>
    public const string EntryIsNotCode = "WISE3050";
    /// <summary>Warning: a mirror's file list of a commit contradicts the origin's.</summary>
    public const string MirrorDisagrees = "WISE3060";
    /// <summary>Warning: symbolic links of a git repo are left out.</summary>
    public const string GitLinkSkipped = "WISE3033";
    /// <summary>The file is not a bundle, or has something that no bundle has.</summary>
    public const string NotABundle = "WISE3061";
    /// <summary>A bundle ends too early, or something in it is not what its list says.</summary>
    public const string BundleDamaged = "WISE3062";
    /// <summary>A bundle leaves out contents that the store it is put into does not have.</summary>
    public const string BundleNeedsMore = "WISE3063";
    /// <summary>What is mirrored has no place on a hub of that kind.</summary>
    public const string MirrorHasNoPlace = "WISE3064";
    /// <summary>Another program has a file open that must be replaced, deleted or read.</summary>
    public const string FileInUse = "WISE3070";
    /// <summary>
    /// A name for a published store differs from one that is there only by case, and the disk takes them for one.
    /// </summary>
    public const string NamesDifferByCase = "WISE3071";
    /// <summary>A path is longer than the system allows.</summary>
    public const string PathTooLong = "WISE3072";

    /// <summary>The lock file cannot be read.</summary>
    public const string LockUnreadable = "WISE4001";
    /// <summary>The lock file was written by a newer version.</summary>
    public const string LockTooNew = "WISE4002";
    /// <summary>Locked mode: a reference has no entry.</summary>
    public const string LockMissesReference = "WISE4003";
    /// <summary>Locked mode: the selection of a reference drifted from its entry.</summary>
    public const string LockDrift = "WISE4004";
    /// <summary>Locked mode was asked for and there is no lock file.</summary>
    public const string LockFileMissing = "WISE4005";
    /// <summary>Warning: locked mode was implied and there is no lock file.</summary>
    public const string LockFileMissingImplied = "WISE4006";
    /// <summary>Resolving is not allowed in this build (<c>--no-build</c>) and the lock file has no entry.</summary>
    public const string MayNotResolve = "WISE4007";
    /// <summary>Entries are to be removed from a lock file by somebody who does not see all references that use it.</summary>
    public const string RemovalUnsafe = "WISE4010";
    /// <summary>The lock file has the marks of a merge conflict.</summary>
    public const string LockConflict = "WISE4011";

    /// <summary>This hub cannot be pushed to.</summary>
    public const string CannotBePushedTo = "WISE5001";
    /// <summary>Somebody else pushed in between.</summary>
    public const string LostRace = "WISE5002";
    /// <summary>A file changed while it was being pushed.</summary>
    public const string FileChangedDuringPush = "WISE5003";
    /// <summary>The push names no file, or a file that cannot be pushed.</summary>
    public const string InvalidPush = "WISE5004";
    /// <summary>The repo to push to does not exist, and the push does not make it.</summary>
    public const string PushRepoMissing = "WISE5005";
    /// <summary>Warning: the digests of pushed files could not be remembered, or what was remembered is damaged.</summary>
    public const string PushMemoryNotWritten = "WISE5006";
    /// <summary>The token may read but not write.</summary>
    public const string MayNotWrite = "WISE5007";
    /// <summary>The S3 server takes uploads in none of the ways that were tried.</summary>
    public const string BodyRefused = "WISE5010";
    /// <summary>What the S3 server stored differs from what was sent.</summary>
    public const string UploadDamaged = "WISE5011";
    /// <summary>The bucket or its owner may hold no more.</summary>
    public const string StorageFull = "WISE5012";
    /// <summary>Conditional writes are configured and the S3 server does not do them.</summary>
    public const string ConditionalWritesMissing = "WISE5013";
    /// <summary>The S3 server refused an upload.</summary>
    public const string UploadRefused = "WISE5014";
    /// <summary>The front matter of a model card is not what hubs read.</summary>
    public const string InvalidCard = "WISE5060";
    /// <summary>The card options do not fit what is pushed.</summary>
    public const string CardNotPossible = "WISE5061";
    /// <summary>The hub, or the storage behind it, does not take a content.</summary>
    public const string LfsUploadRefused = "WISE5020";
    /// <summary>Whether the hub made a commit is not known.</summary>
    public const string CommitOutcomeUnknown = "WISE5021";
    /// <summary>The hub refused a commit.</summary>
    public const string CommitRefused = "WISE5022";
    /// <summary>The hub finds errors in the front matter of README.md.</summary>
    public const string CardRefused = "WISE5023";
    /// <summary>Warning: the hub finds something in the front matter of README.md.</summary>
    public const string CardDoubtful = "WISE5024";
    /// <summary>Warning: the repo's ignore rules leave out a file of the push.</summary>
    public const string IgnoredByHub = "WISE5025";
    /// <summary>The hub has no such way to manage repos.</summary>
    public const string NoRepoAdmin = "WISE5027";
    /// <summary>There is a repo, branch or tag of that name already.</summary>
    public const string ExistsAlready = "WISE5028";
    /// <summary>What the hub stored of a content is not what was sent.</summary>
    public const string LfsContentDamaged = "WISE5026";
    /// <summary>A git host refused a push: a protected branch, or a rule of the host.</summary>
    public const string GitPushRefused = "WISE5040";
    /// <summary>The git host is of no kind whose repos can be made from here, or it did not make one.</summary>
    public const string RepoNotCreated = "WISE5041";
    /// <summary><c>wisehub lfs multipart-upload</c>: what came is not what git-lfs says to a transfer agent.</summary>
    public const string NotGitLfs = "WISE5042";
    /// <summary><c>wisehub lfs enable-largefiles</c>: the folder is in no git repository.</summary>
    public const string NotAGitRepository = "WISE5043";

    /// <summary>Warning: what a publish placed could not be noted, or the note makes no sense.</summary>
    public const string PublishRecordNotWritten = "WISE5071";
    /// <summary>A publish for several runtime identifiers has no folder of its own that could be pushed.</summary>
    public const string NoPublishFolder = "WISE5070";

    /// <summary>Wisemodel: files would be deleted, and its gateway has no way to do so.</summary>
    public const string NoDeletions = "WISE5030";
    /// <summary>Wisemodel: the repo or the branch is not there, and no API is known that makes one.</summary>
    public const string MadeOnPageOnly = "WISE5031";
    /// <summary>Wisemodel: files were queued, and their commit did not come in time.</summary>
    public const string QueuedNotVisible = "WISE5032";
    /// <summary>Wisemodel: a file was committed with another content than was sent.</summary>
    public const string CommittedWrong = "WISE5033";
    /// <summary>Wisemodel: an empty file was refused.</summary>
    public const string EmptyFileRefused = "WISE5034";
    /// <summary>Wisemodel: the hub does not keep the pieces that it took.</summary>
    public const string PiecesLost = "WISE5035";
    /// <summary>Wisemodel: the hub did not put the pieces of a file together.</summary>
    public const string MergeRefused = "WISE5036";
    /// <summary>Wisemodel: the pieces of an upload are too large for the server.</summary>
    public const string ChunkTooLarge = "WISE5037";

    /// <summary>hg_localization: the bucket refuses the ACL that makes an object public.</summary>
    public const string HgAclRefused = "WISE5050";
    /// <summary>hg_localization: what was published cannot be read without credentials.</summary>
    public const string HgNotPublic = "WISE5051";
    /// <summary>hg_localization: a model has neither card nor configuration.</summary>
    public const string HgNothingToPublish = "WISE5052";
    /// <summary>hg_localization: a push that does not name all files of the copy.</summary>
    public const string HgWholeCopyNeeded = "WISE5053";

    /// <summary>The page and anchor that explain a code.</summary>
    public static string HelpLink(string code) =>
        // CA1308: anchors are lower case by the rule of the page's renderer.
#pragma warning disable CA1308
        "https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#" + code.ToLowerInvariant();
#pragma warning restore CA1308
}
