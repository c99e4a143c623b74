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
    /// <inheritdoc/>
    public override string ToString() => $"a stored {(Kind == SecretKind.Token ? "token" : "session")} for {Origin}";
}

/// <summary>
/// <c>credentials.json</c> in the user's configuration folder: readable and writable by this user alone, and refused when it is not. (Key rings
/// of desktops are not used: a build has no session that could open one.)
/// </summary>
internal sealed class CredentialFile(string folder)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public string Path { get; } = System.IO.Path.Combine(folder, "credentials.json");

    /// <summary>What is stored; empty where there is no file.</summary>
    /// <exception cref="HubException">WISE1056: others may read or change it. WISE1057: it is damaged. WISE3007 or WISE3013: it cannot be read.</exception>
    public IReadOnlyList<StoredCredential> Read()
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(Path), FileAccess.Read);
            CheckRights(file);
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The stored tokens in {Path} cannot be read");
        }
        return Parse(bytes);
    }

    /// <summary>Reads, changes and writes under a lock that all writers take. A file that cannot be read is left as it is.</summary>
    /// <exception cref="HubException">As <see cref="Read"/>; WISE3008 where the disk is full.</exception>
    public async Task ChangeAsync(Func<IReadOnlyList<StoredCredential>, IEnumerable<StoredCredential>> change, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            CreateFolder();
            using FileLock mine = await FileLock.AcquireAsync(Path + ".lock", Path, log, time, cancel).ConfigureAwait(false);
            Write(Render(change(Read())));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The tokens cannot be stored in {Path}");
        }
    }

    private void CheckRights(FileStream file)
    {
        // Windows: %APPDATA% belongs to its user.
        if (OperatingSystem.IsWindows())
            return;
        if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            throw new HubException(WiseCodes.UnsafeCredentialFile, $"Other users of this machine may read or change {Path}. Run 'chmod 600 {Path}', and renew the tokens in it if others use this machine.") { File = Path };
        if ((File.GetUnixFileMode(folder) & OthersWrite) != 0)
            throw new HubException(WiseCodes.UnsafeCredentialFile, $"Other users of this machine may replace files in {folder}, where the tokens are stored. Run 'chmod go-w {folder}'.") { File = Path };
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
    }

    private void Write(byte[] content)
    {
        string temporary = System.IO.Path.Combine(folder, $".credentials.{Guid.NewGuid():N}.tmp");
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = OwnerOnly;
        try
        {
            using (var file = new FileStream(temporary, how))
            {
                file.Write(content);
                file.Flush();
                // Tokens are shown once by many hubs: this file must not be empty after a crash.
                NativeFile.Sync(file);
            }
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
            foreach (StoredCredential credential in credentials.OrderBy(c => c.Origin, StringComparer.Ordinal).ThenBy(c => c.Kind))
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
    private List<StoredCredential> Parse(byte[] bytes)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            long version = json.RootElement.GetProperty("version").GetInt64();
            if (version > 1)
                throw Damaged($"was written by a newer version of wisehub (format {version})", "Update wisehub, or move the file away and log in again");
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
                    item.TryGetProperty("user", out JsonElement user) ? user.GetString() : null, item.GetProperty("secret").GetString() ?? throw new FormatException()));
            }
            return credentials;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw Damaged("is damaged", "It was left as it is; correct it, or move it away and log in again");
        }
    }

    private HubException Damaged(string problem, string remedy) => new(WiseCodes.DamagedCredentialFile, $"The file with stored tokens, {Path}, {problem}. {remedy}.") { File = Path };
}
