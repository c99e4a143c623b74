using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Benchmarks.Hub;

/// <summary>A way to the content.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Hub">As a project declares it; null for none. Alone, because an address on a hub's server is no mere URL.</param>
/// <param name="Arguments">What our tool is told.</param>
/// <param name="Address">What curl is given, below the endpoint.</param>
internal sealed record Way(string Name, object? Hub, IReadOnlyList<string> Arguments, string Address)
{
    public const string HubName = "measured";

    public bool IsArchive => Address.EndsWith(".zip", StringComparison.Ordinal);
}

/// <summary>
/// One content as the other protocols have it, as files below <c>static/</c> that nginx gives out as they are: a plain file, an
/// archive, a store, a bucket, GitLab's API, a git host with LFS, and a bucket of hg_localization. See locations.conf.
/// </summary>
internal sealed class OtherHubs(HubContent content, Repos repos)
{
    private const string Id = "bench/hub", Dataset = "bench-hub";

    private const string FileName = "model.bin", Attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n";

    private string? _commit;

    private Blob Blob => repos.Hub.Files[0].Blob;

    private string Root => Path.Combine(content.Root, "static");

    /// <summary>Lays everything out; once, but for the answer that names whole addresses.</summary>
    /// <returns>Why it cannot; null when it can.</returns>
    /// <exception cref="InvalidOperationException">git failed.</exception>
    public async Task<string?> PrepareAsync(Uri endpoint, CancellationToken cancel)
    {
        if (Array.Find(["git", "curl", "unzip"], program => !Programs.Exists(program)) is string missing)
            return $"{missing} is not installed";
        if (_commit is null)
        {
            Link($"url/{FileName}");
            await ZipAsync("url/model.zip", [], cancel);
            await PushAsync(cancel);
            Directory.CreateDirectory(Path.Combine(Root, "s3"));
            Directory.CreateSymbolicLink(Path.Combine(Root, "s3", "models"), Path.Combine(Root, "store"));
            await WriteBucketAsync(cancel);
            _commit = await WriteGitAsync(cancel);
            WriteGitLab(_commit);
        }
        Write("lfs.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            transfer = "basic",
            objects = new[]
            {
                new
                {
                    oid = Blob.Sha256,
                    size = Blob.Size,
                    actions = new { download = new { href = new Uri(endpoint, $"static/url/{FileName}").AbsoluteUri } }
                }
            },
        }));
        return null;
    }

    /// <summary>Every way to the content.</summary>
    public IReadOnlyList<Way> Ways(Uri endpoint) =>
    [
        new("url", null, [$"{endpoint}static/url/{FileName}"], $"static/url/{FileName}"),
        new("url, .zip", null, [$"{endpoint}static/url/model.zip", "--unpack"], "static/url/model.zip"),
        new("store", new { protocol = "store", endpoint = $"{endpoint}static/store" }, [Id], $"static/store/{StorePath}"),
        new("huggingface", new { protocol = "huggingface", endpoint = endpoint.AbsoluteUri }, [repos.Hub.Id],
            $"{repos.Hub.Id}/resolve/main/{FileName}"),
        new("wisemodel", new { protocol = "wisemodel", endpoint = $"{endpoint}static/wisemodel" },
            [Id, "--revision", "main", "--include", FileName], $"static/wisemodel/file-proxy/{Id}/-/raw/{_commit}/{FileName}"),
        new("git with LFS", new { protocol = "git", endpoint = $"{endpoint}static/git" }, [Id, "--include", FileName],
            $"static/url/{FileName}"),
        new("s3", new { protocol = "s3", endpoint = $"{endpoint}static/s3", bucket = "models", pathStyle = true }, [Id],
            $"static/s3/models/{StorePath}"),
        new("hg-localization, .zip", new Dictionary<string, object>
        {
            ["protocol"] = "hg-localization",
            ["endpoint"] = $"{endpoint}static/hg",
            ["bucket"] = "data",
            ["pathStyle"] = true
        },
            [Dataset, "--type", "dataset"], $"static/hg/data/zips/{Dataset}.zip"),
    ];

    private string StorePath => $"blobs/{Blob.Sha256[..2]}/{Blob.Sha256[2..]}";

    private async Task PushAsync(CancellationToken cancel)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Root, "store")).FullName,
            work = Directory.CreateDirectory(Path.Combine(Root, "push")).FullName;
        string configuration = Path.Combine(work, HubConfig.FileName);
        await File.WriteAllTextAsync(configuration,
            JsonSerializer.Serialize(new { hubs = new { pushed = new { protocol = "store", path = folder } } }), cancel);
        using (var client = new HubClient(new HubClientOptions
        {
            ConfigFile = configuration,
            CacheDirectory = Path.Combine(work, "cache"),
            Environment = WiseHub.Testing.TestEnvironment.Empty
        }))
            await client.PushAsync(
                new PushRequest { Hub = "pushed", RepoId = Id, Files = [new PushFile(Blob.File, FileName)] }, cancel);
        Directory.Delete(work, recursive: true);
    }

    private async Task WriteBucketAsync(CancellationToken cancel)
    {
        const string Arrow = "data-00000-of-00001.arrow";
        await ZipAsync($"hg/data/zips/{Dataset}.zip",
            [("dataset_info.json", "{}"), ("state.json", $$"""{"_data_files":[{"filename":"{{Arrow}}"}]}""")], cancel, Arrow);
        Write("hg/data/public_datasets.json", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            [$"{Dataset}---default_config---default_revision"] = new
            {
                dataset_id = Dataset,
                config_name = (string?)null,
                revision = (string?)null,
                s3_zip_key = $"zips/{Dataset}.zip",
                s3_bucket = "data"
            },
        }));
    }

    // What git's http-backend would answer, made by git beforehand.
    private async Task<string> WriteGitAsync(CancellationToken cancel)
    {
        string work = Directory.CreateDirectory(Path.Combine(Root, "work")).FullName;
        await File.WriteAllTextAsync(Path.Combine(work, ".gitattributes"), Attributes, cancel);
        await File.WriteAllTextAsync(Path.Combine(work, FileName), Blob.Pointer, cancel);
        await GitAsync("init", "-q", "-b", "main");
        // Its filter would look for the content.
        await GitAsync("-c", "filter.lfs.clean=cat", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false", "add", "-A");
        await GitAsync("-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "content");
        string commit = (await GitAsync("rev-parse", "HEAD")).Trim();
        // https://git-scm.com/docs/gitprotocol-v2#_fetch: the whole commit, whose files are smaller than any limit
        // that a client sets.
        string question = Path.Combine(work, "question");
        await File.WriteAllTextAsync(question,
            Line("command=fetch\n") + "0001" + Line("no-progress\n") + Line("deepen 1\n") + Line($"want {commit}\n")
            + Line("done\n") + "0000", cancel);
        // The shell because an answer is no text.
        await Programs.RunAsync(new Command("sh", ["-c", "git upload-pack --stateless-rpc .git < \"$1\" > \"$2\"", "sh", question,
            Place($"git/{Id}.git/git-upload-pack")])
        {
            Folder = work,
            Environment = new Dictionary<string, string?>
            {
                ["GIT_PROTOCOL"] = "version=2",
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_CONFIG_NOSYSTEM"] = "1"
            },
        }, cancel);
        Directory.Delete(work, recursive: true);
        Write($"git/{Id}.git/info/refs", Encoding.ASCII.GetBytes(
            Line("# service=git-upload-pack\n") + "0000" + Line($"{commit} HEAD\0symref=HEAD:refs/heads/main agent=git/2\n")
            + Line($"{commit} refs/heads/main\n") + "0000"));
        return commit;

        Task<string> GitAsync(params string[] arguments) => Programs.RunAsync(new Command("git", arguments)
        {
            Folder = work,
            Environment = new Dictionary<string, string?> { ["GIT_CONFIG_GLOBAL"] = "/dev/null", ["GIT_CONFIG_NOSYSTEM"] = "1" },
        }, cancel);

        // gitprotocol-common(5): the length comes first, and counts itself.
        static string Line(string text) => (text.Length + 4).ToString("x4", CultureInfo.InvariantCulture) + text;
    }

    // GitLab's API, whose escaped slashes nginx has unescaped when it looks for a file. It names LFS files by their pointers.
    private void WriteGitLab(string commit)
    {
        const string Api = $"wisemodel/api/v4/projects/{Id}/repository";
        string attributes = GitOid(Attributes), pointer = GitOid(Blob.Pointer);
        Write($"{Api}/commits/main.json", JsonSerializer.SerializeToUtf8Bytes(new { id = commit }));
        Write($"{Api}/tree.json", JsonSerializer.SerializeToUtf8Bytes(new[]
        {
            new { id = attributes, name = ".gitattributes", type = "blob", path = ".gitattributes" },
            new { id = pointer, name = FileName, type = "blob", path = FileName },
        }));
        Write($"{Api}/blobs/{attributes}/raw.json", Encoding.ASCII.GetBytes(Attributes));
        Write($"{Api}/blobs/{pointer}/raw.json", Encoding.ASCII.GetBytes(Blob.Pointer));
        Link($"wisemodel/file-proxy/{Id}/-/raw/{commit}/{FileName}");

        static string GitOid(string text) =>
            Convert.ToHexStringLower(SHA1.HashData(Encoding.ASCII.GetBytes($"blob {text.Length}\0{text}")));
    }

    private async Task ZipAsync(
        string path, (string Name, string Text)[] others, CancellationToken cancel, string name = FileName)
    {
        using ZipArchive zip = await ZipFile.OpenAsync(Place(path), ZipArchiveMode.Create, cancel);
        await zip.CreateEntryFromFileAsync(Blob.File, name, CompressionLevel.Fastest, cancel);
        foreach ((string other, string text) in others)
        {
            await using Stream entry = await zip.CreateEntry(other).OpenAsync(cancel);
            await entry.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        }
    }

    private void Link(string path) => File.CreateSymbolicLink(Place(path), Blob.File);

    private void Write(string path, byte[] bytes) => File.WriteAllBytes(Place(path), bytes);

    private string Place(string path)
    {
        string file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }
}
