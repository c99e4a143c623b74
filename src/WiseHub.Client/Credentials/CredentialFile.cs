using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Credentials;

/// <summary>One stored secret.</summary>
/// <param name="Origin">Scheme, host and port: the only place that gets it.</param>
/// <param name="Kind">What it opens.</param>
/// <param name="User">Who it belongs to, as the hub said when it was stored; null where it cannot say.</param>
/// <param name="Secret">The secret itself.</param>
internal sealed record StoredCredential(string Origin, SecretKind Kind, string? User, string Secret)
{
    /// <summary>Where it was read; null for what is about to be stored.</summary>
    public string? File { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a stored {(Kind == SecretKind.Token ? "token" : "session")} for {Origin}";
}

/// <summary>
/// <c>credentials.json</c>: readable and writable by this user alone, and refused when it is not. (Key rings of desktops are not
/// used: a build has no session that could open one.)
/// </summary>
internal sealed class CredentialFile
{
    private const string Name = "credentials.json";

    private readonly string _folder;

    // Where it was on Windows at first; null elsewhere.
    private readonly string? _old;

    /// <param name="environment">Reads an environment variable.</param>
    public CredentialFile(Func<string, string?> environment)
    {
        _folder = UserFolders.Logins(environment);
        Path = System.IO.Path.Combine(_folder, Name);
        string old = System.IO.Path.Combine(UserFolders.Configuration(environment), Name);
        _old = old == Path ? null : old;
    }

    /// <summary>Where it is written.</summary>
    public string Path { get; }

    /// <summary>What is stored; empty where there is no file.</summary>
    /// <exception cref="HubException">
    /// WISE1056: others may read or change it. WISE1057: it is damaged. WISE3007 or WISE3013: it cannot be read.
    /// </exception>
    public IReadOnlyList<StoredCredential> Read()
    {
        List<StoredCredential> here = Read(Path);
        return _old is null ? here
            : [.. here, .. Read(_old).Where(o => !here.Any(h => h.Origin == o.Origin && h.Kind == o.Kind))];
    }

    /// <summary>
    /// Reads, changes and writes under a lock that all writers take. A file that cannot be read is left as it is.
    /// </summary>
    /// <exception cref="HubException">As <see cref="Read()"/>; WISE3008 where the disk is full.</exception>
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
                log.Info($"The stored tokens were moved from {_old}, a folder that Windows copies to other machines, to {Path}.");
            }
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The tokens cannot be stored in {Path}");
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
            throw IoFailures.ToHubException(e, $"The stored tokens in {path} cannot be read");
        }
        return Parse(bytes, path);
    }

    private static void CheckRights(FileStream file, string path)
    {
        string folder = System.IO.Path.GetDirectoryName(path)!;
        if (PrivateFile.RemedyForFile(file, path) is string ownFile)
        {
            throw new HubException(WiseCodes.UnsafeCredentialFile,
                $"Other users of this machine may read or change {path}. Run '{ownFile}', and renew the tokens in it if "
                + "others use this machine.")
            { File = path };
        }
        if (PrivateFile.RemedyForFolder(folder) is string ownFolder)
        {
            throw new HubException(WiseCodes.UnsafeCredentialFile,
                $"Other users of this machine may replace files in {folder}, where the tokens are stored. Run '{ownFolder}'.")
            { File = path };
        }
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
                // Tokens are shown once by many hubs: this file must not be empty after a crash.
                NativeFile.Sync(file);
            }
            // A rename keeps the rights with which the file was made.
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

    // By hand and without quoting anything: what stands at the wrong place may be a secret.
    private static List<StoredCredential> Parse(byte[] bytes, string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            long version = json.RootElement.GetProperty("version").GetInt64();
            if (version > 1)
                throw Damaged(path, $"was written by a newer version of wisehub (format {version})",
                    "Update wisehub, or move the file away and log in again");
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
            throw Damaged(path, "is damaged", "It was left as it is; correct it, or move it away and log in again");
        }
    }

    private static HubException Damaged(string path, string problem, string remedy) =>
        new(WiseCodes.DamagedCredentialFile, $"The file with stored tokens, {path}, {problem}. {remedy}.") { File = path };
}
