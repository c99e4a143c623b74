using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WiseHub.Testing.S3;

/// <summary>
/// A real S3 server, started by a script of this folder when first asked for and ended with its process group. Its data is in
/// memory or in a temporary folder, its ports are free ones.
/// </summary>
public abstract class S3Server(string script, int ports, params string[] programs) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private TempFolder? _folder;
    private Process? _process;
    private string? _whyNot;

    /// <summary>The first of its ports.</summary>
    public int Port { get; private set; }

    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    public string Folder => _folder!.Path;

    /// <summary>Starts it if it is not started yet; skips the test where it is not installed.</summary>
    public async Task StartAsync(Action<string> skip)
    {
        ArgumentNullException.ThrowIfNull(skip);
        await _one.WaitAsync();
        try
        {
            if (_process is null && _whyNot is null)
                await StartOnceAsync();
        }
        finally
        {
            _one.Release();
        }
        if (_whyNot is not null)
            skip(_whyNot);
    }

    /// <summary>Gives the script a command; its answer, once it is done.</summary>
    protected async Task<string> CommandAsync(string command)
    {
        await _one.WaitAsync();
        try
        {
            await _process!.StandardInput.WriteLineAsync(command);
            await _process.StandardInput.FlushAsync();
            string line = await _process.StandardOutput.ReadLineAsync() ?? "ended";
            return line.StartsWith("done ", StringComparison.Ordinal) ? line["done ".Length..]
                : throw new InvalidOperationException($"{command}: {line}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What must be in the folder before the start.</summary>
    protected virtual void Prepare(TempFolder folder) { }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_process is not null)
        {
            // The end of its input ends the script, also when this process is killed.
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _folder?.Dispose();
        _one.Dispose();
    }

    /// <summary>The first of several ports in a row that nobody listens on.</summary>
    public static int FreePorts(int count)
    {
        while (true)
        {
            // Below the ports that the system gives to connections.
            int first = Random.Shared.Next(20000, 32000);
            var held = new List<TcpListener>();
            try
            {
                for (int i = 0; i < count; i++)
                {
                    var listener = new TcpListener(IPAddress.Loopback, first + i);
                    listener.Start();
                    held.Add(listener);
                }
                return first;
            }
            catch (SocketException)
            {
                // Somebody has one of them.
            }
            finally
            {
                held.ForEach(l => l.Stop());
            }
        }
    }

    private async Task StartOnceAsync()
    {
        if (OperatingSystem.IsWindows())
            _whyNot = "these servers do not run on Windows";
        else if (programs.FirstOrDefault(p => !IsInstalled(p)) is string missing)
            _whyNot = $"{missing} is not installed (.ci/run installs it)";
        else
        {
            for (int tries = 1; _process is null; tries++)
                await TryStartAsync(isLast: tries == 3);
        }
    }

    // Between the look at a port and its use somebody may take it.
    private async Task TryStartAsync(bool isLast)
    {
        _folder = new TempFolder();
        Port = FreePorts(ports);
        Prepare(_folder);
        // A process group of its own, which the script ends with itself.
        var start = new ProcessStartInfo("setsid")
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["bash", RepoFiles.At("tests", "WiseHub.Testing", "S3", script),
            _folder.Path, $"{Port}"])
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start) ?? throw new Win32Exception();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (await process.StandardOutput.ReadLineAsync() == "ready")
        {
            _process = process;
            return;
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        _folder.Dispose();
        if (isLast)
            throw new InvalidOperationException($"{script} did not start: {await error}");
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
