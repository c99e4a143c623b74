using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WiseHub.Testing;

/// <summary>
/// An OpenSSH server on loopback with keys of its own, which serves git repositories and nothing else, as git hosts do.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    private static readonly TimeSpan TimeToStart = TimeSpan.FromSeconds(20);

    private readonly TempFolder _temp = new();
    private Process? _sshd;

    private SshServer()
    {
    }

    /// <summary>Where <c>owner/name.git</c> are.</summary>
    public string ReposFolder => _temp["repos"];

    /// <summary>What a hub has as its endpoint.</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>An ssh that has the client's key and knows the host's.</summary>
    public string SshCommand => Command("client", "known_hosts");

    /// <summary>An ssh whose key is not allowed.</summary>
    public string SshCommandOfAStranger => Command("other", "known_hosts");

    /// <summary>An ssh that does not know the host's key.</summary>
    public string SshCommandThatDoesNotKnowTheHost => Command("client", "nobody");

    /// <summary>What <c>git-lfs-authenticate</c> answers; null: it is not known.</summary>
    public string? LfsResponse
    {
        set => _temp.Write("lfs-answer", value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>A file with each <c>git-lfs-authenticate</c> that came.</summary>
    public string LfsAsked => _temp["lfs-asked"];

    private static string Program => File.Exists("/usr/sbin/sshd") ? "/usr/sbin/sshd" : "sshd";

    /// <summary>Starts a server, or says why there is none.</summary>
    public static async Task<(SshServer? Server, string? Missing)> TryStartAsync()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Program))
            return (null, "openssh-server is not installed");
        var server = new SshServer();
        try
        {
            await server.StartAsync();
            return (server, null);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sshd is not null)
        {
            _sshd.Kill(entireProcessTree: true);
            await _sshd.WaitForExitAsync();
            _sshd.Dispose();
        }
        _temp.Dispose();
    }

    private string Command(string key, string known) =>
        $"ssh -F none -i {_temp[key]} -o IdentitiesOnly=yes -o IdentityAgent=none -o UserKnownHostsFile={_temp[known]} -o "
        + "GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o BatchMode=yes";

    private async Task StartAsync()
    {
        Directory.CreateDirectory(ReposFolder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_temp.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string key in (string[])["host", "client", "other"])
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", _temp[key]);
        string serve = _temp.Write("serve", $"""
            #!/bin/sh
            case "$SSH_ORIGINAL_COMMAND" in git-lfs-authenticate*)
              echo "$SSH_ORIGINAL_COMMAND" >> {_temp["lfs-asked"]}
              [ -f {_temp["lfs-answer"]} ] && exec cat {_temp["lfs-answer"]};;
            esac
            exec git-shell -c "$SSH_ORIGINAL_COMMAND"

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(serve, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _temp.Write("authorized_keys", $"restrict,command=\"{serve}\" {await File.ReadAllTextAsync(_temp["client.pub"])}");
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd");
        for (int start = 0; ; start++)
        {
            int port = FreePort();
            _temp.Write("known_hosts",
                $"[127.0.0.1]:{port} {string.Join(' ', (await File.ReadAllTextAsync(_temp["host.pub"])).Split(' ').Take(2))}\n");
            _temp.Write("sshd_config", $"""
                ListenAddress 127.0.0.1
                Port {port}
                HostKey {_temp["host"]}
                PidFile none
                AuthorizedKeysFile {_temp["authorized_keys"]}
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                UsePAM no
                PermitRootLogin prohibit-password
                AllowTcpForwarding no

                """);
            Endpoint = $"ssh://{Environment.UserName}@127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}{ReposFolder}";
            _sshd = Process.Start(new ProcessStartInfo(Program, ["-D", "-f", _temp["sshd_config"], "-E", _temp["log"]]))!;
            if (await AnswersAsync(port))
                return;
            // Somebody else may have taken the port.
            if (start == 2)
                throw new InvalidOperationException("sshd did not start: " + await File.ReadAllTextAsync(_temp["log"]));
            _sshd.Kill(entireProcessTree: true);
        }
    }

    private async Task<bool> AnswersAsync(int port)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeToStart && !_sshd!.HasExited;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(20);
            }
        }
        return false;
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        ProcessResult run = await ProcessRunner.RunAsync(program, arguments, _temp.Path);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {run.Error}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
