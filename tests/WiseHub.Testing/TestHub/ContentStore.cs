using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Testing;

/// <summary>A content on disk and its two ids.</summary>
/// <param name="Sha256">Name of the file.</param>
/// <param name="GitOid">Git's blob id of the content.</param>
/// <param name="Size">Bytes.</param>
internal sealed record StoredContent(string Sha256, string GitOid, long Size);

/// <summary>Contents by sha256 on disk: a big file is never in memory.</summary>
internal sealed class ContentStore(string root)
{
    public string PathOf(string sha256) => Path.Combine(root, sha256);

    public bool Has(string sha256) => File.Exists(PathOf(sha256));

    public long SizeOf(string sha256) => new FileInfo(PathOf(sha256)).Length;

    public StoredContent Add(ReadOnlySpan<byte> content)
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!Has(sha256))
        {
            string temporary = NewTemporary();
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, PathOf(sha256), overwrite: true);
        }
        return new StoredContent(sha256, GitObjects.BlobId(content), content.Length);
    }

    public StoredContent AddFile(string file)
    {
        string temporary = NewTemporary();
        File.Copy(file, temporary);
        return Take(temporary);
    }

    public string NewTemporary() => Path.Combine(Directory.CreateDirectory(root).FullName, $"{Guid.NewGuid():N}.tmp");

    /// <summary>Takes a temporary file into the store.</summary>
    public StoredContent Take(string temporary)
    {
        long size = new FileInfo(temporary).Length;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        git.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
        using (FileStream source = File.OpenRead(temporary))
        {
            byte[] buffer = new byte[1 << 20];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                sha256.AppendData(buffer, 0, read);
                git.AppendData(buffer, 0, read);
            }
        }
        string name = Convert.ToHexStringLower(sha256.GetHashAndReset());
        File.Move(temporary, PathOf(name), overwrite: true);
        return new StoredContent(name, Convert.ToHexStringLower(git.GetHashAndReset()), size);
    }
}
