using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A git host: its URLs, the credential for it, and the meaning of its errors.</summary>
internal sealed class GitHost(HubDefinition definition, HubConnection connection)
{
    public HubDefinition Definition { get; } = definition;

    public HubConnection Connection { get; } = connection;

    /// <summary>True if the local git reads from this host, instead of HTTP requests.</summary>
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

    /// <summary>The advice on setting a token.</summary>
    public string Remedy => Connection.Remedy(Definition.Endpoint!, SecretKind.Token);

    /// <summary>The credential for the local git. Over ssh, a key identifies the user.</summary>
    public Credential? CredentialOfGit => Definition.Git().Transport == GitTransport.Ssh ? null : Credential;

    /// <summary>The page of a repo, or its address if the host has no pages.</summary>
    public string PageOf(RepoReference reference) =>
        GitAddress.IsSsh(Definition.Endpoint!) ? GitAddress.Url(Definition, reference.RepoId)
            : $"{Urls.Show(Definition.Endpoint!).TrimEnd('/')}/{reference.RepoId}";

    /// <summary>A URL below the URL of the repo.</summary>
    public Uri RepoUri(RepoReference reference, string rest) =>
        new(GitAddress.HttpPlace(Definition, reference.RepoId).AbsoluteUri + rest);

    /// <summary>Turns an error response into an exception with a code.</summary>
    public async Task<HubException> ReadErrorAsync(RepoReference reference, HubResponse response, CancellationToken cancel) =>
        GitMessages.ErrorResponse(this, reference, response.Uri, response.Status,
            await response.ErrorDetailAsync(cancel).ConfigureAwait(false));

    /// <summary>Turns a failure of git into an exception with a code.</summary>
    // Recognizes the messages of git 2.39 to 2.51 and of OpenSSH. Unknown messages are shown as they are.
    public HubException ToError(RepoReference reference, GitFailure failure)
    {
        string said = failure.Message;
        bool Says(params string[] words) => words.Any(w => said.Contains(w, StringComparison.OrdinalIgnoreCase));
        return Says("Permission denied (", "Host key verification failed")
                ? Error(WiseCodes.TokenRefused, GitMessages.CheckSshKey)
            : Says("could not read Username", "could not read Password", "terminal prompts disabled", "Authentication failed",
                "error: 401") ? Credential is null ? Error(WiseCodes.TokenNeeded, GitMessages.SetToken(this))
                    : Error(WiseCodes.TokenRefused, GitMessages.CheckName(Remedy))
            : Says("error: 403") ? Error(WiseCodes.Forbidden, GitMessages.CheckPermissions(Remedy))
            : Says("not our ref", "unadvertised object", "Not a valid object name", "bad object")
                && reference.Revision is string gone && CommitId.IsCommit(gone)
                ? GitMessages.CommitGone(reference, Definition, gone, said, failure)
            : Says("couldn't find remote ref", "not our ref", "unadvertised object", "Not a valid object name", "bad object")
                ? Error(WiseCodes.RevisionNotFound, GitMessages.CheckPage(PageOf(reference)))
            : Says("Could not resolve", "unable to access", "Connection refused", "Connection timed out", "Operation too slow",
                "early EOF", "Network is unreachable", "No route to host", "RPC failed", "unexpected disconnect")
                && !Says("not found", "error: 404") ? Error(WiseCodes.HubUnreachable, GitMessages.CheckNetwork)
            : Says("not found", "does not exist", "not appear to be a git repository", "error: 404", "no such repository")
                ? Error(WiseCodes.RepoNotFound, GitMessages.CheckEndpoint(this))
            : Error(WiseCodes.GitFailed, GitMessages.TryGit);

        HubException Error(string code, string remedy) =>
            GitMessages.GitFailed(code, reference, Definition, remedy, failure);
    }
}
