using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
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
EntryHostResponse response = await EntryRunner.RunAsync(request).ConfigureAwait(false);
EntryExchange.Write(responses, JsonSerializer.SerializeToUtf8Bytes(response, EntryHostJson.Default.EntryHostResponse));
// Threads of the repo's code do not keep the process.
Environment.Exit(0);

// The tool keeps its end of the pipe open as long as it runs, and may be killed.
void EndWithTool()
{
    if (requests.ReadByte() < 0)
        Process.GetCurrentProcess().Kill();
}

static StreamWriter Utf8(Stream stream) =>
    new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
