using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WiseHub.Testing;

/// <summary>
/// Answers every connection on loopback with the same bytes and closes it: for answers that no web server gives.
/// </summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    private RawServer(byte[] answer)
    {
        _listener.Start();
        _work = ServeAsync(answer);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    public static RawServer Start(string answer) => new(Encoding.UTF8.GetBytes(answer));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _work;
        _stop.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                NetworkStream stream = client.GetStream();
                byte[] request = new byte[8192];
                for (int read = 0; !Encoding.ASCII.GetString(request, 0, read).Contains("\r\n\r\n", StringComparison.Ordinal);)
                {
                    int count = await stream.ReadAsync(request.AsMemory(read), _stop.Token);
                    if (count == 0)
                        break;
                    read += count;
                }
                await stream.WriteAsync(answer, _stop.Token);
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException && _stop.IsCancellationRequested)
        {
            // In the middle of an answer, or before it waited for the next request.
        }
    }
}
