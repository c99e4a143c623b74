using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace WiseHub.Testing;

/// <summary>What <see cref="EchoServer"/> says.</summary>
public enum EchoAnswer
{
    /// <summary>A JSON error with every header that came, in all forms.</summary>
    Json,
    /// <summary>The same as plain text, and in the headers that hubs use for words and links.</summary>
    Text,
    /// <summary>The error of an S3 server, with the secrets in each of its parts.</summary>
    Xml,
    /// <summary>A good status, and the secret where JSON should stand.</summary>
    Garbage,
    /// <summary>A redirect to another origin, with the secret in its query.</summary>
    RedirectElsewhere,
    /// <summary>A redirect that must not be followed, with the secret in it.</summary>
    RedirectRefused,
    /// <summary>Half an answer.</summary>
    BrokenOff,
}

/// <summary>The worst server: it gives back the secrets it was sent, as they are, escaped for URLs, and in base64.</summary>
public sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _secrets;

    private EchoServer(WebApplication app) => _app = app;

    /// <summary>Its origin.</summary>
    public string Url => _app.Urls.First();

    /// <summary>How many requests carried one.</summary>
    public int Secrets => Volatile.Read(ref _secrets);

    /// <summary>Starts it.</summary>
    public static async Task<EchoServer> StartAsync(EchoAnswer answer, int status)
    {
        var server = new EchoServer(LoopbackServer.Create());
        server._app.Run(context => server.AnswerAsync(context, answer, status));
        await server._app.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, EchoAnswer answer, int status)
    {
        string[] names = ["Authorization", "PRIVATE-TOKEN", "Cookie", "X-Amz-Security-Token"];
        string[] sent = [.. names.SelectMany(n => context.Request.Headers[n])
            .Concat(context.Request.Query["X-Amz-Security-Token"]).OfType<string>()
            .SelectMany(v => (string[])[v, v[(v.IndexOf(' ', StringComparison.Ordinal) + 1)..]])];
        if (sent.Length > 0)
            Interlocked.Increment(ref _secrets);
        string said = string.Join(' ', sent.SelectMany(
            s => (string[])[s, Uri.EscapeDataString(s), Convert.ToBase64String(Encoding.UTF8.GetBytes(s)), Decoded(s)]));
        string escaped = Uri.EscapeDataString(said);
        context.Response.StatusCode = status;
        switch (answer)
        {
            case EchoAnswer.Json:
                await context.Response.WriteAsJsonAsync(
                    new { error = "refused " + said, message = "refused " + said, code = 7, msg = said });
                break;
            case EchoAnswer.Text:
                context.Response.Headers["X-Error-Message"] = said;
                context.Response.Headers.Link = $"<{Url}/next?token={escaped}>; rel=\"next\"";
                await context.Response.WriteAsync("refused " + said);
                break;
            case EchoAnswer.Xml:
                string xml = System.Security.SecurityElement.Escape(said);
                context.Response.ContentType = "application/xml";
                await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{xml}</Code><Message>refused "
                    + $"{xml}</Message><Region>{xml}</Region><RequestId>{xml}</RequestId></Error>");
                break;
            case EchoAnswer.Garbage:
                await context.Response.WriteAsync(said + " {");
                break;
            case EchoAnswer.RedirectElsewhere:
                // Nobody listens on the discard port.
                context.Response.Headers.Location = $"http://127.0.0.1:9/elsewhere?sig={escaped}";
                break;
            case EchoAnswer.RedirectRefused:
                context.Response.Headers.Location = $"ftp://127.0.0.1/elsewhere?sig={escaped}";
                break;
            default:
                context.Response.ContentLength = 100_000;
                await context.Response.WriteAsync(said);
                context.Abort();
                break;
        }
    }

    private static string Decoded(string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length)
            .Replace('\n', ' ') : "";
    }
}
