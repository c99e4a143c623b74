using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using WiseHub.Client;

namespace WiseHub.Extensions.Hosting;

/// <summary>Fetches the models of a host, and tells how far they are.</summary>
internal sealed class WiseModelsService : IHostedService, IWiseModels, IDisposable
{
    private const string Section = "WiseModels";

    private readonly Item[] _items;
    private readonly WiseModelsOptions _options;
    private readonly IConfiguration? _configuration;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private int _isDisposed;

    public WiseModelsService(IEnumerable<RunTimeModel> models, IOptions<WiseModelsOptions> options,
        ILogger<WiseModelsService>? log, IConfiguration? configuration, TimeProvider? time)
    {
        (_options, _configuration, _time) = (options.Value, configuration, time ?? TimeProvider.System);
        _log = log ?? NullLogger<WiseModelsService>.Instance;
        if (_options.FirstPause <= TimeSpan.Zero || _options.LongestPause < _options.FirstPause)
            throw new InvalidOperationException(HostingMessages.NoPause);
        var items = new Dictionary<string, Item>(StringComparer.OrdinalIgnoreCase);
        foreach (RunTimeModel model in models)
        {
            // Two libraries of a program may add the same model.
            if (items.TryGetValue(model.Alias, out Item? known) && known.Model.ManifestSha256 != model.ManifestSha256)
                throw new InvalidOperationException(HostingMessages.TwoModels(model.Alias));
            items.TryAdd(model.Alias, new Item(model));
        }
        _items = [.. items.Values];
    }

    public IReadOnlyList<WiseModelState> States => [.. _items.Select(i => i.State)];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        bool waits = Flag("WaitForModels") ?? _options.WaitForModels;
        foreach (Item item in _items)
            Begin(item, triesAgain: !waits);
        if (waits)
            await Task.WhenAll(_items.Select(i => i.Directory.Task)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (Item item in _items)
        {
            item.Directory.TrySetCanceled(_stopping.Token);
            // A fetch ends when it is cancelled, and keeps what it has.
            if (item.Work is Task work)
                await work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task<string> GetAsync(string model, CancellationToken cancel = default)
    {
        Item item = Array.Find(_items, i => i.Model.Alias.Equals(model, StringComparison.OrdinalIgnoreCase))
            ?? throw HostingMessages.UnknownModel(model, _items.Select(i => i.Model.Alias));
        // Also for programs that ask before the host has started.
        Begin(item, triesAgain: true);
        return item.Directory.Task.WaitAsync(cancel);
    }

    public Task<string> GetAsync(RunTimeModel model, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return GetAsync(model.Alias, cancel);
    }

    // The container disposes it once for each service that it is.
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Begin(Item item, bool triesAgain)
    {
        lock (item)
            item.Work ??= Task.Run(() => FetchAsync(item, triesAgain, _stopping.Token));
    }

    private async Task FetchAsync(Item item, bool triesAgain, CancellationToken stopping)
    {
        TimeSpan pause = _options.FirstPause;
        while (true)
        {
            try
            {
                item.State = item.State with { Phase = WiseModelPhase.Fetching };
                string directory = await item.Model.EnsureAsync(item, OptionsOf(item.Model), stopping).ConfigureAwait(false);
                item.State = item.State with { Phase = WiseModelPhase.Ready, Directory = directory, Failure = null };
                HostLog.Ready(_log, item.Model.Alias, directory);
                item.Directory.TrySetResult(directory);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                item.Directory.TrySetCanceled(stopping);
                return;
            }
            // Whatever it is: the host goes on, its health check tells, and the log has it.
            catch (Exception e)
            {
                item.State = item.State with { Phase = WiseModelPhase.Failed, Failure = e };
                if (!triesAgain)
                {
                    HostLog.Failed(_log, item.Model.Alias, item.State.Code, e.Message);
                    item.Directory.TrySetException(e);
                    return;
                }
                TimeSpan rest = pause * (1 + (Random.Shared.NextDouble() / 5));
                HostLog.TriesAgain(_log, item.Model.Alias, item.State.Code, e.Message, rest.TotalSeconds);
                await Task.Delay(rest, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < _options.LongestPause ? pause * 2 : _options.LongestPause;
            }
        }
    }

    // Read for each try: an operator may correct the configuration of a running host.
    private RunTimeOptions OptionsOf(RunTimeModel model)
    {
        RunTimeOptions fetch = _options.Fetch;
        return fetch with
        {
            Offline = Flag("Offline") ?? fetch.Offline,
            CacheDirectory = Text("CacheDirectory") ?? fetch.CacheDirectory,
            ConfigFile = Text("ConfigFile") ?? fetch.ConfigFile,
            Folder = Text(model.Alias + ":Path") ?? fetch.Folder,
            Log = fetch.Log ?? new LoggerLog(_log),
        };
    }

    private string? Text(string key) => _configuration?[$"{Section}:{key}"] is { Length: > 0 } text ? text : null;

    private bool? Flag(string key) => Text(key) is not string text ? null
        : bool.TryParse(text, out bool flag) ? flag : throw HostingMessages.NotABoolean($"{Section}:{key}", text);

    /// <summary>A model, its state, and the wait for it.</summary>
    private sealed class Item(RunTimeModel model) : IProgress<TransferProgress>
    {
        private volatile WiseModelState _state = new(model.Alias, WiseModelPhase.Waiting, default, null, null);

        public RunTimeModel Model { get; } = model;

        public TaskCompletionSource<string> Directory { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task? Work { get; set; }

        public WiseModelState State
        {
            get => _state;
            set => _state = value;
        }

        public void Report(TransferProgress value) => State = State with { Progress = value };
    }

    /// <summary>Passes the messages of the library to a logger.</summary>
    private sealed class LoggerLog(ILogger log) : IHubLog
    {
        public void Info(string message) => HostLog.Info(log, message);

        public void Detail(string message) => HostLog.Detail(log, message);

        public void Warning(string code, string message, RepoReference? reference = null) => HostLog.Warning(log, code, message);

        public void Progress(TransferProgress progress)
        {
            // The state has it.
        }
    }
}
