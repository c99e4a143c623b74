using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The transfer agent <c>multipart</c> of git-lfs: lines of JSON, one file at a time
/// (https://github.com/git-lfs/git-lfs/blob/main/docs/custom-transfers.md,
/// docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
/// </summary>
internal sealed class LfsTransferAgent(HubHttp http, TimeProvider time, TextReader input, TextWriter output)
{
    private const string Settings = "lfs.customtransfer.multipart.";

    // Parallel parts. git-lfs starts several agents.
    private const int Workers = 4;

    // A progress line is for the user; more of them would not be read.
    private const long BytesBetweenLines = 1 << 20;

    // The code of Hugging Face's own agent; git-lfs shows it.
    private const int WrongOperation = 32;

    private readonly Lock _gate = new();

    /// <exception cref="HubException">WISE1026 or WISE5043.</exception>
    public static async Task EnableAsync(
        GitTool git, string folder, string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        await git.CheckAsync(cancel, (Text)$"this", "").ConfigureAwait(false);
        string[] here = ["-C", Path.GetFullPath(folder), "config", "--local"];
        try
        {
            await git.GitAsync([.. here, Settings + "path", program], cancel).ConfigureAwait(false);
            // git-lfs passes them to a shell.
            await git.GitAsync(
                [.. here, Settings + "args", string.Join(' ', arguments.Select(Quoted))], cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw GitMessages.NotAGitRepository(folder, e);
        }
    }

    /// <returns>False if git-lfs requests anything but uploads.</returns>
    /// <exception cref="HubException">WISE5042.</exception>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        using (JsonDocument? init = await ReadAsync(cancel).ConfigureAwait(false))
        {
            if (init is null || StrictJson.Text(init.RootElement, "event") != "init"
                || StrictJson.Text(init.RootElement, "operation") != "upload")
            {
                Say(new JsonObject
                {
                    ["error"] = new JsonObject
                    {
                        ["code"] = WrongOperation,
                        ["message"] = (string)GitMessages.AgentOnlyUploads
                    }
                });
                return false;
            }
        }
        Say([]);
        var upload = new LfsUpload("git lfs", http, time, SilentLog.Instance, server: null, refName: null,
            (_, _) => throw new System.Diagnostics.UnreachableException());
        while (true)
        {
            using JsonDocument? line = await ReadAsync(cancel).ConfigureAwait(false);
            switch (line is null ? "terminate"
                : StrictJson.Text(line.RootElement, "event") ?? StrictJson.Text(line.RootElement, "type"))
            {
                case "terminate":
                    return true;
                case "upload":
                    await UploadAsync(upload, line!.RootElement, cancel).ConfigureAwait(false);
                    break;
                case var other:
                    throw GitMessages.UnknownEvent(other);
            }
        }
    }

    private async Task UploadAsync(LfsUpload upload, JsonElement line, CancellationToken cancel)
    {
        if (StrictJson.Text(line, "oid") is not string oid || StrictJson.Text(line, "path") is not string path
            || !line.TryGetProperty("action", out JsonElement action) || action.ValueKind != JsonValueKind.Object)
            throw GitMessages.IncompleteUpload();
        try
        {
            LocalFile file = LocalFile.Read(new PushFile(path, oid), new PushMemory(null, SilentLog.Instance), time, cancel);
            if (file.Sha256.Hex != oid)
                throw GitMessages.ContentDamaged(path, file.Sha256, oid);
            (long total, long reported) = (0L, 0L);
            var progress = new PushProgress(SilentLog.Instance, time, [file])
            {
                // A later agent cannot resume: git-lfs requests new URLs from the server.
                Remember = () => { },
                Seen = bytes =>
                {
                    lock (_gate)
                    {
                        total += bytes;
                        // The bytes of a part that is sent again are reported once, so that the sum is the size.
                        if (total >= reported + BytesBetweenLines || (total == file.Size && total > reported))
                        {
                            Say(new JsonObject
                            {
                                ["event"] = "progress",
                                ["oid"] = oid,
                                ["bytesSoFar"] = total,
                                ["bytesSinceLast"] = total - reported
                            });
                            reported = total;
                        }
                    }
                },
            };
            await upload.UploadAsync(file, action, progress, Workers, cancel).ConfigureAwait(false);
            Say(new JsonObject { ["event"] = "complete", ["oid"] = oid });
        }
        catch (HubException e)
        {
            Fail(oid, e);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            Fail(oid, IoFailures.ToHubException(e, path));
        }
    }

    private void Fail(string oid, HubException e) => Say(new JsonObject
    {
        ["event"] = "complete",
        ["oid"] = oid,
        ["error"] = new JsonObject { ["code"] = 1, ["message"] = $"{e.Code}: {e.Message}" }
    });

    private async Task<JsonDocument?> ReadAsync(CancellationToken cancel)
    {
        if (await input.ReadLineAsync(cancel).ConfigureAwait(false) is not string line)
            return null;
        try
        {
            JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json
                : throw new JsonException((Text)$"it is not a JSON object");
        }
        catch (JsonException e)
        {
            throw GitMessages.NotALineOfGitLfs(e);
        }
    }

    private void Say(JsonObject line)
    {
        lock (_gate)
        {
            output.Write(line.ToJsonString() + "\n");
            output.Flush();
        }
    }

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/') ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
