using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace WiseHub.Testing;

/// <summary>How a <see cref="GitHost"/> behaves.</summary>
public sealed class GitHostOptions
{
    /// <summary>Where archives of commits are: <c>github</c>, <c>gitlab</c>, <c>cgit</c>, or null for nowhere.</summary>
    public string? ArchiveForm { get; set; } = "github";

    /// <summary>Replaces the bytes of an archive.</summary>
    public Func<byte[], byte[]>? ChangeArchive { get; set; }

    /// <summary>Wanted of every request: user and password.</summary>
    public (string User, string Password)? Login { get; set; }

    /// <summary>Called before each answer.</summary>
    public Action? BeforeAnswer { get; set; }

    /// <summary>How long an answer of the LFS server is good.</summary>
    public TimeSpan LfsLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Changes the LFS server's answer.</summary>
    public Action<JsonObject>? ChangeLfsAnswer { get; set; }

    /// <summary>Knows nothing but version 0 of git's protocol.</summary>
    public bool OldProtocol { get; set; }

    /// <summary>Old paths and where they redirect to, with all below.</summary>
    public Dictionary<string, string> Renamed { get; } = [];

    /// <summary>Nobody may write.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>No LFS.</summary>
    public bool NoLfs { get; set; }

    /// <summary>Called before a request is answered.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Called when what was pushed has been taken, before the answer.</summary>
    public Action? Received { get; set; }

    /// <summary>Whose REST API the host has, for making repos: <c>gitea</c>, <c>gitlab</c>, or null.</summary>
    public string? Api { get; set; }
}

/// <summary>
/// A git host on loopback: smart HTTP by git's own http-backend, archives by git archive, and the LFS batch API, whose contents
/// come from a second origin and want a header of their own. It logs requests and fails by script.
/// </summary>
public sealed class GitHost : IAsyncDisposable
{
    private const string LfsHeader = "X-Lfs-Pass";

    private readonly WebApplication _app;
    private readonly GitHostOptions _options;

    private GitHost(GitHostOptions options)
    {
        _options = options;
        Directory.CreateDirectory(LfsFolder);
        _app = LoopbackServer.Create([0, 0]);
        _app.Run(HandleAsync);
    }

    /// <summary>Repositories and LFS contents; deleted at the end.</summary>
    public TempFolder Temp { get; } = new();

    /// <summary>The host.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The origin that LFS contents come from.</summary>
    public Uri LfsEndpoint { get; private set; } = null!;

    /// <summary>What was asked. The second origin is <c>cdn</c>.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary>Holds <c>owner/name.git</c>.</summary>
    public string ReposFolder => Temp["repos"];

    /// <summary>Digests of the contents that LFS has.</summary>
    public IEnumerable<string> LfsContents =>
        Directory.EnumerateFiles(LfsFolder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    private string LfsFolder => Temp["lfs"];

    /// <summary>Starts a host on ports of its own.</summary>
    public static async Task<GitHost> StartAsync(GitHostOptions? options = null)
    {
        var host = new GitHost(options ?? new GitHostOptions());
        await host._app.StartAsync();
        string[] addresses = [.. host._app.Urls];
        (host.Endpoint, host.LfsEndpoint) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return host;
    }

    /// <summary>Makes an empty repo whose default branch is <c>main</c>.</summary>
    public async Task<GitRepo> CreateRepoAsync(string id, string defaultBranch = "main")
    {
        string bare = Path.Combine(ReposFolder, id + ".git");
        Directory.CreateDirectory(bare);
        var repo = new GitRepo(bare, Temp["work-" + id.Replace('/', '-')], this);
        await GitRepo.GitAsync(bare, "init", "--quiet", "--bare", $"--initial-branch={defaultBranch}", "--template=");
        await GitRepo.GitAsync(bare, "config", "uploadpack.allowAnySHA1InWant", "true");
        await GitRepo.GitAsync(bare, "config", "uploadpack.allowFilter", "true");
        await GitRepo.GitAsync(bare, "config", "http.receivepack", "true");
        await GitRepo.GitAsync(Temp.Path, "clone", "--quiet", bare, repo.WorkFolder);
        await GitRepo.GitAsync(repo.WorkFolder, "symbolic-ref", "HEAD", "refs/heads/" + defaultBranch);
        return repo;
    }

    /// <summary>Keeps a content as LFS does, and gives the pointer that stands for it.</summary>
    public byte[] AddLfs(byte[] content)
    {
        string oid = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes(Path.Combine(LfsFolder, oid), content);
        return Encoding.ASCII.GetBytes($"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\n"
            + $"size {content.Length.ToString(CultureInfo.InvariantCulture)}\n");
    }

    /// <summary>Loses all LFS contents.</summary>
    public void LoseLfs()
    {
        foreach (string file in Directory.EnumerateFiles(LfsFolder))
            File.Delete(file);
    }

    /// <summary>Flips a bit of every LFS content.</summary>
    public void DamageLfs()
    {
        foreach (string file in Directory.EnumerateFiles(LfsFolder))
        {
            byte[] content = File.ReadAllBytes(file);
            content[^1] ^= 1;
            File.WriteAllBytes(file, content);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Temp.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string origin = context.Connection.LocalPort == Endpoint.Port ? "hub" : "cdn";
        string path = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        Dictionary<string, string> headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        bool isRecorded = false;
        _options.BeforeAnswer?.Invoke();
        var body = new AnswerBody(context, Faults.Take(origin, context.Request.Method, path));
        body.BeforeLast = Record;
        context.Response.Body = body;
        try
        {
            await AnswerAsync(context, origin, Uri.UnescapeDataString(path.Split('?')[0]), body.Fault);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedForTest)
        {
            context.Abort();
        }
        finally
        {
            if (!isRecorded)
                Record();
        }

        void Record()
        {
            isRecorded = true;
            Requests.Add(new RequestRecord(origin, context.Request.Method, path, headers,
                context.Response.StatusCode, body.Written));
        }
    }

    private async Task AnswerAsync(HttpContext context, string origin, string path, Fault? fault)
    {
        if (_options.Before is not null)
            await _options.Before($"{origin} {context.Request.Method} {path}{context.Request.QueryString}");
        if (fault is Fault.Status status)
        {
            await SayAsync(context, status.Code, status.Body ?? status.ErrorMessage ?? "");
            return;
        }
        if (fault is Fault.RedirectTo redirect)
        {
            context.Response.Headers.Location = redirect.Target.OriginalString;
            await SayAsync(context, redirect.Code, "");
            return;
        }
        if (origin == "cdn")
        {
            await ServeLfsAsync(context, path);
            return;
        }
        foreach ((string from, string to) in _options.Renamed)
        {
            if (path.StartsWith(from, StringComparison.Ordinal))
            {
                context.Response.Headers.Location = to + path[from.Length..] + context.Request.QueryString;
                await SayAsync(context, 301, "");
                return;
            }
        }
        if (!path.StartsWith("/api/", StringComparison.Ordinal) && _options.Login is (string user, string password)
            && context.Request.Headers.Authorization != "Basic "
                + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            await SayAsync(context, 401, "Repository not found.");
            return;
        }
        int git = path.IndexOf(".git/", StringComparison.Ordinal);
        if (_options.ReadOnly && (path.EndsWith("git-receive-pack", StringComparison.Ordinal)
            || context.Request.QueryString.Value!.EndsWith("git-receive-pack", StringComparison.Ordinal)))
        {
            // Only such a body does git show.
            context.Response.ContentType = "text/plain";
            await SayAsync(context, 403, "You are not allowed to push code to this project.");
        }
        else if (path.StartsWith("/api/", StringComparison.Ordinal))
            await ApiAsync(context, path);
        else if (git > 0 && !_options.NoLfs && path.EndsWith("/info/lfs/objects/batch", StringComparison.Ordinal))
            await BatchAsync(context);
        else if (ArchiveOf(path) is (string id, string commit, string folder))
            await ArchiveAsync(context, id, commit, folder);
        else if (git > 0)
            await BackendAsync(context, path, git);
        else
            await SayAsync(context, 404, "<!DOCTYPE html><html><body>Not Found</body></html>");
    }

    private static async Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    private (string Id, string Commit, string Folder)? ArchiveOf(string path)
    {
        string[] parts = path.Trim('/').Split('/');
        return (_options.ArchiveForm, parts) switch
        {
            ("github", [var owner, var name, "archive", var file]) => ($"{owner}/{name}", file[..^4], $"{name}-{file[..^4]}"),
            ("gitlab", [.. var id, "-", "archive", var commit, var file])
                when id.Length >= 2 && file == $"{id[^1]}-{commit}.zip" =>
                (string.Join('/', id), commit, $"{id[^1]}-{commit}-{commit}"),
            ("cgit", [var owner, var name, "snapshot", var file]) =>
                ($"{owner}/{name[..^4]}", file[(name.Length - 3)..^4], file[..^4]),
            _ => null,
        };
    }

    private async Task ArchiveAsync(HttpContext context, string id, string commit, string folder)
    {
        string bare = Path.Combine(ReposFolder, id + ".git"), file = Temp[Guid.NewGuid().ToString("N")];
        ProcessResult made = !Directory.Exists(bare) ? new ProcessResult(1, "", "") : await ProcessRunner.RunAsync("git",
            ["archive", "--format=zip", $"--prefix={folder}/", $"--output={file}", commit], bare, GitRepo.Environment);
        if (made.ExitCode != 0)
        {
            await SayAsync(context, 404, "Not Found");
            return;
        }
        if (_options.ChangeArchive is not null)
            await File.WriteAllBytesAsync(file, _options.ChangeArchive(await File.ReadAllBytesAsync(file)));
        // Made while it is sent, so that its length is not known before: no Content-Length and no ranges.
        await using FileStream zip = File.OpenRead(file);
        await zip.CopyToAsync(context.Response.Body);
        File.Delete(file);
    }

    private async Task BatchAsync(HttpContext context)
    {
        // git-lfs adds a charset.
        if (!context.Request.Headers.Accept.ToString().StartsWith("application/vnd.git-lfs+json", StringComparison.Ordinal)
            || context.Request.ContentType?.StartsWith("application/vnd.git-lfs+json", StringComparison.Ordinal) != true)
        {
            await SayAsync(context, 406, "{\"message\":\"wrong media type\"}");
            return;
        }
        JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
        bool isUpload = body["operation"]!.GetValue<string>() == "upload";
        if (isUpload && _options.ReadOnly)
        {
            await SayAsync(context, 403, "{\"message\":\"you may not write\"}");
            return;
        }
        var objects = new JsonArray();
        foreach (JsonNode? wanted in body["objects"]!.AsArray())
        {
            string oid = wanted!["oid"]!.GetValue<string>();
            var answer = new JsonObject { ["oid"] = oid, ["size"] = wanted["size"]!.GetValue<long>() };
            bool isThere = File.Exists(Path.Combine(LfsFolder, oid));
            if (isUpload)
            {
                if (!isThere)
                {
                    answer["actions"] = new JsonObject
                    {
                        ["upload"] = new JsonObject
                        {
                            ["href"] = new Uri(LfsEndpoint, $"{oid}?signature=canary").AbsoluteUri,
                            ["header"] = new JsonObject { [LfsHeader] = "lfs-secret" }
                        },
                        ["verify"] = new JsonObject
                        {
                            ["href"] = new Uri(LfsEndpoint, $"verify/{oid}").AbsoluteUri,
                            ["header"] = new JsonObject { [LfsHeader] = "lfs-secret" }
                        },
                    };
                }
            }
            else if (isThere)
            {
                answer["actions"] = new JsonObject
                {
                    ["download"] = new JsonObject
                    {
                        ["href"] = new Uri(LfsEndpoint, $"{oid}?signature=canary").AbsoluteUri,
                        ["header"] = new JsonObject { [LfsHeader] = "lfs-secret" },
                        ["expires_at"] = (DateTimeOffset.UtcNow + _options.LfsLifetime).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'",
                            CultureInfo.InvariantCulture),
                    },
                };
            }
            else
                answer["error"] = new JsonObject { ["code"] = 404, ["message"] = "Object does not exist" };
            objects.Add(answer);
        }
        var root = new JsonObject { ["transfer"] = "basic", ["objects"] = objects, ["hash_algo"] = "sha256" };
        _options.ChangeLfsAnswer?.Invoke(root);
        context.Response.ContentType = "application/vnd.git-lfs+json";
        await SayAsync(context, 200, root.ToJsonString());
    }

    private async Task ServeLfsAsync(HttpContext context, string path)
    {
        string file = Path.Combine(LfsFolder, Path.GetFileName(path));
        if (context.Request.Headers[LfsHeader] != "lfs-secret")
            await SayAsync(context, 403, "no pass");
        else if (context.Request.Method == "PUT")
        {
            byte[] content = await ReadAsync(context);
            bool isRight = Convert.ToHexStringLower(SHA256.HashData(content)) == Path.GetFileName(path);
            if (isRight)
                await File.WriteAllBytesAsync(file, content);
            await SayAsync(context, isRight ? 200 : 422, "");
        }
        else if (context.Request.Method == "POST")
        {
            JsonNode body = JsonNode.Parse(await ReadAsync(context))!;
            await SayAsync(context,
                File.Exists(file) && new FileInfo(file).Length == body["size"]!.GetValue<long>() ? 200 : 404, "");
        }
        else if (!File.Exists(file))
            await SayAsync(context, 404, "gone");
        else
            await Results.File(file, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    // As docs.gitea.com/api and docs.gitlab.com/api have it, as far as making a repo needs it; the token is the
    // password of the login.
    private async Task ApiAsync(HttpContext context, string path)
    {
        string root = _options.Api == "gitlab" ? "/api/v4" : "/api/v1";
        bool isGitLab = _options.Api == "gitlab";
        string? token = isGitLab ? context.Request.Headers["PRIVATE-TOKEN"].ToString()
            : context.Request.Headers.Authorization.ToString().Split(' ').Last();
        if (_options.Api is null || !path.StartsWith(root, StringComparison.Ordinal))
            await SayAsync(context, 404, "{}");
        else if (token != _options.Login?.Password)
            await SayAsync(context, 401, "{\"message\":\"bad token\"}");
        else if (context.Request.Method == "GET")
        {
            await SayAsync(context, 200, path[root.Length..] switch
            {
                "/version" => "{\"version\":\"1.0\"}",
                "/user" => "{\"login\":\"acme\",\"username\":\"acme\"}",
                _ => "{\"id\":7}",
            });
        }
        else
        {
            JsonNode body = JsonNode.Parse(await ReadAsync(context))!;
            string owner = path.Contains("/orgs/", StringComparison.Ordinal) ? path.Split('/')[4] : body["namespace_id"] is null
                ? "acme" : "team";
            await CreateRepoAsync($"{owner}/{body["name"]}");
            await SayAsync(context, 201, body.ToJsonString());
        }
    }

    // https://git-scm.com/docs/git-http-backend: a CGI program.
    private async Task BackendAsync(HttpContext context, string path, int git)
    {
        var start = new ProcessStartInfo("git")
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("http-backend");
        foreach ((string name, string? value) in GitRepo.Environment)
            start.Environment[name] = value;
        start.Environment["GIT_PROJECT_ROOT"] = ReposFolder;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["PATH_INFO"] = path;
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value!.TrimStart('?');
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["GIT_PROTOCOL"] = _options.OldProtocol ? "" : context.Request.Headers["Git-Protocol"].ToString();
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding.ToString();
        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        if (path.EndsWith("/git-receive-pack", StringComparison.Ordinal))
            _options.Received?.Invoke();
        byte[] answer = output.ToArray();
        int end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (string line in Encoding.ASCII.GetString(answer, 0, Math.Max(0, end)).Split("\r\n"))
        {
            string[] header = line.Split(": ", 2);
            if (header[0] == "Status")
                context.Response.StatusCode = int.Parse(header[1][..3], CultureInfo.InvariantCulture);
            else if (header.Length == 2)
                context.Response.Headers[header[0]] = header[1];
        }
        await context.Response.Body.WriteAsync(answer.AsMemory(end + 4));
    }
}

/// <summary>A repository on a <see cref="GitHost"/>, and the working copy it is filled from.</summary>
public sealed class GitRepo(string bareFolder, string workFolder, GitHost host)
{
    /// <summary>A git without the configuration of this machine, whose commits are always the same.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Environment = new Dictionary<string, string?>
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_AUTHOR_NAME"] = "tester",
        ["GIT_AUTHOR_EMAIL"] = "tester@example.org",
        ["GIT_AUTHOR_DATE"] = "2026-01-01T00:00:00Z",
        ["GIT_COMMITTER_NAME"] = "tester",
        ["GIT_COMMITTER_EMAIL"] = "tester@example.org",
        ["GIT_COMMITTER_DATE"] = "2026-01-01T00:00:00Z",
        ["GIT_DIR"] = null,
        ["GIT_WORK_TREE"] = null,
        ["GIT_INDEX_FILE"] = null,
        ["GIT_LFS_SKIP_SMUDGE"] = "1",
    };

    /// <summary>What the host serves.</summary>
    public string BareFolder { get; } = bareFolder;

    /// <summary>Where commits are made.</summary>
    public string WorkFolder { get; } = workFolder;

    /// <summary>Commits text files to a branch; the id of the commit.</summary>
    public Task<string> CommitAsync(string branch, params (string Path, string Text)[] files) =>
        CommitAsync(branch, [.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    /// <summary>Commits files to a branch; the id of the commit.</summary>
    public async Task<string> CommitAsync(string branch, params (string Path, byte[] Content)[] files)
    {
        foreach ((string path, byte[] content) in files)
        {
            string file = Path.Combine(WorkFolder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, content);
        }
        return await CommitAllAsync(branch);
    }

    /// <summary>Commits a file as the pointer to its content, which LFS keeps.</summary>
    public Task<string> CommitLfsAsync(string branch, params (string Path, byte[] Content)[] files) =>
        CommitAsync(branch, [.. files.Select(f => (f.Path, host.AddLfs(f.Content)))]);

    /// <summary>Commits what is in the working copy.</summary>
    public async Task<string> CommitAllAsync(string branch)
    {
        await GitAsync(WorkFolder, "add", "--all");
        await GitAsync(WorkFolder, "commit", "--quiet", "--allow-empty", "--message=commit");
        string commit = (await GitAsync(WorkFolder, "rev-parse", "HEAD")).Trim();
        await GitAsync(WorkFolder, "push", "--quiet", "origin", $"HEAD:refs/heads/{branch}");
        return commit;
    }

    /// <summary>Has the host look at each push: what a hook refuses, is refused.</summary>
    public void SetHook(string name, string script)
    {
        string hook = Path.Combine(BareFolder, "hooks", name);
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.WriteAllText(hook, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Mode, size and path of each file of a branch, one a line.</summary>
    public async Task<string> TreeAsync(string branch = "main") =>
        (await GitAsync(BareFolder, "ls-tree", "-r", "--format=%(objectmode) %(objectsize) %(path)", branch)).Trim();

    /// <summary>Runs git; what it printed.</summary>
    public static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        ProcessResult run = await ProcessRunner.RunAsync("git", arguments, folder, Environment);
        return run.ExitCode == 0 ? run.Output
            : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {run.Error}");
    }
}
