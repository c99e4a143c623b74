using System.Net;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A git host: its addresses, the credential that it gets, and the meaning of its errors.</summary>
internal sealed class GitHost(HubDefinition definition, HubConnection connection)
{
    public HubDefinition Definition { get; } = definition;

    public HubConnection Connection { get; } = connection;

    /// <summary>The local git reads from this host, instead of HTTP requests.</summary>
    public bool UsesGit => Definition.Git().Transport != GitTransport.Https;

    /// <summary>The credential for HTTP requests; null for none.</summary>
    // Git hosts take a token as the password of any user, and GitHub documents this user name. Other hosts have user:password.
    public Credential? Credential =>
        Definition.Endpoint is not Uri host || GitAddress.IsSsh(host)
            || Connection.Find(host, SecretKind.Token) is not Secret secret
            ? null
            : secret.User is string user ? Credential.Basic(host, user, secret.Value)
            : secret.Value.Split(':', 2) is [{ Length: > 0 } name, var password] ? Credential.Basic(host, name, password)
            : Credential.Basic(host, host.Host == "github.com" ? "x-access-token" : "oauth2", secret.Value);

    /// <summary>The advice how to set a token.</summary>
    public string Remedy => Connection.Remedy(Definition.Endpoint!, SecretKind.Token);

    /// <summary>The credential for the local git. Over ssh, a key identifies the user.</summary>
    public Credential? CredentialOfGit => Definition.Git().Transport == GitTransport.Ssh ? null : Credential;

    /// <summary>The page of a repo, or its address where the host has no pages.</summary>
    public string PageOf(RepoReference reference) =>
        GitAddress.IsSsh(Definition.Endpoint!) ? GitAddress.Url(Definition, reference.RepoId)
            : $"{Urls.Show(Definition.Endpoint!).TrimEnd('/')}/{reference.RepoId}";

    /// <summary>An address below the repo's own.</summary>
    public Uri RepoUri(RepoReference reference, string rest) =>
        new(GitAddress.HttpPlace(Definition, reference.RepoId).AbsoluteUri + rest);

    /// <summary>Turns an error response into an exception with a code.</summary>
    public async Task<HubException> ReadErrorAsync(RepoReference reference, HubResponse response, CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string where = $"{reference} on '{Definition.Name}' ({Urls.Show(response.Uri)}, "
            + $"{(int)response.Status}{(said.Length > 0 ? $": \"{said}\"" : "")})";
        bool isCommit = reference.Revision is string revision && CommitId.IsCommit(revision);
        return response.Status switch
        {
            // GitHub and others hide what a stranger may not see behind this.
            HttpStatusCode.Unauthorized when Credential is null => new HubException(WiseCodes.TokenNeeded,
                $"{where}: the repo does not exist, or it is private and no token was sent. {SetToken}"),
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenRefused,
                $"{where}: the hub refused the token, or the repo does not exist. Check the name. {Remedy}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}: access is forbidden. Check the rights of the token, and whether the host limits strangers. {Remedy}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone when isCommit => new HubException(WiseCodes.RevisionNotFound,
                $"{where}: there is no such repo or commit. Check both on {PageOf(reference)}. {SetToken}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new HubException(WiseCodes.RepoNotFound,
                $"{where}: there is no such repo. Check the name and the hub's endpoint. {SetToken}"),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}: unexpected response. Check the endpoint of the hub."),
        };
    }

    private string SetToken =>
        Credential is null ? $"If it is private: {Remedy}" : $"If it is private, the token in use may not see it. {Remedy}";

    /// <summary>Turns a failure of git into an exception with a code.</summary>
    // By the words of git 2.39 to 2.51 and of OpenSSH. Unknown words are shown as they are.
    public HubException ToError(RepoReference reference, GitFailure failure)
    {
        string said = failure.Message,
            where = $"{reference} on '{Definition.Name}' ({GitAddress.Url(Definition, reference.RepoId)}): git says: {said}.";
        bool Says(params string[] words) => words.Any(w => said.Contains(w, StringComparison.OrdinalIgnoreCase));
        return Says("Permission denied (", "Host key verification failed") ? Error(WiseCodes.TokenRefused,
            "Check that the key of this user may read the repo, and that the host's key is in known_hosts; "
            + "try it with ssh by hand.")
            : Says("could not read Username", "could not read Password", "terminal prompts disabled", "Authentication failed",
                "error: 401") ? Credential is null ? Error(WiseCodes.TokenNeeded, SetToken)
                    : Error(WiseCodes.TokenRefused, $"Check the name. {Remedy}")
            : Says("error: 403") ? Error(WiseCodes.Forbidden, $"Check the rights of the token. {Remedy}")
            : Says("not our ref", "unadvertised object", "Not a valid object name", "bad object")
                && reference.Revision is string gone && CommitId.IsCommit(gone)
                ? GitMessages.CommitGone(reference, Definition, gone, said, failure)
            : Says("couldn't find remote ref", "not our ref", "unadvertised object", "Not a valid object name", "bad object")
                ? Error(WiseCodes.RevisionNotFound, $"Look at {PageOf(reference)}.")
            : Says("Could not resolve", "unable to access", "Connection refused", "Connection timed out", "Operation too slow",
                "early EOF", "Network is unreachable", "No route to host", "RPC failed", "unexpected disconnect")
                && !Says("not found", "error: 404") ? Error(WiseCodes.HubUnreachable,
                    "Check the network, a proxy, certificates (http.sslCAInfo), and the endpoint in wisehub.json.")
            : Says("not found", "does not exist", "not appear to be a git repository", "error: 404", "no such repository")
                ? Error(WiseCodes.RepoNotFound, $"Check the name and the hub's endpoint. {SetToken}")
            : Error(WiseCodes.GitFailed, "Try the same with git by hand.");

        HubException Error(string code, string remedy) => new(code, $"{where} {remedy}", failure);
    }
}
