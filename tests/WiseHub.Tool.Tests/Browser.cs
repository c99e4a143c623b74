using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// Chromium without a window, controlled by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TempFolder _profile = new();
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();
    private readonly ConcurrentDictionary<string, BrowserPage> _pages = new();
    private Process? _process;
    private Task? _reading;
    private int _last;

    private Browser()
    {
    }

    public static async Task<Browser> StartAsync()
    {
        var browser = new Browser();
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a page of this width, which loads nothing yet.</summary>
    public async Task<BrowserPage> NewPageAsync(int width, int height, bool dark = false)
    {
        JsonNode made = await SendAsync("Target.createTarget", new() { ["url"] = "about:blank" });
        JsonNode attached = await SendAsync("Target.attachToTarget",
            new() { ["targetId"] = made["targetId"]!.GetValue<string>(), ["flatten"] = true });
        string session = attached["sessionId"]!.GetValue<string>();
        BrowserPage page = _pages[session] = new BrowserPage(this, session);
        foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"])
            await page.SendAsync(domain + ".enable");
        await page.SendAsync("Emulation.setDeviceMetricsOverride",
            new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await page.SendAsync("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new JsonArray(new JsonObject
            { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });
        return page;
    }

    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null, string? session = null)
    {
        int id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[id] = answer;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null)
            message["sessionId"] = session;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, _end.Token);
        }
        finally
        {
            _sending.Release();
        }
        JsonNode answered = await answer.Task.WaitAsync(Patience);
        return answered["error"] is null ? answered["result"]!
            : throw new InvalidOperationException($"{method}: {answered["error"]!.ToJsonString()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _process?.Kill(entireProcessTree: true);
        if (_process is not null)
            await _process.WaitForExitAsync();
        if (_reading is not null)
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process?.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        _end.Dispose();
        _profile.Dispose();
    }

    private async Task ConnectAsync()
    {
        string[] arguments =
        [
            "--headless", "--remote-debugging-port=0", "--user-data-dir=" + _profile.Path, "--no-first-run", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            // Its sandbox refuses to run as root.
            .. Environment.IsPrivilegedProcess ? (string[])["--no-sandbox"] : [],
        ];
        _process = Process.Start(new ProcessStartInfo("chromium", arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        // Read and dropped, so that it never waits for a reader.
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        // The port and the path, once it listens.
        string place = _profile["DevToolsActivePort"];
        string[] lines = [];
        for (var clock = Stopwatch.StartNew(); lines.Length < 2; await Task.Delay(Pause))
        {
            if (clock.Elapsed > Patience || _process.HasExited)
                throw new InvalidOperationException("Chromium does not listen.");
            lines = File.Exists(place) ? await File.ReadAllLinesAsync(place) : [];
        }
        await _socket.ConnectAsync(new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}"), _end.Token);
        _reading = ReadAsync();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (!_end.IsCancellationRequested)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;
            JsonNode node = JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!;
            message.SetLength(0);
            if (node["id"]?.GetValue<int>() is int id && _answers.TryRemove(id, out TaskCompletionSource<JsonNode>? answer))
                answer.SetResult(node);
            else if (node["sessionId"]?.GetValue<string>() is string session
                && _pages.TryGetValue(session, out BrowserPage? page))
                page.Happened(node["method"]!.GetValue<string>(), node["params"]!);
        }
    }
}

/// <summary>A page in a <see cref="Browser"/>.</summary>
internal sealed class BrowserPage(Browser browser, string session)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Everything that the console of the page shows: errors, warnings, violations of its policy.</summary>
    public ConcurrentQueue<string> Console { get; } = new();

    /// <summary>The URLs of all requests.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public Task<JsonNode> SendAsync(string method, JsonObject? parameters = null) =>
        browser.SendAsync(method, parameters, session);

    /// <summary>Loads a URL.</summary>
    public async Task OpenAsync(Uri url)
    {
        _loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync("Page.navigate", new() { ["url"] = url.AbsoluteUri });
        await _loaded.Task.WaitAsync(Patience);
    }

    /// <summary>The value of an expression of JavaScript, as after a click of the user.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        JsonNode result = await SendAsync("Runtime.evaluate", new()
        { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true, ["userGesture"] = true });
        return result["exceptionDetails"] is JsonNode wrong ? throw new InvalidOperationException(wrong.ToJsonString())
            : result["result"]!["value"];
    }

    public async Task<string> TextAsync(string expression) => (await EvaluateAsync(expression))!.ToString();

    /// <summary>Waits until an expression is true.</summary>
    public async Task UntilAsync(string expression)
    {
        for (var clock = Stopwatch.StartNew(); await TextAsync(expression) != "true"; await Task.Delay(Pause))
        {
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"{expression} did not become true.");
        }
    }

    /// <summary>Presses and releases a key.</summary>
    public async Task PressAsync(string key, string? text = null)
    {
        // Chromium moves the focus by the number of the key, not by its name.
        int code = key switch { "Tab" => 9, "Escape" => 27, "Enter" => 13, _ => 0 };
        var down = new JsonObject { ["type"] = "keyDown", ["key"] = key, ["windowsVirtualKeyCode"] = code };
        if (text is not null)
            down["text"] = text;
        await SendAsync("Input.dispatchKeyEvent", down);
        await SendAsync("Input.dispatchKeyEvent",
            new() { ["type"] = "keyUp", ["key"] = key, ["windowsVirtualKeyCode"] = code });
    }

    /// <summary>Types a text into what has the focus.</summary>
    public Task TypeAsync(string text) => SendAsync("Input.insertText", new() { ["text"] = text });

    /// <summary>The whole page as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync() => Convert.FromBase64String((await SendAsync("Page.captureScreenshot",
        new() { ["format"] = "png", ["captureBeyondViewport"] = true }))["data"]!.GetValue<string>());

    public void Happened(string name, JsonNode details)
    {
        switch (name)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Network.requestWillBeSent":
                Requests.Enqueue(details["request"]!["url"]!.GetValue<string>());
                break;
            case "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded" or "Network.loadingFailed":
                Console.Enqueue($"{name}: {details.ToJsonString()}");
                break;
        }
    }
}
