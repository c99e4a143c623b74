namespace WiseHub.Testing;

/// <summary>A part of the hub's API that concerns one repo.</summary>
internal interface IRepoApi
{
    /// <summary>Answers, or says that the address is not of this part.</summary>
    /// <param name="call">The request.</param>
    /// <param name="repo">The repo, which the caller may see.</param>
    /// <param name="verb">The part of the path behind the id; empty when there is none.</param>
    /// <param name="rest">The parts behind that.</param>
    Task<bool> TryAnswerAsync(Call call, TestRepo repo, string verb, string[] rest);
}

/// <summary>Says which part of the hub's API answers.</summary>
internal sealed class HubApi(TestHub hub)
{
    private readonly AccountApi _accounts = new(hub);
    private readonly FileApi _files = new(hub);
    private readonly InfoApi _infos = new(hub);
    private readonly IRepoApi[] _repoApis =
        [new TreeApi(hub), new CommitApi(hub), new RefsApi(), new SettingsApi(hub), new DiscussionApi(hub), new LfsFileApi(hub)];

    public async Task<bool> TryAnswerAsync(Call call)
    {
        try
        {
            return call.Parts[0] == "api" ? await ApiAsync(call) : await _files.TryAnswerAsync(call);
        }
        catch (RenamedRepo e)
        {
            call.Response.StatusCode = 307;
            call.Response.Headers.Location = e.Target;
            return true;
        }
    }

    private async Task<bool> ApiAsync(Call call)
    {
        if (await _accounts.TryAnswerAsync(call))
            return true;
        if (call.Parts is ["api", "resolve-cache", ..])
        {
            await _files.ResolveCacheAsync(call);
            return true;
        }
        if (call.Parts.Length < 2 || Call.TypeOfPlural(call.Parts[1]) is not string type)
            return false;
        if (call.Parts.Length == 2)
            return call.Verb == "GET" && await _infos.SearchAsync(call, type);
        (TestRepo repo, int next) = call.RepoAt(2, type);
        string verb = call.Parts.ElementAtOrDefault(next) ?? "";
        string[] rest = [.. call.Parts.Skip(next + 1)];
        if (await InfoApi.TryAnswerAsync(call, repo, verb, rest))
            return true;
        foreach (IRepoApi api in _repoApis)
        {
            if (await api.TryAnswerAsync(call, repo, verb, rest))
                return true;
        }
        return false;
    }
}
