using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WiseHub.Client;
using WiseHub.Client.Entries;
using WiseHub.EntryHost;

// Started by the tool only (EntryProcess.cs there), with the handles of two pipes.
using var requests = new AnonymousPipeClientStream(PipeDirection.In, args[0]);
using var responses = new AnonymousPipeClientStream(PipeDirection.Out, args[1]);
responses.WriteByte(EntryExchange.Version);

// What the code prints is read as UTF-8, whatever the locale or the code page.
Console.SetOut(Utf8(Console.OpenStandardOutput()));
Console.SetError(Utf8(Console.OpenStandardError()));
// Ctrl+C goes to all processes of the terminal. The tool ends this one, and then says that it was Ctrl+C.
using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);

EntryHostRequest request =
    JsonSerializer.Deserialize(EntryExchange.Read(requests, int.MaxValue), EntryHostJson.Default.EntryHostRequest)!;
new Thread(EndWithTool) { IsBackground = true }.Start();
EntryHostResponse response = await Host.RunAsync(request).ConfigureAwait(false);
EntryExchange.Write(responses, JsonSerializer.SerializeToUtf8Bytes(response, EntryHostJson.Default.EntryHostResponse));
// Threads of the repo's code do not keep the process.
Environment.Exit(0);

// The tool keeps its end of the pipe open as long as it runs, and may be killed.
void EndWithTool()
{
    if (requests.ReadByte() < 0)
        Process.GetCurrentProcess().Kill();
}

static StreamWriter Utf8(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

/// <summary>Checks, loads and calls the code of a repo.</summary>
internal static class Host
{
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "This program is neither trimmed nor compiled ahead of time.")]
    public static async Task<EntryHostResponse> RunAsync(EntryHostRequest request)
    {
        string? detail = null;
        try
        {
            if (EntryLoadContext.Missing(request.Dependencies) is { Count: > 0 } missing)
                throw HostMessages.DependencyMissing(request.Repo, Path.GetFileName(request.Path), missing);
            // It was verified before this process started, and others may be able to write to its folder.
            if (await HashAsync(request.Path).ConfigureAwait(false) != request.Sha256)
                throw EntryCodeMessages.Tampered(request.Repo, request.Path);
            using var code = EntryCode.Load(request.Path, request.Repo);
            if (request.Entry is null)
                return new EntryHostResponse { Assembly = code.Assembly.FullName };
            object? value = await code.InvokeAsync(request.Entry,
                request.Arguments.ToDictionary(a => a.Key, a => (object?)a.Value), text => detail = text, CancellationToken.None)
                .ConfigureAwait(false);
            return new EntryHostResponse { Value = Show(value, request) };
        }
        catch (HubException e)
        {
            return new EntryHostResponse { Code = e.Code, Message = e.Message, Detail = detail };
        }
    }

    private static string? Show(object? value, EntryHostRequest request)
    {
        try
        {
            return value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
        }
        // ToString is the repo's code, too.
        catch (Exception e)
        {
            throw EntryCodeMessages.Failed(request.Repo, request.Entry!, EntryCode.Describe(e));
        }
    }

    private static async Task<string?> HashAsync(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
