using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A running samples/ServeModel on a port of its own. It ends with this object.</summary>
internal sealed partial class ServedSample : IAsyncDisposable
{
    // For a machine that runs many tests at once; every wait ends much earlier on a quiet one.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly Task _reading;
    private HttpClient? _client;

    private ServedSample(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>What the program has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts the program, and waits until it listens.</summary>
    /// <param name="temp">Has the cache, <c>cache</c>, and is the working directory and the user's home.</param>
    /// <param name="variables">Further environment variables.</param>
    public static async Task<ServedSample> StartAsync(TempFolder temp, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [SampleTests.ProgramOf("ServeModel"), "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = temp.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(IsOfTheMachine).ToArray())
            start.Environment.Remove(name);
        (string Name, string Value)[] own =
        [
            ("HOME", temp.Path), ("USERPROFILE", temp.Path), ("APPDATA", temp.Path), ("LOCALAPPDATA", temp.Path),
            ("WISEHUB_CACHE", temp["cache"]),
            // A system has few watches of files.
            ("DOTNET_hostBuilder__reloadConfigOnChange", "false"),
        ];
        foreach ((string name, string value) in own.Concat(variables))
            start.Environment[name] = value;
        var sample = new ServedSample(start);
        try
        {
            Task first = await Task.WhenAny(sample._address.Task, sample._reading).WaitAsync(Longest);
            Assert.True(first == sample._address.Task, "The program ended: " + sample.Output);
            sample._client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
            { BaseAddress = await sample._address.Task, Timeout = Longest };
            return sample;
        }
        catch
        {
            await sample.DisposeAsync();
            throw;
        }
    }

    /// <summary>The answer to a GET.</summary>
    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client!.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until the health check says that the model is there.</summary>
    public async Task WaitUntilReadyAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (await GetAsync("health") is var (status, text) && (status, text) != (HttpStatusCode.OK, "Healthy"))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Longest, $"{status} {text}: {Output}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Waits until the program has printed a text.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        for (long start = Stopwatch.GetTimestamp(); !Output.Contains(text, StringComparison.Ordinal);)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Longest, Output);
            await Task.Delay(Pause);
        }
    }

    /// <summary>Asks the program to end, as a container host does, and returns its exit code. Unix only.</summary>
    public async Task<int> StopAsync()
    {
        ProcessResult kill = await ProcessRunner.RunAsync(
            "kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)], Path.GetTempPath());
        Assert.Equal((0, ""), (kill.ExitCode, kill.Error));
        await _process.WaitForExitAsync().WaitAsync(Longest);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Longest);
        await _reading.WaitAsync(Longest);
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            lock (_output)
                _output.Append(line).Append('\n');
            if (Listening().Match(line) is { Success: true } match)
                _address.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    private static bool IsOfTheMachine(string variable) =>
        ((string[])["WISEHUB_", "WISEMODELS", "HF_", "ASPNETCORE_", "XDG_", "LOGGING__"])
            .Any(start => variable.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
