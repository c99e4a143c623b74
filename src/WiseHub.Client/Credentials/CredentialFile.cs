using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Credentials;

/// <summary>One stored secret.</summary>
/// <param name="Origin">Scheme, host and port: the only origin that may receive it.</param>
/// <param name="Kind">Token or session.</param>
/// <param name="User">The owner's name, reported by the hub at login; null if unknown.</param>
/// <param name="Secret">The secret itself.</param>
internal sealed record StoredCredential(string Origin, SecretKind Kind, string? User, string Secret)
{
    /// <summary>The file it was read from; null for a new secret.</summary>
    public string? File { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a stored {(Kind == SecretKind.Token ? "token" : "session")} for {Origin}";
}

/// <summary>
/// <c>credentials.json</c>: refused unless only this user can read and write it. (Desktop key rings are not used, because a build
/// has no desktop session to unlock one.)
/// </summary>
internal sealed class CredentialFile
{
    private const string Name = "credentials.json";

    private readonly string _folder;

    // The earlier place on Windows; null elsewhere.
    private readonly string? _old;

    /// <param name="environment">Reads an environment variable.</param>
    public CredentialFile(Func<string, string?> environment)
    {
        _folder = UserFolders.Logins(environment);
        Path = System.IO.Path.Combine(_folder, Name);
        string old = System.IO.Path.Combine(UserFolders.Configuration(environment), Name);
        _old = old == Path ? null : old;
    }

    /// <summary>The path for writing.</summary>
    public string Path { get; }

    /// <summary>The stored secrets; empty if there is no file.</summary>
    /// <exception cref="HubException">
    /// WISE1056: other users can read or change it. WISE1057: it is damaged. WISE3007 or WISE3013: it is unreadable.
    /// </exception>
    public IReadOnlyList<StoredCredential> Read()
    {
        List<StoredCredential> here = Read(Path);
        return _old is null ? here
            : [.. here, .. Read(_old).Where(o => !here.Any(h => h.Origin == o.Origin && h.Kind == o.Kind))];
    }

    /// <summary>
    /// Reads, changes and writes the file under a lock shared by all writers. An unreadable file is not changed.
    /// </summary>
    /// <exception cref="HubException">As for <see cref="Read()"/>; WISE3008 if the disk is full.</exception>
    public async Task ChangeAsync(Func<IReadOnlyList<StoredCredential>, IEnumerable<StoredCredential>> change, IHubLog log,
        TimeProvider time, CancellationToken cancel)
    {
        try
        {
            PrivateFile.CreateFolder(_folder);
            using FileLock mine = await FileLock.AcquireAsync(Path + ".lock", Path, log, time, cancel).ConfigureAwait(false);
            Write(Render(change(Read())));
            if (_old is not null && File.Exists(_old))
            {
                ContendedFiles.OfSystem.Delete(_old);
                log.Info(CredentialMessages.FileMoved(_old, Path));
            }
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, CredentialMessages.NotStored(Path));
        }
    }

    private static List<StoredCredential> Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(path), FileAccess.Read);
            CheckRights(file, path);
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, CredentialMessages.NotReadable(path));
        }
        return Parse(bytes, path);
    }

    private static void CheckRights(FileStream file, string path)
    {
        string folder = System.IO.Path.GetDirectoryName(path)!;
        if (PrivateFile.RemedyForFile(file, path) is string ownFile)
            throw CredentialMessages.FileNotPrivate(path, ownFile);
        if (PrivateFile.RemedyForFolder(folder) is string ownFolder)
            throw CredentialMessages.FolderNotPrivate(path, folder, ownFolder);
    }

    private void Write(byte[] content)
    {
        string temporary = System.IO.Path.Combine(_folder, $".credentials.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream file = PrivateFile.CreateNew(temporary))
            {
                file.Write(content);
                file.Flush();
                // Many hubs show a token only once, so a crash must not leave this file empty.
                NativeFile.Sync(file);
            }
            // A rename keeps the permissions the file was created with.
            ContendedFiles.OfSystem.Replace(temporary, Path);
        }
        catch
        {
            ContendedFiles.OfSystem.Discard(temporary);
            throw;
        }
    }

    private static byte[] Render(IEnumerable<StoredCredential> credentials)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteStartArray("credentials");
            foreach (StoredCredential credential in credentials.OrderBy(c => c.Origin, StringComparer.Ordinal)
                .ThenBy(c => c.Kind))
            {
                json.WriteStartObject();
                json.WriteString("origin", credential.Origin);
                json.WriteString("kind", credential.Kind == SecretKind.Token ? "token" : "session");
                if (credential.User is not null)
                    json.WriteString("user", credential.User);
                json.WriteString("secret", credential.Secret);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        memory.WriteByte((byte)'\n');
        return memory.ToArray();
    }

    // Parsed by hand, and without quoting any of it: a misplaced value may be a secret.
    private static List<StoredCredential> Parse(byte[] bytes, string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            long version = json.RootElement.GetProperty("version").GetInt64();
            if (version > 1)
                throw CredentialMessages.FileTooNew(path, version);
            List<StoredCredential> credentials = [];
            foreach (JsonElement item in json.RootElement.GetProperty("credentials").EnumerateArray())
            {
                SecretKind kind = item.GetProperty("kind").GetString() switch
                {
                    "token" => SecretKind.Token,
                    "session" => SecretKind.Session,
                    _ => throw new FormatException(),
                };
                credentials.Add(new StoredCredential(item.GetProperty("origin").GetString() ?? throw new FormatException(), kind,
                    item.TryGetProperty("user", out JsonElement user) ? user.GetString() : null,
                    item.GetProperty("secret").GetString() ?? throw new FormatException())
                { File = path });
            }
            return credentials;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw CredentialMessages.FileDamaged(path);
        }
    }

}
