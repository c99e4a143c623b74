using System.Globalization;

namespace WiseHub.Testing;

/// <summary>Contents of files.</summary>
internal sealed class FileApi(TestHub hub)
{
    /// <summary><c>/[datasets/]id/resolve|raw/revision/path</c>.</summary>
    public async Task<bool> TryAnswerAsync(Call call)
    {
        string? type = Call.TypeOfPlural(call.Parts[0]);
        if (call.Parts.Length < 4)
            return false;
        (TestRepo repo, int next) = call.RepoAt(type is null ? 0 : 1, type ?? "model");
        if (call.Method is not ("GET" or "HEAD") || next + 2 >= call.Parts.Length || call.Parts[next] is not ("resolve" or "raw"))
            return false;
        string path = string.Join('/', call.Parts.Skip(next + 2));
        RepoCommit commit = TreeApi.Revision(repo, call.Parts[next + 1]);
        SettingsApi.RequireFiles(call, repo);
        RepoFile file = commit.Files.GetValueOrDefault(path)
            ?? throw new ApiError(404, "EntryNotFound", "Entry not found") { Commit = commit.Id };
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        if (call.Parts[next] == "raw" && file.IsLfs)
        {
            call.Response.Headers.ETag = $"\"{file.BlobId}\"";
            await call.WriteTextAsync(file.Pointer);
        }
        else if (call.Parts[next] == "resolve" && file.IsLfs)
            RedirectToCdn(call, repo, commit, file);
        else if (call.Parts[next] == "resolve" && hub.Options.RegularByRedirect)
            RedirectToCache(call, repo, commit, file);
        else
            await ContentAnswer.WriteAsync(call, hub.Contents.PathOf(file.Content.Sha256), file.Etag);
        return true;
    }

    private void RedirectToCdn(Call call, TestRepo repo, RepoCommit commit, RepoFile file)
    {
        call.Response.StatusCode = 302;
        call.Response.Headers.Location = LfsApi.SignedUrl(hub, $"content/{file.Content.Sha256}");
        call.Response.Headers["X-Linked-Etag"] = $"\"{file.Content.Sha256}\"";
        call.Response.Headers["X-Linked-Size"] = file.Content.Size.ToString(CultureInfo.InvariantCulture);
        call.Response.Headers.ETag = $"\"{file.BlobId}\"";
        if (!hub.Options.Xet)
            return;
        // Not a real Xet hash: a client that follows the redirect must not look at it.
        string hash = new([.. file.Content.Sha256.Reverse()]);
        call.Response.Headers["X-Xet-Hash"] = hash;
        call.Response.Headers.Link = $"<{call.HubUrl($"/api/{repo.Type}s/{repo.Id}/xet-read-token/{commit.Id}")}>; "
            + $"rel=\"xet-auth\", <{call.HubUrl($"/v1/reconstructions/{hash}")}>; rel=\"xet-reconstruction-info\"";
    }

    private static void RedirectToCache(Call call, TestRepo repo, RepoCommit commit, RepoFile file)
    {
        string escaped = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        call.Response.StatusCode = 307;
        call.Response.Headers.Location = $"/api/resolve-cache/{repo.Type}s/{repo.Id}/{commit.Id}/{escaped}?"
            + $"{Uri.EscapeDataString(call.RawPath)}=&etag=%22{file.Etag}%22";
    }

    public async Task ResolveCacheAsync(Call call)
    {
        string type = Call.TypeOfPlural(call.Parts.ElementAtOrDefault(2) ?? "") ?? throw new ApiError(404, null, "Not Found");
        (TestRepo repo, int next) = call.RepoAt(3, type, p => p.Length == 40 && p.All(char.IsAsciiHexDigitLower));
        SettingsApi.RequireFiles(call, repo);
        RepoCommit commit = TreeApi.Revision(repo, call.Parts.ElementAtOrDefault(next) ?? "");
        RepoFile file = commit.Files.GetValueOrDefault(string.Join('/', call.Parts.Skip(next + 1)))
            ?? throw new ApiError(404, "EntryNotFound", "Entry not found") { Commit = commit.Id };
        call.Response.Headers["X-Repo-Commit"] = commit.Id;
        await ContentAnswer.WriteAsync(call, hub.Contents.PathOf(file.Content.Sha256), file.Etag);
    }
}
