using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WiseHub.Benchmarks.Hub;

/// <summary>
/// One content: large ones are LFS files and named by their sha256, small ones are git blobs and named by their git oid,
/// as on a public hub.
/// </summary>
internal sealed record Blob(string File, long Size, string Sha256, string GitOid, bool IsLfs)
{
    public string ETag => IsLfs ? Sha256 : GitOid;

    public string Pointer => $"version https://git-lfs.github.com/spec/v1\noid sha256:{Sha256}\nsize {Size}\n";
}

/// <summary>A repo at a commit.</summary>
internal sealed record HubRepo(string Id, string Commit, IReadOnlyList<(string Path, Blob Blob)> Files)
{
    public long Bytes { get; } = Files.Sum(f => f.Blob.Size);
}

/// <summary>
/// A hub as files that a web server can serve: contents, and the answers of the Hugging Face API. Revisions and paths are turned
/// into file names by nginx's maps, which are written here, too.
/// </summary>
internal sealed class HubContent
{
    private readonly List<string> _commits = [], _files = [], _nextPages = [];
    private readonly Dictionary<string, long> _sizes = [];
    private readonly int _treePage;
    private Random _sizesOfSmallFiles = new(0);
    private ulong _seed;

    /// <param name="root">An empty folder.</param>
    /// <param name="treePage">Entries of a page of the file list.</param>
    public HubContent(string root, int treePage)
    {
        (Root, _treePage) = (root, treePage);
        foreach (string folder in (string[])["blobs", "api/revision", "api/tree", "api/paths-info", "api/lfs", "maps"])
            Directory.CreateDirectory(Path.Combine(root, folder));
    }

    public string Root { get; }

    /// <summary>Starts a sequence of contents of its own, so that a repo is the same whatever was made before it.</summary>
    public void Seed(int seed)
    {
        _sizesOfSmallFiles = new Random(seed);
        _seed = (ulong)seed;
    }

    /// <summary>A large file.</summary>
    public Blob Large(long size) => Create(size, isLfs: true);

    /// <summary>A file of 1 to 64 KiB.</summary>
    public Blob Small() => Create(_sizesOfSmallFiles.Next(1 << 10, (64 << 10) + 1), isLfs: false);

    /// <summary>Small files in twenty folders, as a dataset has them.</summary>
    public IReadOnlyList<(string Path, Blob Blob)> Small(int count) =>
        [.. Enumerable.Range(0, count)
            .Select(i => (string.Create(CultureInfo.InvariantCulture, $"d{i % 20:00}/s{i % 5}/f{i:00000}.bin"), Small()))];

    /// <summary>Publishes a commit.</summary>
    /// <param name="id">Of the repo.</param>
    /// <param name="revision">The branch that is there now.</param>
    /// <param name="files">What it has.</param>
    public HubRepo Commit(string id, string revision, IEnumerable<(string Path, Blob Blob)> files)
    {
        (string Path, Blob Blob)[] sorted = [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
        string commit =
            Hex(SHA1.HashData(Encoding.UTF8.GetBytes(id + string.Concat(sorted.Select(f => $"\n{f.Path} {f.Blob.ETag}")))));
        var repo = new HubRepo(id, commit, sorted);
        foreach (string name in (string[])[revision, commit])
            _commits.Add($"\"{id}@{name}\" {commit};");
        foreach ((string path, Blob blob) in sorted)
        {
            _files.Add($"\"{commit}/{path}\" {blob.ETag};");
            _sizes[blob.ETag] = blob.Size;
            Write($"api/paths-info/{commit}/{path}.json", new[] { Node(path, blob) });
        }
        Write($"api/revision/{commit}.json", new
        {
            id,
            modelId = id,
            sha = commit,
            @private = false,
            gated = false,
            disabled = false,
            tags = Array.Empty<string>(),
            siblings = sorted.Select(f => new { rfilename = f.Path })
        });
        WriteTree(repo);
        return repo;
    }

    /// <summary>Writes what nginx includes.</summary>
    public void WriteMaps()
    {
        File.WriteAllLines(Path.Combine(Root, "maps", "commits.map"), _commits);
        File.WriteAllLines(Path.Combine(Root, "maps", "files.map"), _files);
        File.WriteAllLines(Path.Combine(Root, "maps", "pages.map"), _nextPages);
        File.WriteAllLines(Path.Combine(Root, "maps", "sizes.map"), _sizes.Select(s => $"{s.Key} {s.Value};"));
    }

    /// <summary>Writes the answer to git-lfs's question for a repo, which names whole addresses.</summary>
    public void WriteLfs(HubRepo repo, Uri endpoint) => Write($"api/lfs/{repo.Id}.json", new
    {
        transfer = "basic",
        objects = repo.Files.Where(f => f.Blob.IsLfs).Select(f => new
        {
            oid = f.Blob.Sha256,
            size = f.Blob.Size,
            authenticated = true,
            actions = new
            {
                download = new { href = new Uri(endpoint, $"{repo.Id}/resolve/{repo.Commit}/{f.Path}").AbsoluteUri }
            },
        }),
    });

    // Folders are entries, too, as on a public hub.
    private void WriteTree(HubRepo repo)
    {
        var nodes = repo.Files.Select(f => (f.Path, Node: Node(f.Path, f.Blob))).ToList();
        var folders = repo.Files.SelectMany(f => Parents(f.Path)).Distinct();
        nodes.AddRange(folders.Select(f =>
            (f, (object)new { type = "directory", oid = Hex(SHA1.HashData(Encoding.UTF8.GetBytes(f))), size = 0, path = f })));
        object[][] pages = [.. nodes.OrderBy(n => n.Path, StringComparer.Ordinal).Select(n => n.Node).Chunk(_treePage)];
        for (int i = 0; i < pages.Length; i++)
        {
            Write($"api/tree/{repo.Commit}.{Cursor(i)}.json", pages[i]);
            if (i + 1 < pages.Length)
                _nextPages.Add($"\"{repo.Commit}.{Cursor(i)}\" {Cursor(i + 1)};");
        }

        // The first page is asked for without one.
        static string Cursor(int page) => page == 0 ? "" : $"p{page}";
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static object Node(string path, Blob blob) => blob.IsLfs
        ? new
        {
            type = "file",
            oid = blob.GitOid,
            size = blob.Size,
            path,
            lfs = new { oid = blob.Sha256, size = blob.Size, pointerSize = blob.Pointer.Length }
        }
        : new { type = "file", oid = blob.GitOid, size = blob.Size, path };

    private Blob Create(long size, bool isLfs)
    {
        string temporary = Path.Combine(Root, "blobs", "new");
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        sha1.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
        using (FileStream file = File.Create(temporary))
        {
            byte[] block = new byte[Math.Min(size, 1 << 20)];
            for (long left = size; left > 0; left -= block.Length)
            {
                Span<byte> part = block.AsSpan(0, (int)Math.Min(left, block.Length));
                Fill(part);
                file.Write(part);
                sha256.AppendData(part);
                if (!isLfs)
                    sha1.AppendData(part);
            }
        }
        var blob = new Blob(temporary, size, Hex(sha256.GetHashAndReset()), Hex(sha1.GetHashAndReset()), isLfs);
        // The git oid of an LFS file is that of its pointer.
        if (isLfs)
            blob =
                blob with { GitOid = Hex(SHA1.HashData(Encoding.ASCII.GetBytes($"blob {blob.Pointer.Length}\0{blob.Pointer}"))) };
        blob = blob with { File = Path.Combine(Root, "blobs", blob.ETag) };
        File.Move(temporary, blob.File, overwrite: true);
        return blob;
    }

    // SplitMix64 (https://prng.di.unimi.it/splitmix64.c): a seeded System.Random needs ten times as long for a gigabyte.
    private void Fill(Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        while (bytes.Length > 0)
        {
            ulong z = _seed += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            BitConverter.TryWriteBytes(word, z ^ (z >> 31));
            word[..Math.Min(8, bytes.Length)].CopyTo(bytes);
            bytes = bytes[Math.Min(8, bytes.Length)..];
        }
    }

    private void Write(string path, object answer)
    {
        string file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(answer));
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
