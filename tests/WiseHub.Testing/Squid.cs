using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WiseHub.Testing;

/// <summary>A real squid on loopback that caches as its default configuration does, in memory only.</summary>
public sealed class Squid : IAsyncDisposable
{
    private const string Program = "/usr/sbin/squid";

    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private Squid(Process process, DirectoryInfo folder, int port) => (_process, _folder, Port) = (process, folder, port);

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Whether one is installed.</summary>
    public static bool IsHere => File.Exists(Program);

    /// <summary>What it was asked and how it answered, such as <c>TCP_MEM_HIT/200</c>.</summary>
    public string Log => File.Exists(Path.Combine(_folder.FullName, "access.log"))
        ? File.ReadAllText(Path.Combine(_folder.FullName, "access.log")) : "";

    /// <summary>Starts one, and waits until it answers.</summary>
    public static async Task<Squid> StartAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wisehub-squid");
        // As root it becomes another user, who must be able to write there.
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = (UnixFileMode)0b111_111_111;
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        string config = Path.Combine(folder.FullName, "squid.conf");
        // The rules for how long what says nothing of that is good are those of the default configuration.
        await File.WriteAllTextAsync(config, $"""
            http_port 127.0.0.1:{port}
            http_access allow all
            pid_filename none
            coredump_dir {folder.FullName}
            access_log stdio:{folder.FullName}/access.log
            cache_log {folder.FullName}/cache.log
            refresh_pattern -i (/cgi-bin/|\?) 0 0% 0
            refresh_pattern . 0 20% 4320
            memory_cache_shared off
            pinger_enable off
            shutdown_lifetime 0 seconds

            """);
        // A name of its own: several share the memory of one name.
        var start = new ProcessStartInfo(Program, ["-N", "-n", $"wise{Guid.NewGuid():N}"[..12], "-f", config])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"squid ended: {await said}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return new Squid(process, folder, port);
            }
            catch (SocketException)
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
