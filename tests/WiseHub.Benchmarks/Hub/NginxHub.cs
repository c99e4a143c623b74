using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Hub;

/// <summary>The servers of the hub. The counted ones write an access log and are not timed.</summary>
internal enum HubServer
{
    Plain,
    Slow,
    Counted,
    SlowCounted,
}

/// <summary>nginx on the loopback device, in front of a <see cref="HubContent"/>, on ports that are free.</summary>
internal sealed partial class NginxHub : IAsyncDisposable
{
    public const int DelayMilliseconds = 20;

    private const int Starts = 3;

    // On one line: a header with a line break is refused by Node.js.
    private const string NextPage = "<http://$http_host/api/models/$repo/tree/$rev?recursive=true&expand=false"
        + "&cursor=$next_cursor>; rel=\\\"next\\\"";

    private static readonly string Locations = RepoFiles.At("tests", "WiseHub.Benchmarks", "Hub", "locations.conf");

    private static readonly TimeSpan TimeToStart = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly Process _nginx;
    private readonly int[] _ports;

    private NginxHub(string folder, Process nginx, int[] ports, bool hasDelay) =>
        (_folder, _nginx, _ports, HasDelay) = (folder, nginx, ports, hasDelay);

    /// <summary>False where nginx has no echo module, which waits.</summary>
    public bool HasDelay { get; }

    public Uri Endpoint(HubServer server) => new($"http://127.0.0.1:{_ports[(int)server]}/");

    /// <summary>Starts nginx and waits until it answers.</summary>
    /// <param name="folder">For its configuration and logs; made when missing.</param>
    /// <param name="content">What it serves.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static async Task<NginxHub> StartAsync(string folder, HubContent content, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        content.WriteMaps();
        string? echo = await FindEchoModuleAsync(cancel);
        for (int start = 1; ; start++)
        {
            int[] ports = FreePorts(Enum.GetValues<HubServer>().Length);
            string configuration = Path.Combine(folder, "nginx.conf");
            await File.WriteAllTextAsync(configuration, Configuration(folder, content.Root, ports, echo), cancel);
            Process nginx = Process.Start(new ProcessStartInfo("nginx",
                ["-e", Path.Combine(folder, "error.log"), "-p", folder, "-c", configuration]))!;
            var hub = new NginxHub(folder, nginx, ports, echo is not null);
            try
            {
                if (await hub.IsUpAsync(cancel))
                    return hub;
                // Somebody else may have taken a port between the look and the start.
                if (start == Starts)
                    throw new InvalidOperationException("nginx did not start:\n"
                        + $"{await File.ReadAllTextAsync(Path.Combine(folder, "error.log"), cancel)}");
            }
            catch
            {
                await hub.DisposeAsync();
                throw;
            }
            await hub.DisposeAsync();
        }
    }

    /// <summary>What the counted servers were asked for while something ran.</summary>
    public async Task<IReadOnlyList<ReceivedRequest>> CountAsync(Func<Task> run, CancellationToken cancel)
    {
        string log = Path.Combine(_folder, "access.log");
        // nginx appends, so that the file may be cut under it.
        await File.WriteAllTextAsync(log, "", cancel);
        await run();
        // A line is written when the server is done with the answer, which may be after the client is.
        string lines;
        do
        {
            lines = await File.ReadAllTextAsync(log, cancel);
            await Task.Delay(100, cancel);
        }
        while (new FileInfo(log).Length != lines.Length);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReceivedRequest.Parse)];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_nginx.HasExited)
        {
            // The polite signal: the master ends its workers. Process.Kill would leave them.
            using Process kill = Process.Start("kill", ["-TERM", _nginx.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            await _nginx.WaitForExitAsync();
        }
        _nginx.Dispose();
    }

    private async Task<bool> IsUpAsync(CancellationToken cancel)
    {
        using var client = new HttpClient();
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeToStart && !_nginx.HasExited;)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(Endpoint(HubServer.Plain), cancel);
                return answer.StatusCode == HttpStatusCode.NotFound;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, cancel);
            }
        }
        return false;
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }

    // «nginx -V» prints its build options on standard error.
    private static async Task<string?> FindEchoModuleAsync(CancellationToken cancel)
    {
        string options = await Programs.RunAsync(new Command("sh", "-c", "nginx -V 2>&1"), cancel);
        string module = Path.Combine(ModulesPath().Match(options) is { Success: true } match ? match.Groups[1].Value
            : "/usr/lib/nginx/modules", "ngx_http_echo_module.so");
        return File.Exists(module) ? module : null;
    }

    private static string Configuration(string run, string hub, int[] ports, string? echo) => $$"""
        {{(echo is null ? "" : $"load_module {echo};")}}
        # Only root may say whom the workers run as, and only root has to: they must read a private temp folder.
        {{(Environment.IsPrivilegedProcess ? $"user {Environment.UserName};" : "")}}
        daemon off;
        worker_processes 2;
        pid {{run}}/nginx.pid;
        worker_rlimit_nofile 16384;
        events { worker_connections 4096; }
        http {
          access_log off;
          log_format request '$connection $status $body_bytes_sent $request_method $request_uri';
          client_body_temp_path {{run}}/body; proxy_temp_path {{run}}/proxy; fastcgi_temp_path {{run}}/fastcgi;
          uwsgi_temp_path {{run}}/uwsgi; scgi_temp_path {{run}}/scgi;
          sendfile on; tcp_nopush on; tcp_nodelay on;
          keepalive_timeout 65; keepalive_requests 1000000;
          default_type application/octet-stream;
          root {{hub}};
          map_hash_max_size 262144; map_hash_bucket_size 256;

          map "$repo@$rev" $commit { default ""; include {{hub}}/maps/commits.map; }
          map "$commit/$file" $blob { default ""; include {{hub}}/maps/files.map; }
          map $blob $blob_size { default ""; include {{hub}}/maps/sizes.map; }
          # Contents with a name of 64 digits are LFS files.
          map $blob $linked_etag { default ""; "~^[0-9a-f]{64}$" "\"$blob\""; }
          map $linked_etag $linked_size { default ""; "~." $blob_size; }
          map "$commit.$arg_cursor" $next_cursor { default ""; include {{hub}}/maps/pages.map; }
          map $next_cursor $next_page {
            default "{{NextPage}}";
            "" "";
          }

          server {
            listen 127.0.0.1:{{ports[(int)HubServer.Plain]}} reuseport backlog=4096;
            include "{{Locations}}";
          }
          server {
            listen 127.0.0.1:{{ports[(int)HubServer.Counted]}} reuseport backlog=4096;
            access_log {{run}}/access.log request;
            include "{{Locations}}";
          }
          {{(echo is null ? "" : Delayed(run, ports))}}
        }
        """;

    // Each request waits before it is passed on: the round trip to a hub that is not next door.
    private static string Delayed(string run, int[] ports)
    {
        string Server(HubServer server, string log) => $$"""
              server {
                listen 127.0.0.1:{{ports[(int)server]}} reuseport backlog=4096;
                {{log}}
                location / { echo_sleep {{(DelayMilliseconds / 1000.0).ToString(CultureInfo.InvariantCulture)}};
                echo_exec @proxied; }
                location @proxied { proxy_pass http://plain; proxy_set_header Host $http_host; proxy_http_version 1.1;
                proxy_set_header Connection ""; proxy_buffering off; }
              }
            """;
        return $$"""
            upstream plain { server 127.0.0.1:{{ports[(int)HubServer.Plain]}}; keepalive 64; }
            {{Server(HubServer.Slow, "")}}
            {{Server(HubServer.SlowCounted, $"access_log {run}/access.log request;")}}
            """;
    }

    [GeneratedRegex(@"--modules-path=(\S+)")]
    private static partial Regex ModulesPath();
}

/// <summary>A line of the access log.</summary>
internal sealed record ReceivedRequest(string Connection, int Status, long Bytes, string Path)
{
    /// <summary>It asked for a file of a repo, and not for an answer of the API.</summary>
    public bool IsContent => Path.Contains("/resolve/", StringComparison.Ordinal);

    public static ReceivedRequest Parse(string line)
    {
        string[] fields = line.Split(' ');
        return new ReceivedRequest(fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[2], CultureInfo.InvariantCulture), fields[4].Split('?')[0]);
    }
}
