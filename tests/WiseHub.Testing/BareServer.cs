using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WiseHub.Testing;

/// <summary>
/// A web server of a few lines that answers GETs with the files of a folder: over TLS where it has a certificate, and as a proxy
/// would, because it takes whole URLs, too. It keeps the heads of its requests.
/// </summary>
public sealed class BareServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<string> _heads = [];
    private readonly string _folder;
    private readonly X509Certificate2? _certificate;
    private readonly Task _work;

    /// <summary>Starts it.</summary>
    public BareServer(string folder, X509Certificate2? certificate = null)
    {
        (_folder, _certificate) = (folder, certificate);
        _listener.Start();
        _work = ServeAsync();
    }

    /// <summary>Its port on the loopback device.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was asked, with all headers.</summary>
    public IReadOnlyList<string> Heads
    {
        get
        {
            lock (_gate)
                return [.. _heads];
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _work;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> answers = [];
        try
        {
            while (true)
                answers.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using TcpClient connection = client;
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                stream = tls;
            }
            await using Stream used = stream;
            string head = await ReadHeadAsync(stream);
            // A client that does not trust the certificate hangs up.
            if (head.Length == 0)
                return;
            lock (_gate)
                _heads.Add(head);
            string target = head.Split(' ')[1];
            string file = Path.Join(_folder,
                Uri.TryCreate(target, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttp
                    ? uri.AbsolutePath : target.Split('?')[0]);
            bool isThere = File.Exists(file);
            byte[] body = isThere ? await File.ReadAllBytesAsync(file, _stop.Token) : [];
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(isThere ? "200 OK" : "404 Not Found")}\r\n"
                + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _stop.Token);
            await stream.WriteAsync(body, _stop.Token);
        }
        catch (Exception e)
            when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client does not trust the certificate, or left.
        }
    }

    private async Task<string> ReadHeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
            head.Append((char)one[0]);
        return head.ToString();
    }
}
