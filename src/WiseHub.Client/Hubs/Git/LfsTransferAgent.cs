using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The transfer agent <c>multipart</c> of git-lfs: lines of JSON, one content at a time
/// (https://github.com/git-lfs/git-lfs/blob/main/docs/custom-transfers.md,
/// docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
/// </summary>
internal sealed class LfsTransferAgent(HubHttp http, TimeProvider time, TextReader input, TextWriter output)
{
    private const string Settings = "lfs.customtransfer.multipart.";

    // Parts at once. git-lfs starts several agents.
    private const int Workers = 4;

    // A line for people: more often than this nobody reads it.
    private const long BytesBetweenLines = 1 << 20;

    // The number that Hugging Face's own agent gives; git-lfs shows it.
    private const int WrongOperation = 32;

    private readonly Lock _gate = new();

    /// <exception cref="HubException">WISE1026 or WISE5043.</exception>
    public static async Task EnableAsync(
        GitTool git, string folder, string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        await git.CheckAsync(cancel, "this", "").ConfigureAwait(false);
        string[] here = ["-C", Path.GetFullPath(folder), "config", "--local"];
        try
        {
            await git.GitAsync([.. here, Settings + "path", program], cancel).ConfigureAwait(false);
            // git-lfs gives them to a shell.
            await git.GitAsync(
                [.. here, Settings + "args", string.Join(' ', arguments.Select(Quoted))], cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw new HubException(WiseCodes.NotAGitRepository,
                $"{folder}: git says: {e.Message}. Name a folder of a git repository that may be written to.", e);
        }
    }

    /// <returns>False when git-lfs wants something else than uploads.</returns>
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
                        ["message"] = "this agent begins with 'init' and only uploads"
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
                    throw new HubException(WiseCodes.NotGitLfs,
                        $"git-lfs says '{other}' to an agent that uploads. Update git-lfs, and wisehub.");
            }
        }
    }

    private async Task UploadAsync(LfsUpload upload, JsonElement line, CancellationToken cancel)
    {
        if (StrictJson.Text(line, "oid") is not string oid || StrictJson.Text(line, "path") is not string path
            || !line.TryGetProperty("action", out JsonElement action) || action.ValueKind != JsonValueKind.Object)
            throw new HubException(WiseCodes.NotGitLfs,
                "git-lfs says 'upload' without oid, path and action. Update git-lfs, and wisehub.");
        try
        {
            LocalFile file = LocalFile.Read(new PushFile(path, oid), new PushMemory(null, SilentLog.Instance), time, cancel);
            if (file.Sha256.Hex != oid)
                throw new HubException(WiseCodes.VerificationFailed, $"{path} has the sha256 {file.Sha256} and should have "
                    + $"{oid}: it is damaged. Get it again (git lfs fetch), or add the file again.");
            (long so, long said) = (0L, 0L);
            var progress = new PushProgress(SilentLog.Instance, time, [file])
            {
                // git-lfs starts an agent anew, and asks the server anew.
                Remember = () => { },
                Seen = bytes =>
                {
                    lock (_gate)
                    {
                        so += bytes;
                        // Of a part that is sent again only what is new is told, so that the sum is the size.
                        if (so >= said + BytesBetweenLines || (so == file.Size && so > said))
                        {
                            Say(new JsonObject
                            {
                                ["event"] = "progress",
                                ["oid"] = oid,
                                ["bytesSoFar"] = so,
                                ["bytesSinceLast"] = so - said
                            });
                            said = so;
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
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new JsonException("it is no object");
        }
        catch (JsonException e)
        {
            throw new HubException(WiseCodes.NotGitLfs, "what came on standard input is no line of git-lfs: "
                + $"{e.Message} This command is started by git-lfs; 'wisehub lfs enable-largefiles' sets it up.", e);
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
