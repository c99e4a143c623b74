namespace WiseHub.Client;

/// <summary>
/// All codes of this product: 1xxx input and configuration, 2xxx hub and network, 3xxx integrity and store, 4xxx lock file, 5xxx
/// push, 6xxx trust. A number is never reused; each has an anchor in docs/diagnostics.md.
/// </summary>
public static class WiseCodes
{
    /// <summary>The SDK or MSBuild is too old to run the tasks.</summary>
    public const string SdkTooOld = "WISE1001";
    /// <summary>The named hub is neither built in nor configured.</summary>
    public const string UnknownHub = "WISE1002";
    /// <summary>The repo id does not have the form <c>owner/name</c> or <c>name</c>.</summary>
    public const string MalformedRepoId = "WISE1003";
    /// <summary>The value of a metadata item or property is not allowed.</summary>
    public const string InvalidValue = "WISE1004";
    /// <summary>The revision is not a valid name in git.</summary>
    public const string MalformedRevision = "WISE1005";
    /// <summary>Two references share an alias, or an alias is not usable as a folder name.</summary>
    public const string InvalidAlias = "WISE1006";
    /// <summary>TargetPath leaves the output folder or is not portable.</summary>
    public const string InvalidTargetPath = "WISE1007";
    /// <summary>wisehub.json is unreadable or has an unknown key.</summary>
    public const string InvalidConfig = "WISE1008";
    // WISE1009 said that the setting "policy" was not enforced yet; the number is not reused.
    // WISE1010 said that a protocol was not implemented yet; the number is not reused.
    /// <summary>The URL of a reference cannot be used.</summary>
    public const string UnusableUrl = "WISE1011";
    /// <summary>A digest is not 64 hexadecimal characters.</summary>
    public const string MalformedDigest = "WISE1012";
    /// <summary>The hub has no dataset configurations.</summary>
    public const string ConfigNotSupported = "WISE1013";
    /// <summary>Two hub names map to the same environment variable.</summary>
    public const string AmbiguousHubNames = "WISE1014";
    /// <summary>The patterns selected no file.</summary>
    public const string NothingSelected = "WISE1015";
    /// <summary><c>Sha256</c> is set but more than one file is selected.</summary>
    public const string DigestOfManyFiles = "WISE1016";
    /// <summary>An update was requested in locked mode.</summary>
    public const string UpdateInLockedMode = "WISE1017";
    /// <summary>The hub does not support the repo type.</summary>
    public const string RepoTypeNotSupported = "WISE1018";
    /// <summary>An item has a metadata that this package does not know.</summary>
    public const string UnknownMetadata = "WISE1019";
    /// <summary>Warning: a property or item has a name that begins with Wise but means nothing.</summary>
    public const string UnknownName = "WISE1020";
    /// <summary>The files to embed are too large.</summary>
    public const string TooLargeToEmbed = "WISE1021";
    /// <summary>The project has no reference to a package that the generated code needs.</summary>
    public const string PackageNeeded = "WISE1022";
    /// <summary>Warning: a pattern without wildcards selects no file.</summary>
    public const string PatternWithoutFile = "WISE1023";
    /// <summary>The endpoint is not a valid git host.</summary>
    public const string InvalidGitHost = "WISE1025";
    /// <summary>The local git or ssh is missing or too old.</summary>
    public const string GitMissing = "WISE1026";
    /// <summary>The local git was requested for a hub that is not a git host.</summary>
    public const string UseGitElsewhere = "WISE1027";
    /// <summary>The access keys of an S3 hub are missing or unusable.</summary>
    public const string AccessKeysMissing = "WISE1030";
    /// <summary>A session token is not sent to an S3 endpoint that only the project's wisehub.json configures.</summary>
    public const string SessionTokenKept = "WISE1031";
    /// <summary>hg_localization: an id, configuration or revision is not valid in a path, or would be in another tree.</summary>
    public const string HgNameUnusable = "WISE1035";
    /// <summary>hg_localization: the bucket, folder or credentials are not set, or a variable is invalid.</summary>
    public const string HgSettingMissing = "WISE1036";
    // WISE1037 said that publishing was not implemented yet; the number is not reused.
    /// <summary>A <c>.env</c> file cannot be read.</summary>
    public const string EnvFileUnreadable = "WISE1038";
    /// <summary>
    /// A reference by URL has a setting that does not apply to URLs, or another reference has a setting for URLs.
    /// </summary>
    public const string UrlSetting = "WISE1040";
    /// <summary>A file over http has no digest.</summary>
    public const string PlainHttp = "WISE1041";
    /// <summary>An argument of an entry is unknown, missing or of the wrong type.</summary>
    public const string EntryArgument = "WISE1042";
    /// <summary>The repo has no entry with that name.</summary>
    public const string UnknownEntry = "WISE1043";
    /// <summary>The repo has no entries.</summary>
    public const string NoEntries = "WISE1044";
    /// <summary>A file that describes entries cannot be read.</summary>
    public const string MalformedEntries = "WISE1045";
    /// <summary>The entry file is not a path inside the repo.</summary>
    public const string EntryFileOutside = "WISE1046";
    /// <summary>Code of a repo would run without permission.</summary>
    public const string TrustNeeded = "WISE1047";
    /// <summary>A dependency of an entry's code is missing.</summary>
    public const string EntryDependencyMissing = "WISE1048";
    /// <summary>The code of an entry failed.</summary>
    public const string EntryFailed = "WISE1049";
    /// <summary>The target hub does not accept or list mirrored commits.</summary>
    public const string MirrorNotWritable = "WISE1050";
    /// <summary>There is nothing to mirror.</summary>
    public const string NothingToMirror = "WISE1051";
    /// <summary><c>wisehub mirror</c>: the argument is neither a bundle nor a hub.</summary>
    public const string NeitherBundleNorHub = "WISE1052";
    /// <summary>The hub has no login by user name and password.</summary>
    public const string NoPasswordLogin = "WISE1053";
    /// <summary><c>wisehub hg download-model --full-model</c>: the required confirmation is missing.</summary>
    public const string HgConfirmationNeeded = "WISE1054";
    /// <summary>A token has characters that cannot be sent.</summary>
    public const string UnusableToken = "WISE1055";
    /// <summary>Other users can read or change the stored tokens.</summary>
    public const string UnsafeCredentialFile = "WISE1056";
    /// <summary>The file of stored tokens is damaged.</summary>
    public const string DamagedCredentialFile = "WISE1057";
    /// <summary>A login needs a terminal or a token, or the confirmation of a redirected hub.</summary>
    public const string LoginNotPossible = "WISE1058";
    /// <summary>The hub has no login.</summary>
    public const string NoLogin = "WISE1059";
    /// <summary>
    /// <c>wisehub entries</c>: the program for the code of a repo cannot be started, because .NET or its own file is missing.
    /// </summary>
    public const string EntryHostMissing = "WISE1060";
    /// <summary><c>wisehub entries</c>: the code of a repo exceeded its time limit.</summary>
    public const string EntryTimeLimit = "WISE1061";
    /// <summary><c>wisehub entries</c>: the process of a repo's code ended without a usable result.</summary>
    public const string EntryProcessFailed = "WISE1062";
    /// <summary>A path starts with <c>~name</c>, or the path in an environment variable is relative.</summary>
    public const string UnusablePath = "WISE1070";
    /// <summary>A target adds references after the restore.</summary>
    public const string LateReference = "WISE1071";
    /// <summary><c>wisehub add|remove</c>: a file cannot be read, edited or written.</summary>
    public const string ProjectNotEditable = "WISE1085";
    /// <summary><c>wisehub add</c>: the project already references the repo.</summary>
    public const string AlreadyReferenced = "WISE1086";
    /// <summary><c>wisehub add</c>: the restore of the added reference failed, so nothing was added.</summary>
    public const string AddNotRestored = "WISE1087";
    /// <summary><c>wisehub remove</c>: the project file has no such reference.</summary>
    public const string NoSuchReference = "WISE1088";
    /// <summary><c>wisehub</c>: MSBuild cannot evaluate a project or list its references.</summary>
    public const string ReferencesNotListed = "WISE1089";
    /// <summary><c>wisehub lock</c>: both sides have another commit for one reference.</summary>
    public const string LockMergeConflict = "WISE1090";
    /// <summary><c>wisehub lock</c>: git is missing or failed, or it has not what the merge needs.</summary>
    public const string LockMergeImpossible = "WISE1091";
    /// <summary>The header of a file with weights cannot be read.</summary>
    public const string HeaderUnreadable = "WISE1092";
    /// <summary><c>wisehub site</c>: the folder has files that are not of a site.</summary>
    public const string ForeignSiteFolder = "WISE1095";
    /// <summary><c>wisehub site</c>: the site cannot be written.</summary>
    public const string SiteNotWritten = "WISE1096";
    /// <summary><c>wisehub</c>: the command line is not valid.</summary>
    public const string WrongUsage = "WISE1101";
    /// <summary><c>wisehub restore|update</c>: there is no project to work on, or more than one.</summary>
    public const string ProjectNotFound = "WISE1102";
    /// <summary><c>wisehub restore|update</c>: the project does not use WiseHub.Build.</summary>
    public const string ProjectWithoutWiseHub = "WISE1103";
    /// <summary><c>wisehub</c>: a bug in the program.</summary>
    public const string InternalError = "WISE1104";
    /// <summary>The manifest of a model that is fetched at run time is missing or unreadable.</summary>
    public const string ManifestUnusable = "WISE1105";
    /// <summary>The manifest of a model is not the one the program was built with.</summary>
    public const string ManifestEdited = "WISE1106";
    /// <summary>The folder that replaces a model at run time lacks a file, or has one of another size.</summary>
    public const string ModelFolderIncomplete = "WISE1107";
    /// <summary>The cache lacks files of a model and cannot be written.</summary>
    public const string CacheReadOnly = "WISE1108";
    /// <summary>The program has no model of that alias.</summary>
    public const string UnknownModel = "WISE1109";

    /// <summary>The hub is unreachable, or connections to it keep failing.</summary>
    public const string HubUnreachable = "WISE2001";
    /// <summary>The repo does not exist, or the token has no access to it.</summary>
    public const string RepoNotFound = "WISE2002";
    /// <summary>The repo has no such branch, tag or commit.</summary>
    public const string RevisionNotFound = "WISE2003";

    /// <summary>The commit in the lock file no longer exists on the hub.</summary>
    public const string LockedCommitGone = "WISE2084";
    /// <summary>The repo is gated and its conditions were not accepted.</summary>
    public const string RepoGated = "WISE2004";
    /// <summary>The hub requires a token (or hides a missing repo behind that response).</summary>
    public const string TokenNeeded = "WISE2005";
    /// <summary>The hub refused the token.</summary>
    public const string TokenRefused = "WISE2006";
    /// <summary>Warning: the repo was renamed.</summary>
    public const string RepoRenamed = "WISE2007";
    /// <summary>The hub does not have a file that its own list contains.</summary>
    public const string FileNotFound = "WISE2008";
    /// <summary>The hub limits the request rate, and the wait is too long.</summary>
    public const string RateLimited = "WISE2009";
    /// <summary>The hub's response is not valid.</summary>
    public const string UnexpectedAnswer = "WISE2010";
    /// <summary>A redirect that must not be followed.</summary>
    public const string RedirectRefused = "WISE2011";
    /// <summary>The hub sent no bytes for too long.</summary>
    public const string Stalled = "WISE2012";
    /// <summary>The hub lists more pages of files than allowed.</summary>
    public const string TooManyPages = "WISE2013";
    /// <summary>A file is missing and network access is disabled.</summary>
    public const string OfflineAndMissing = "WISE2014";
    /// <summary>The hub disabled the repo.</summary>
    public const string RepoDisabled = "WISE2015";
    /// <summary>The token lacks the required permissions.</summary>
    public const string Forbidden = "WISE2016";
    /// <summary>The operation was cancelled.</summary>
    public const string Cancelled = "WISE2017";
    /// <summary>Warning: an optional reference could not be restored.</summary>
    public const string OptionalMissing = "WISE2018";
    /// <summary>The hub served an LFS pointer instead of the content.</summary>
    public const string LfsPointerServed = "WISE2020";
    /// <summary>The LFS server does not have a content of the repo.</summary>
    public const string LfsObjectMissing = "WISE2030";
    /// <summary>There is no LFS server, or its response is not valid.</summary>
    public const string LfsUnusable = "WISE2031";
    /// <summary>The local git failed with an unknown error.</summary>
    public const string GitFailed = "WISE2032";
    /// <summary>A git host's response in git's own protocol is not valid.</summary>
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
    /// <summary>A login is needed: there is no session, or it has expired.</summary>
    public const string SessionNeeded = "WISE2022";
    /// <summary>Wisemodel's gateway refused a request.</summary>
    public const string GatewayRefused = "WISE2023";

    /// <summary>hg_localization: a manifest or index in the bucket is corrupted.</summary>
    public const string HgManifestUnreadable = "WISE2050";
    /// <summary>hg_localization: the folder has the copy of another id.</summary>
    public const string HgCopyOfAnother = "WISE2051";
    /// <summary>hg_localization: the model has only a card and a configuration.</summary>
    public const string HgOnlyCard = "WISE2052";
    /// <summary>Warning: the manifest of a bucket names another bucket.</summary>
    public const string HgManifestOtherBucket = "WISE2053";
    /// <summary>hg_localization: the folder has the files of another commit.</summary>
    public const string HgChanged = "WISE2054";
    /// <summary>hg_localization: concurrent changes of the index did not stop.</summary>
    public const string HgIndexContested = "WISE2055";
    /// <summary>A URL served a web page instead of a file.</summary>
    public const string PageInsteadOfFile = "WISE2060";
    /// <summary>Warning: the content of a URL has changed.</summary>
    public const string UrlContentChanged = "WISE2061";
    /// <summary>The end of a URL's content is indistinguishable from a broken connection.</summary>
    public const string EndUnknown = "WISE2062";
    /// <summary>The origin must not be used, and no mirror has the repo.</summary>
    public const string MirrorsLack = "WISE2070";
    /// <summary>Warning: restored files could not be written to a mirror.</summary>
    public const string MirrorWriteFailed = "WISE2071";
    /// <summary>Warning: a revision on the mirror has another owner and was not changed.</summary>
    public const string MirrorRefKept = "WISE2072";
    /// <summary>Warning: hg_localization: the published archive is older than the uploaded files.</summary>
    public const string HgArchiveStale = "WISE2073";
    /// <summary>The certificate of the server is not trusted.</summary>
    public const string CertificateNotTrusted = "WISE2080";
    /// <summary>The proxy is unreachable, or refused to open a tunnel to the hub.</summary>
    public const string ProxyFailed = "WISE2081";

    /// <summary>The content does not match its digest.</summary>
    public const string DigestMismatch = "WISE3001";
    /// <summary>The size differs from the expected one.</summary>
    public const string SizeMismatch = "WISE3002";
    /// <summary>A file name in the repo is not usable on every system.</summary>
    public const string HostileFileName = "WISE3003";
    /// <summary>Two file names in the repo are equal on some systems.</summary>
    public const string CollidingFileNames = "WISE3004";
    /// <summary>The folder or server is not a store, or its version is newer.</summary>
    public const string NotAStore = "WISE3005";
    /// <summary>A ref or tree in a store is damaged.</summary>
    public const string DamagedStore = "WISE3006";
    /// <summary>Permission for a folder or file is missing.</summary>
    public const string NoPermission = "WISE3007";
    /// <summary>The disk is full.</summary>
    public const string DiskFull = "WISE3008";
    /// <summary>Warning: a damaged blob was found in the cache and replaced.</summary>
    public const string BlobHealed = "WISE3009";
    /// <summary>Two different files have the same path in the output.</summary>
    public const string TargetPathConflict = "WISE3010";
    /// <summary>A file could not be placed in the output.</summary>
    public const string PlacementFailed = "WISE3011";
    /// <summary>The single selected file does not have the digest required by <c>Sha256</c>.</summary>
    public const string RequiredDigestMismatch = "WISE3012";
    /// <summary>Another failure of the local file system.</summary>
    public const string LocalFailure = "WISE3013";
    /// <summary>Files differ from the lock file.</summary>
    public const string VerificationFailed = "WISE3014";
    /// <summary>A model has a file that the host, the loader or a web server would use because of its name.</summary>
    public const string TakenUpByHost = "WISE3015";
    /// <summary>A model would replace a file in the output that this project did not put there.</summary>
    public const string ForeignFileInOutput = "WISE3016";
    /// <summary>A download into a working folder has files that tools obey.</summary>
    public const string ObeyedByTools = "WISE3017";
    /// <summary><c>wisehub cache verify</c>: a file in the cache is damaged.</summary>
    public const string CacheDamaged = "WISE3021";
    /// <summary><c>wisehub cache rm</c>: the cache has no such repo or revision.</summary>
    public const string NotInCache = "WISE3022";
    /// <summary>An archive is damaged, incomplete, encrypted or not an archive.</summary>
    public const string ArchiveUnreadable = "WISE3030";
    /// <summary>An archive looks like a decompression bomb.</summary>
    public const string ArchiveTooLarge = "WISE3031";
    /// <summary>An archive has a link or a device as an entry.</summary>
    public const string ArchiveEntryRefused = "WISE3032";
    /// <summary>hg_localization: a copy lacks files in its own lists.</summary>
    public const string HgCopyIncomplete = "WISE3040";
    /// <summary>An entry is Python or has no code, so that there is nothing to run.</summary>
    public const string EntryIsNotCode = "WISE3050";
    /// <summary>Warning: a mirror's file list of a commit contradicts the origin's.</summary>
    public const string MirrorDisagrees = "WISE3060";
    /// <summary>Warning: symbolic links in a git repo are skipped.</summary>
    public const string GitLinkSkipped = "WISE3033";
    /// <summary>The file is not a bundle, or has an unexpected entry.</summary>
    public const string NotABundle = "WISE3061";
    /// <summary>A bundle is incomplete, or its content differs from its list.</summary>
    public const string BundleDamaged = "WISE3062";
    /// <summary>A bundle omits contents that the target store does not have.</summary>
    public const string BundleNeedsMore = "WISE3063";
    /// <summary>The target hub cannot store a mirrored commit.</summary>
    public const string MirrorHasNoPlace = "WISE3064";
    /// <summary>Another program has a file open that must be replaced, deleted or read.</summary>
    public const string FileInUse = "WISE3070";
    /// <summary>
    /// A name differs from an existing one in a published store only by case, and the disk treats both as equal.
    /// </summary>
    public const string NamesDifferByCase = "WISE3071";
    /// <summary>A path exceeds the system's limit.</summary>
    public const string PathTooLong = "WISE3072";

    /// <summary>The lock file is unreadable.</summary>
    public const string LockUnreadable = "WISE4001";
    /// <summary>The lock file was written by a newer version.</summary>
    public const string LockTooNew = "WISE4002";
    /// <summary>Locked mode: a reference has no entry.</summary>
    public const string LockMissesReference = "WISE4003";
    /// <summary>Locked mode: the selection of a reference differs from its entry.</summary>
    public const string LockDrift = "WISE4004";
    /// <summary>Locked mode was requested, but there is no lock file.</summary>
    public const string LockFileMissing = "WISE4005";
    /// <summary>Warning: locked mode was implied, but there is no lock file.</summary>
    public const string LockFileMissingImplied = "WISE4006";
    /// <summary>This build must not resolve revisions (<c>--no-build</c>), and the lock file has no entry.</summary>
    public const string MayNotResolve = "WISE4007";
    /// <summary>Entries cannot be removed from a lock file, because other projects may use it.</summary>
    public const string RemovalUnsafe = "WISE4010";
    /// <summary>The lock file has merge conflict markers.</summary>
    public const string LockConflict = "WISE4011";

    /// <summary>The hub does not accept pushes.</summary>
    public const string CannotBePushedTo = "WISE5001";
    /// <summary>Someone else pushed meanwhile.</summary>
    public const string LostRace = "WISE5002";
    /// <summary>A file changed during the push.</summary>
    public const string FileChangedDuringPush = "WISE5003";
    /// <summary>The push has no file, or one that cannot be pushed.</summary>
    public const string InvalidPush = "WISE5004";
    /// <summary>The target repo does not exist, and the push does not create it.</summary>
    public const string PushRepoMissing = "WISE5005";
    /// <summary>Warning: the digests of pushed files could not be stored, or the stored ones are damaged.</summary>
    public const string PushMemoryNotWritten = "WISE5006";
    /// <summary>The token has no write access.</summary>
    public const string MayNotWrite = "WISE5007";
    /// <summary>The S3 server received another body than the one that was signed.</summary>
    public const string BodyRefused = "WISE5010";
    /// <summary>The content on the S3 server differs from the uploaded one.</summary>
    public const string UploadDamaged = "WISE5011";
    /// <summary>The storage quota of the bucket or its owner is exhausted.</summary>
    public const string StorageFull = "WISE5012";
    /// <summary>Conditional writes are configured, but the S3 server does not support them.</summary>
    public const string ConditionalWritesMissing = "WISE5013";
    /// <summary>The S3 server refused an upload.</summary>
    public const string UploadRefused = "WISE5014";
    /// <summary>The front matter of a model card is not valid on hubs.</summary>
    public const string InvalidCard = "WISE5060";
    /// <summary>The card options do not fit the push.</summary>
    public const string CardNotPossible = "WISE5061";
    /// <summary>A push cannot be signed.</summary>
    public const string PushNotSignable = "WISE5062";
    /// <summary>After a push, the signature in the repo does not match the files (warning).</summary>
    public const string SignatureOutdated = "WISE5063";
    /// <summary>The hub or its storage refused a content.</summary>
    public const string LfsUploadRefused = "WISE5020";
    /// <summary>It is unknown whether the hub made a commit.</summary>
    public const string CommitOutcomeUnknown = "WISE5021";
    /// <summary>The hub refused a commit.</summary>
    public const string CommitRefused = "WISE5022";
    /// <summary>The hub found errors in the front matter of README.md.</summary>
    public const string CardRefused = "WISE5023";
    /// <summary>Warning: the hub reported a problem in the front matter of README.md.</summary>
    public const string CardDoubtful = "WISE5024";
    /// <summary>Warning: the repo's ignore rules exclude a file of the push.</summary>
    public const string IgnoredByHub = "WISE5025";
    /// <summary>The hub does not support this way of managing repos.</summary>
    public const string NoRepoAdmin = "WISE5027";
    /// <summary>A repo, branch or tag with that name exists already.</summary>
    public const string ExistsAlready = "WISE5028";
    /// <summary>The content stored by the hub differs from the uploaded one.</summary>
    public const string LfsContentDamaged = "WISE5026";
    /// <summary>A git host refused a push: a protected branch, or a rule of the host.</summary>
    public const string GitPushRefused = "WISE5040";
    /// <summary>The kind of git host does not support creating repos, or the host did not create one.</summary>
    public const string RepoNotCreated = "WISE5041";
    /// <summary><c>wisehub lfs multipart-upload</c>: the input is not from git-lfs.</summary>
    public const string NotGitLfs = "WISE5042";
    /// <summary><c>wisehub lfs enable-largefiles</c>: the folder is not in a git repository.</summary>
    public const string NotAGitRepository = "WISE5043";

    /// <summary>Warning: the record of published files could not be written, or is malformed.</summary>
    public const string PublishRecordNotWritten = "WISE5071";
    /// <summary>A publish for several runtime identifiers has no single folder to push.</summary>
    public const string NoPublishFolder = "WISE5070";

    /// <summary>Wisemodel: files would be deleted, which its gateway does not support.</summary>
    public const string NoDeletions = "WISE5030";
    /// <summary>Wisemodel: the repo or branch does not exist, and no API to create it is known.</summary>
    public const string MadeOnPageOnly = "WISE5031";
    /// <summary>Wisemodel: the commit of queued files did not appear in time.</summary>
    public const string QueuedNotVisible = "WISE5032";
    /// <summary>Wisemodel: a file was committed with different content.</summary>
    public const string CommittedWrong = "WISE5033";
    /// <summary>Wisemodel: an empty file was refused.</summary>
    public const string EmptyFileRefused = "WISE5034";
    /// <summary>Wisemodel: the hub lost uploaded parts.</summary>
    public const string PiecesLost = "WISE5035";
    /// <summary>Wisemodel: the hub did not join the parts of a file.</summary>
    public const string MergeRefused = "WISE5036";
    /// <summary>Wisemodel: the parts of an upload are too large for the server.</summary>
    public const string ChunkTooLarge = "WISE5037";

    /// <summary>hg_localization: the bucket refuses the ACL that makes an object public.</summary>
    public const string HgAclRefused = "WISE5050";
    /// <summary>hg_localization: a published object cannot be read without credentials.</summary>
    public const string HgNotPublic = "WISE5051";
    /// <summary>hg_localization: a model has neither card nor configuration.</summary>
    public const string HgNothingToPublish = "WISE5052";
    /// <summary>hg_localization: a push does not include all files of the copy.</summary>
    public const string HgWholeCopyNeeded = "WISE5053";

    /// <summary>The policy does not allow the hub.</summary>
    public const string HubNotAllowed = "WISE6001";
    /// <summary>The policy does not allow the repo.</summary>
    public const string RepoNotAllowed = "WISE6002";
    /// <summary>The policy does not allow the license, or that none is stated.</summary>
    public const string LicenseNotAllowed = "WISE6003";
    /// <summary>The policy does not allow the format of a file.</summary>
    public const string FormatNotAllowed = "WISE6004";
    /// <summary>A file or a reference is larger than the policy allows.</summary>
    public const string TooLargeForPolicy = "WISE6005";
    /// <summary>The policy requires a commit as revision.</summary>
    public const string RevisionNotPinned = "WISE6006";
    /// <summary>Warning: an update takes a commit with another license.</summary>
    public const string LicenseChanged = "WISE6007";
    /// <summary>The policy requires a signature, and there is none.</summary>
    public const string SignatureMissing = "WISE6008";
    /// <summary>Code in a file may run when it is loaded or started.</summary>
    public const string RunsCode = "WISE6010";
    /// <summary>The strict level takes only files that are known to be data.</summary>
    public const string NotKnownAsData = "WISE6011";
    /// <summary>A waiver was given for other bytes.</summary>
    public const string WaiverForOtherBytes = "WISE6012";
    /// <summary>No file needs a waiver.</summary>
    public const string WaiverUnused = "WISE6013";
    /// <summary>Warning: a configuration file names code of its repo.</summary>
    public const string NamesOwnCode = "WISE6015";
    /// <summary>Warning: a configuration file names code of another repo.</summary>
    public const string NamesCodeOfOtherRepo = "WISE6016";
    /// <summary>Warning: a chat template does more than a template needs.</summary>
    public const string SuspiciousTemplate = "WISE6017";
    /// <summary>The header of a file is wrong.</summary>
    public const string HeaderFalse = "WISE6020";
    /// <summary>A file needs another one that is not selected, or too short.</summary>
    public const string CompanionMissing = "WISE6021";

    /// <summary>The signature of a model is malformed, or contradicts itself.</summary>
    public const string SignatureMalformed = "WISE6030";
    /// <summary>The signature of a model does not verify.</summary>
    public const string SignatureInvalid = "WISE6031";
    /// <summary>Files differ from those that a signature lists, or there are none to sign.</summary>
    public const string SignatureFilesDiffer = "WISE6032";
    /// <summary>Somebody else than an expected signer signed a model.</summary>
    public const string SignerNotExpected = "WISE6033";
    /// <summary>The file of a key or certificate for signatures is missing or unusable.</summary>
    public const string SigningKeyUnusable = "WISE6034";
    /// <summary>The signature of a model has a form that is not supported.</summary>
    public const string SignatureNotSupported = "WISE6035";
    /// <summary>The trust root for keyless signatures is malformed or outdated.</summary>
    public const string TrustRootUnusable = "WISE6036";
    /// <summary>The signer's certificate was not valid when it signed, or nobody attests when that was.</summary>
    public const string SignatureTimeInvalid = "WISE6037";

    /// <summary>True for what a policy or a check of contents refuses: another try or another source does not help.</summary>
    internal static bool IsTrust(string code) => code.StartsWith("WISE6", StringComparison.Ordinal);

    /// <summary>A list of materials or a provenance statement could not be made or written.</summary>
    public const string BomNotWritten = "WISE6040";
    /// <summary>Nothing can be added to a file: it is not a CycloneDX JSON file of a known version.</summary>
    public const string BomNotMerged = "WISE6041";
    /// <summary>A deployed file is not the locked one.</summary>
    public const string DeployedFileDiffers = "WISE6050";
    /// <summary>A locked file is not deployed.</summary>
    public const string DeployedFileMissing = "WISE6051";
    /// <summary>The folder of a deployed model has a file that is not locked.</summary>
    public const string DeployedFileNotLocked = "WISE6052";
    /// <summary>The folder of a deployed program, or its lock file, cannot be read.</summary>
    public const string DeploymentUnreadable = "WISE6053";

    /// <summary>The documentation page and anchor of a code.</summary>
    public static string HelpLink(string code) =>
        // CA1308: the renderer of the page makes anchors lower case.
#pragma warning disable CA1308
        "https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#" + code.ToLowerInvariant();
#pragma warning restore CA1308
}
