using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WiseHub.Testing;

/// <summary>
/// nginx before git's http-backend and cgit, as many a company has its git: smart HTTP, and archives at an address of their own;
/// plain and with a certificate that nobody trusts.
/// </summary>
public sealed class CgitServer : IAsyncDisposable
{
    private const string Cgi = "/usr/lib/cgit/cgit.cgi", Backend = "/usr/lib/git-core/git-http-backend";

    private static readonly TimeSpan TimeToStart = TimeSpan.FromSeconds(20);

    private readonly TempFolder _temp = new();
    private readonly List<Process> _processes = [];

    private CgitServer()
    {
    }

    /// <summary>Where <c>owner/name.git</c> are.</summary>
    public string ReposFolder => _temp["repos"];

    /// <summary>Without TLS.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>With a certificate that this server made for itself.</summary>
    public Uri UntrustedEndpoint { get; private set; } = null!;

    /// <summary>The certificate of <see cref="UntrustedEndpoint"/>.</summary>
    public string CertificateFile => _temp["cert.pem"];

    /// <summary>What a hub has as <c>archive</c>.</summary>
    public static string ArchiveTemplate => "/cgit/{id}.git/snapshot/{name}-{commit}.zip";

    /// <summary>Plain files, for comparison.</summary>
    public string FilesFolder => _temp["files"];

    /// <summary>Starts a server, or says why there is none.</summary>
    public static async Task<(CgitServer? Server, string? Missing)> TryStartAsync()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Cgi) || !File.Exists(Backend)
            || !await ProcessRunner.ExistsAsync("fcgiwrap") || !await ProcessRunner.ExistsAsync("nginx"))
            return (null, "nginx, fcgiwrap or cgit is not installed");
        var server = new CgitServer();
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

    /// <summary>Method, path and status of each request so far.</summary>
    public async Task<string[]> RequestsAsync() =>
        File.Exists(_temp["access.log"]) ? [.. (await File.ReadAllLinesAsync(_temp["access.log"]))] : [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _temp.Dispose();
    }

    private async Task StartAsync()
    {
        foreach (string folder in (string[])["repos", "files", "tmp"])
            Directory.CreateDirectory(_temp[folder]);
        // cgit takes only the settings that stand before the paths.
        _temp.Write("cgitrc",
            $"enable-http-clone=0\nsnapshots=zip tar.gz\nvirtual-root=/cgit/\ncache-size=0\nscan-path={ReposFolder}\n");
        ProcessResult made = await ProcessRunner.RunAsync("openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-keyout", _temp["key.pem"], "-out", _temp["cert.pem"], "-subj", "/CN=localhost", "-addext",
                "subjectAltName=IP:127.0.0.1"], _temp.Path);
        if (made.ExitCode != 0)
            throw new InvalidOperationException(made.Error);
        _processes.Add(Process.Start(
            new ProcessStartInfo("fcgiwrap", ["-c", "4", "-s", "unix:" + _temp["fcgi.sock"]]) { RedirectStandardError = true })!);
        for (int start = 0; ; start++)
        {
            (int plain, int tls) = (FreePort(), FreePort());
            (Endpoint, UntrustedEndpoint) = (new Uri($"http://127.0.0.1:{plain.ToString(CultureInfo.InvariantCulture)}"),
                new Uri($"https://127.0.0.1:{tls.ToString(CultureInfo.InvariantCulture)}"));
            _temp.Write("nginx.conf", Configuration(plain, tls));
            Process nginx = Process.Start(new ProcessStartInfo("nginx",
                ["-e", _temp["error.log"], "-p", _temp.Path, "-c", _temp["nginx.conf"]]))!;
            _processes.Add(nginx);
            if (await AnswersAsync(nginx))
                return;
            if (start == 2)
                throw new InvalidOperationException("nginx did not start: " + await File.ReadAllTextAsync(_temp["error.log"]));
        }
    }

    private string Configuration(int plain, int tls) => $$"""
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        daemon off; worker_processes 1; pid {{_temp["nginx.pid"]}};
        events { worker_connections 256; }
        http {
          log_format short '$request_method $uri $status'; access_log {{_temp["access.log"]}} short;
          client_body_temp_path {{_temp["tmp"]}}; proxy_temp_path {{_temp["tmp"]}}; fastcgi_temp_path {{_temp["tmp"]}};
          uwsgi_temp_path {{_temp["tmp"]}}; scgi_temp_path {{_temp["tmp"]}};
          sendfile on; client_max_body_size 0;
          server {
            listen 127.0.0.1:{{plain}}; listen 127.0.0.1:{{tls}} ssl; ssl_certificate {{_temp["cert.pem"]}};
            ssl_certificate_key {{_temp["key.pem"]}};
            root {{FilesFolder}};
            location ~ \.git/(HEAD|info/refs|objects/.*|git-upload-pack|git-receive-pack)$ {
              include /etc/nginx/fastcgi_params; fastcgi_pass unix:{{_temp["fcgi.sock"]}}; fastcgi_buffering off;
              fastcgi_param SCRIPT_FILENAME {{Backend}}; fastcgi_param GIT_HTTP_EXPORT_ALL "";
              fastcgi_param GIT_PROJECT_ROOT {{ReposFolder}}; fastcgi_param PATH_INFO $uri;
              fastcgi_param HTTP_GIT_PROTOCOL $http_git_protocol;
              fastcgi_param GIT_CONFIG_COUNT 2; fastcgi_param GIT_CONFIG_KEY_0 safe.directory;
              fastcgi_param GIT_CONFIG_VALUE_0 "*";
              fastcgi_param GIT_CONFIG_KEY_1 http.receivepack; fastcgi_param GIT_CONFIG_VALUE_1 true;
            }
            location /cgit/ {
              include /etc/nginx/fastcgi_params; fastcgi_pass unix:{{_temp["fcgi.sock"]}}; fastcgi_split_path_info ^(/cgit)(.*)$;
              fastcgi_param PATH_INFO $fastcgi_path_info;
              fastcgi_param SCRIPT_FILENAME {{Cgi}}; fastcgi_param CGIT_CONFIG {{_temp["cgitrc"]}};
              fastcgi_param GIT_CONFIG_COUNT 1; fastcgi_param GIT_CONFIG_KEY_0 safe.directory;
              fastcgi_param GIT_CONFIG_VALUE_0 "*";
            }
          }
        }
        """;

    private async Task<bool> AnswersAsync(Process nginx)
    {
        using var client = new HttpClient();
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeToStart && !nginx.HasExited;)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri(Endpoint, "/none"));
                return answer.StatusCode == HttpStatusCode.NotFound;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20);
            }
        }
        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
