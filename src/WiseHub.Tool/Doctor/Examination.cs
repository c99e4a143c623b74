using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using WiseHub.Client;
using WiseHub.Client.Files;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool.Doctor;

/// <summary>All checks of <c>wisehub doctor</c>. They change nothing; a file for a test of links is removed at once.</summary>
/// <param name="lockFile">The lock file; null for the one in the working directory, if there is one.</param>
/// <param name="offline">Open no socket.</param>
internal sealed class Examination(string? lockFile, bool offline)
{
    // A hub that needs longer for one response is of no use in a build.
    private static readonly TimeSpan HubTimeout = TimeSpan.FromSeconds(5);

    // Buckets refuse signed requests from 15 minutes on; a third of it leaves time to act.
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    // Less than one usual model.
    private const long LeastSpace = 2_000_000_000;

    private static readonly string[] ProxyVariables =
        ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

    private readonly List<Check> _checks = [];

    public async Task<IReadOnlyList<Check>> RunAsync(CancellationToken cancel)
    {
        Ok("wisehub", DoctorMessages.Tool(ToolMessages.Version, isNative: !RuntimeFeature.IsDynamicCodeSupported,
            RuntimeInformation.RuntimeIdentifier, RuntimeInformation.FrameworkDescription));
        await CheckSdkAsync(cancel).ConfigureAwait(false);
        HubClient client;
        try
        {
            client = new HubClient(CommandRun.InFolder(null) with { Offline = offline });
        }
        catch (HubException e)
        {
            Add("configuration", CheckResult.Fail, $"{e.Code}: {e.Message}");
            CheckProxies();
            return _checks;
        }
        using (client)
        {
            CheckCache(client.Cache.Root);
            Ok("configuration", DoctorMessages.Configuration(client.Config.File, client.Config.UserFile, client.DefaultHub));
            LockFile? locked = ReadLock();
            await CheckHubsAsync(client, locked, cancel).ConfigureAwait(false);
            CheckProxies();
            CheckHomes(client.Config, locked);
        }
        return _checks;
    }

    private void Ok(string name, string message) => Add(name, CheckResult.Ok, message);

    private void Add(string name, CheckResult result, string message, string? remedy = null) =>
        _checks.Add(new Check(name, result, message, remedy));

    // Without an SDK only the commands that build need it.
    private async Task CheckSdkAsync(CancellationToken cancel)
    {
        const string Name = ".NET SDK";
        try
        {
            string dotnet = BuildCommand.FindDotnet();
            ProcessStartInfo start = Programs.Describe(dotnet, ["--version"]);
            start.CreateNoWindow = true;
            start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(cancel);
            string version = (await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false)).Trim();
            await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            bool isEnough = process.ExitCode == 0 && Version.TryParse(version.Split('-')[0], out Version? found)
                && found >= new Version(10, 0, 100);
            Add(Name, isEnough ? CheckResult.Ok : CheckResult.Warn,
                process.ExitCode == 0 ? $"{version} ({dotnet})" : DoctorMessages.NoSdk(dotnet),
                isEnough ? null : DoctorMessages.InstallSdk);
        }
        catch (HubException e)
        {
            Add(Name, CheckResult.Warn, $"{e.Code}: {e.Message}", DoctorMessages.InstallSdk);
        }
        catch (Win32Exception e)
        {
            Add(Name, CheckResult.Warn, e.Message, DoctorMessages.InstallSdk);
        }
    }

    private void CheckCache(string root)
    {
        string origin = Environment.GetEnvironmentVariable("WISEHUB_CACHE") is { Length: > 0 } ? "WISEHUB_CACHE" : "default";
        string folder = root;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is string parent)
            folder = parent;
        string place = folder == root ? $"{root} ({origin})" : DoctorMessages.CacheNotThere(root, origin);
        try
        {
            // On the disk of the cache, which decides about links.
            string probe = Directory.CreateDirectory(Path.Combine(folder, $".wisehub-doctor-{Guid.NewGuid():N}")).FullName;
            try
            {
                Ok("cache", place);
                CheckLinks(probe);
            }
            finally
            {
                Directory.Delete(probe, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add("cache", CheckResult.Fail, $"{place}: {e.Message}", DoctorMessages.MoveCache);
        }
        CheckSpace(folder);
    }

    private void CheckSpace(string folder)
    {
        try
        {
            long free = new DriveInfo(folder).AvailableFreeSpace;
            Add("disk space", free < LeastSpace ? CheckResult.Warn : CheckResult.Ok, DoctorMessages.Free(free, folder),
                free < LeastSpace ? DoctorMessages.MakeSpace : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Add("disk space", CheckResult.Warn, e.Message);
        }
    }

    // As a build places the files of the cache.
    private void CheckLinks(string folder)
    {
        string file = Path.Combine(folder, "blob");
        File.WriteAllText(file, "wisehub");
        bool Can(LinkMode mode)
        {
            var placer = new FilePlacer();
            placer.Place(file, Path.Combine(folder, $"{mode}"), mode);
            return placer.Placed.ContainsKey(mode);
        }
        bool clone = Can(LinkMode.Clone), hard = Can(LinkMode.Hardlink), symbolic = Can(LinkMode.Symlink);
        Add("links", clone || hard ? CheckResult.Ok : CheckResult.Warn, DoctorMessages.Links(clone, hard, symbolic),
            clone || hard ? null : DoctorMessages.NoLinks);
    }

    private LockFile? ReadLock()
    {
        string path = Path.GetFullPath(lockFile ?? LockFile.FileName);
        try
        {
            if (LockFile.Read(path) is LockFile locked)
            {
                Ok("lock file", DoctorMessages.LockFile(path, locked.Entries.Count));
                return locked;
            }
            if (lockFile is not null)
                Add("lock file", CheckResult.Fail, DoctorMessages.NoLockFile(path));
        }
        catch (HubException e)
        {
            Add("lock file", CheckResult.Fail, $"{e.Code}: {e.Message}");
        }
        return null;
    }

    private static string[] HubsOf(LockEntry entry) => entry.Key.Hub.Split(';');

    private async Task CheckHubsAsync(HubClient client, LockFile? locked, CancellationToken cancel)
    {
        HubDefinition[] hubs = [.. client.Config.Hubs.Values.OrderBy(h => h.Name, StringComparer.Ordinal)];
        Check[][] found = await Task.WhenAll(hubs.Select(h => CheckHubAsync(client, h, IsNeeded(client, h, locked), cancel)))
            .ConfigureAwait(false);
        _checks.AddRange(found.SelectMany(c => c));
    }

    // A built-in hub that neither the configuration nor the lock file names may be out of reach.
    private static bool IsNeeded(HubClient client, HubDefinition hub, LockFile? locked)
    {
        bool IsIt(string name) => name.Equals(hub.Name, StringComparison.OrdinalIgnoreCase);
        return IsIt(client.DefaultHub) || !client.Config.IsBuiltIn(hub.Name) || client.Config.Mirrors.Any(m => IsIt(m.Hub))
            || locked?.Entries.Any(e => HubsOf(e).Any(IsIt)) == true;
    }

    private async Task<Check[]> CheckHubAsync(HubClient client, HubDefinition hub, bool isNeeded, CancellationToken cancel)
    {
        string name = $"hub {hub.Name}", source = client.Config.SourceOf(hub.Name);
        CheckResult bad = isNeeded ? CheckResult.Fail : CheckResult.Warn;
        if (hub.Endpoint is not Uri endpoint)
        {
            bool exists = hub.Path is null || Directory.Exists(hub.Path);
            return [new Check(name, exists ? CheckResult.Ok : bad, DoctorMessages.Folder(hub.Path, source, exists),
                exists ? null : DoctorMessages.MakeFolder)];
        }
        string place = DoctorMessages.Place(endpoint, source);
        var checks = new List<Check>();
        try
        {
            if (offline)
            {
                checks.Add(new Check(name, CheckResult.Ok, DoctorMessages.NotAsked(place)));
            }
            else
            {
                HubProbe probe = await client.ProbeAsync(hub.Name, HubTimeout, cancel).ConfigureAwait(false);
                bool isSkewed = probe.ClockSkew is TimeSpan skew && skew.Duration() > MostSkew;
                checks.Add(new Check(name, probe.Status >= 500 ? bad : CheckResult.Ok, DoctorMessages.Answered(place, probe)));
                if (isSkewed)
                    checks.Add(new Check($"clock, {hub.Name}", CheckResult.Warn, DoctorMessages.Skew(probe.ClockSkew!.Value),
                        DoctorMessages.SetClock));
            }
        }
        catch (HubException e)
        {
            checks.Add(new Check(name, bad, $"{place}: {e.Code}: {e.Message}"));
        }
        checks.Add(TokenOf(client, hub));
        return [.. checks];
    }

    private static Check TokenOf(HubClient client, HubDefinition hub)
    {
        string name = $"token, {hub.Name}";
        try
        {
            return new Check(name, CheckResult.Ok, DoctorMessages.Token(client.Accounts.FindTokenSource(hub.Name),
                client.Accounts.GetTokenVariable(hub.Name)));
        }
        catch (HubException e)
        {
            return new Check(name, CheckResult.Fail, $"{e.Code}: {e.Message}");
        }
    }

    private void CheckProxies()
    {
        foreach (string variable in ProxyVariables.Distinct(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase
            : StringComparer.Ordinal))
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
                Ok("proxy", DoctorMessages.Proxy(variable, value));
        }
    }

    // What one hub alone has is lost with it.
    private void CheckHomes(HubConfig config, LockFile? locked)
    {
        if (locked is null || locked.Entries.Count == 0)
            return;
        var alone = locked.Entries.Select(e => (Entry: e, Hubs: HubsOf(e)))
            .Where(e => e.Hubs is [string only]
                && !config.Mirrors.Any(m => !m.Hub.Equals(only, StringComparison.OrdinalIgnoreCase)))
            .GroupBy(e => e.Hubs[0], StringComparer.OrdinalIgnoreCase).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        foreach (var hub in alone)
            Add("single-homed", CheckResult.Warn, DoctorMessages.SingleHomed(hub.Key,
                [.. hub.Select(e => e.Entry.Key.RepoId).Distinct(StringComparer.Ordinal)]), DoctorMessages.AddMirror);
        if (alone.Length == 0)
            Ok("single-homed", DoctorMessages.AllHaveTwo);
    }
}
