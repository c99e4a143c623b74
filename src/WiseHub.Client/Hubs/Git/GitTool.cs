using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A program that ended with an error, and what it printed.</summary>
internal sealed class GitFailure(string said, IReadOnlyList<string>? lines = null) : Exception(said)
{
    /// <summary>Each line that it printed, without secrets and control characters.</summary>
    public IReadOnlyList<string> Lines { get; } = lines ?? [];
}

/// <summary>What a run of git gets besides its arguments.</summary>
internal sealed record GitRun
{
    /// <summary>The remote repo that git talks to; null where it talks to none.</summary>
    public string? Url { get; init; }

    /// <summary>Goes to git by its environment, for <see cref="Url"/> alone.</summary>
    public Credential? Credential { get; init; }

    /// <summary>Its standard input.</summary>
    public byte[] Input { get; init; } = [];

    /// <summary>Variables.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];
}

/// <summary>
/// The <c>git</c> (and <c>ssh</c>) of this machine, as processes: no shell, no prompt, no hooks, no protocol but https, http and
/// ssh, and no secret among the arguments. The user's own configuration applies (proxies, certificates, credential helpers).
/// </summary>
internal sealed class GitTool(Func<string, string?> environment)
{
    // The first with GIT_CONFIG_COUNT, by which a header gets to git without standing in a list of processes.
    private static readonly Version Oldest = new(2, 31);

    // What the user says of certificates, proxies and ssh; every other GIT_ variable belongs to a repository that is not ours,
    // for example when a build runs in a git hook.
    private static readonly string[] Kept =
    [
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSL_CERT",
        "GIT_SSL_KEY", "GIT_PROXY_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH",
        // libcurl reads these itself; it ignores HTTP_PROXY in upper case.
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ];

    // Where OpenSSL, and so .NET, also looks when SSL_CERT_FILE names a file.
    private const string SystemCertificates = "/etc/ssl/certs";

    private static readonly string[] Safe =
    [
        "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never",
        "-c", "protocol.https.allow=always", "-c", "protocol.http.allow=always", "-c", "protocol.ssh.allow=always",
        "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "advice.detachedHead=false",
    ];

    // What git starts is of many hands: helpers, proxies, filters. Tokens of ours are none of their business.
    private static bool IsToken(string variable) => variable.StartsWith("WISEHUB_TOKEN_", StringComparison.OrdinalIgnoreCase)
        || variable.Equals("HF_TOKEN", StringComparison.OrdinalIgnoreCase)
        || variable.Equals("HUGGING_FACE_HUB_TOKEN", StringComparison.OrdinalIgnoreCase);

    private volatile bool _checked;

    private readonly Lazy<string?> _git = new(() => Programs.Find("git", environment));

    /// <summary>The <c>ssh</c> command with its options, as git would run it.</summary>
    public IReadOnlyList<string> Ssh => Words(environment("GIT_SSH_COMMAND") is { Length: > 0 } command ? command
        : environment("GIT_SSH") is { Length: > 0 } program ? $"'{program}'" : DefaultSsh);

    // No request, because nobody may be there to answer it; and no endless wait for a host that is gone.
    private const string DefaultSsh =
        "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=2";

    /// <param name="cancel">Ends the look.</param>
    /// <param name="what">What runs it.</param>
    /// <param name="otherwise">What can be done without.</param>
    /// <exception cref="HubException">WISE1026: there is no git, or an old one.</exception>
    public async Task CheckAsync(CancellationToken cancel, string what = "the git transport",
        string otherwise = ", or use a hub with \"transport\": \"https\"")
    {
        if (_checked)
            return;
        string git = _git.Value ?? throw Missing("There is no git on this machine", null);
        try
        {
            string text = Encoding.UTF8.GetString(await RunAsync(git, ["--version"], new GitRun(), cancel).ConfigureAwait(false));
            string number = new([.. text.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
            if (!Version.TryParse(number.Trim('.'), out Version? version) || version < Oldest)
                throw new HubException(WiseCodes.GitMissing, $"The git on this machine is too old: '{text.Trim()}'; "
                    + $"{what} needs {Oldest} or later. Update it{otherwise}.");
            _checked = true;
        }
        catch (Win32Exception e)
        {
            throw Missing($"{git} cannot be started ({e.Message})", e);
        }

        HubException Missing(string problem, Exception? cause) => new(WiseCodes.GitMissing,
            $"{problem}, and {what} runs it. Install git {Oldest} or later{otherwise}. {Programs.Searched}.", cause);
    }

    /// <summary>Runs git to its end.</summary>
    /// <param name="arguments">One by one.</param>
    /// <param name="run">What it gets besides.</param>
    /// <param name="cancel">Ends git and what it started.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="GitFailure">It ended with an error.</exception>
    public async Task<string> GitAsync(IEnumerable<string> arguments, GitRun run, CancellationToken cancel) =>
        Encoding.UTF8.GetString(await GitBytesAsync(arguments, run, cancel).ConfigureAwait(false));

    /// <summary>Runs git to its end, without a remote repo.</summary>
    /// <inheritdoc cref="GitAsync(IEnumerable{string}, GitRun, CancellationToken)"/>
    public Task<string> GitAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        GitAsync(arguments, new GitRun(), cancel);

    /// <summary>Runs git to its end; what it printed, as it is: file names need not be UTF-8.</summary>
    /// <inheritdoc cref="GitAsync(IEnumerable{string}, GitRun, CancellationToken)"/>
    public async Task<byte[]> GitBytesAsync(IEnumerable<string> arguments, GitRun run, CancellationToken cancel)
    {
        if (run.Url is string url && url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            run = run with { Environment = [.. await TrustAsync(url, cancel).ConfigureAwait(false), .. run.Environment] };
        return await RunAsync(Found(), [.. Safe, .. arguments], run, cancel).ConfigureAwait(false);
    }

    /// <summary>Runs ssh to its end.</summary>
    /// <exception cref="GitFailure">It ended with an error.</exception>
    /// <exception cref="HubException">WISE1026: there is no ssh.</exception>
    public async Task<string> SshAsync(IEnumerable<string> arguments, CancellationToken cancel)
    {
        if (Programs.Find(Ssh[0], environment) is not string program)
        {
            throw new HubException(WiseCodes.GitMissing,
                $"There is no program '{Ssh[0]}' on this machine. Install an ssh client, or correct "
                + $"GIT_SSH_COMMAND. {Programs.Searched}.");
        }
        try
        {
            return Encoding.UTF8.GetString(await RunAsync(program,
                [.. Ssh.Skip(1), .. arguments], new GitRun(), cancel).ConfigureAwait(false));
        }
        catch (Win32Exception e)
        {
            throw new HubException(WiseCodes.GitMissing,
                $"'{program}' cannot be run ({e.Message}). Install an ssh client, or correct GIT_SSH_COMMAND.", e);
        }
    }

    /// <summary>Starts git, whose input and output the caller uses.</summary>
    public Process Start(IEnumerable<string> arguments) =>
        Process.Start(Describe(Found(), [.. Safe, .. arguments], new GitRun()))!;

    private string Found() => _git.Value ?? throw new HubException(WiseCodes.GitMissing,
        $"There is no git on this machine. Install git {Oldest} or later. {Programs.Searched}.");

    private async Task<byte[]> RunAsync(string program, IEnumerable<string> arguments, GitRun run, CancellationToken cancel)
    {
        ProcessStartInfo start = Describe(program, arguments, run);
        using Process process = Process.Start(start)!;
        try
        {
            using var output = new MemoryStream();
            Task copied = process.StandardOutput.BaseStream.CopyToAsync(output, cancel);
            Task<string> error = process.StandardError.ReadToEndAsync(cancel);
            await GiveAsync(process, run.Input, cancel).ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            string said = await error.ConfigureAwait(false);
            await copied.ConfigureAwait(false);
            return process.ExitCode == 0 ? output.ToArray() : throw Failure(run.Credential?.Hide(said) ?? said, process.ExitCode);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task GiveAsync(Process process, byte[] input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, cancel).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code and what it printed say why.
        }
    }

    /// <summary>What a process is started with.</summary>
    /// <param name="program">An absolute path.</param>
    /// <param name="arguments">One by one.</param>
    /// <param name="run">What it gets besides.</param>
    internal ProcessStartInfo Describe(string program, IEnumerable<string> arguments, GitRun run)
    {
        ProcessStartInfo start = Programs.DescribeRedirected(program, arguments, environment);
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("GIT_", StringComparison.OrdinalIgnoreCase)
            || IsToken(k)).ToArray())
            start.Environment.Remove(name);
        foreach (string name in Kept)
        {
            if (environment(name) is { Length: > 0 } value)
                start.Environment[name] = value;
        }
        UserFolders.Pass(environment, start.Environment);
        start.Environment.TryAdd("GIT_SSH_COMMAND", environment("GIT_SSH") is { Length: > 0 } ? null : DefaultSsh);
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        // An empty program is asked nothing, also where SSH_ASKPASS or core.askPass name one.
        start.Environment["GIT_ASKPASS"] = "";
        start.Environment["SSH_ASKPASS_REQUIRE"] = "never";
        start.Environment["GIT_LFS_SKIP_SMUDGE"] = "1";
        // Its messages are looked at.
        start.Environment["LC_ALL"] = "C";
        if (run is { Url: string url, Credential: Credential credential })
            AddHeaders(start, url, credential);
        foreach ((string name, string value) in run.Environment)
            start.Environment[name] = value;
        return start;
    }

    // Git sends every header that its configuration lists for an address, so that a user's own Authorization would stand beside
    // ours. An empty value begins the list anew. Only the settings of the most specific address count, and no other can be more
    // specific than that of the repo itself (https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpextraHeader).
    private static void AddHeaders(ProcessStartInfo start, string url, Credential credential)
    {
        using var message = new HttpRequestMessage();
        credential.AddTo(message.Headers);
        string[] headers = ["", .. message.Headers.NonValidated.SelectMany(h => h.Value.Select(v => $"{h.Key}: {v}"))];
        for (int i = 0; i < headers.Length; i++)
        {
            start.Environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{i}")] = $"http.{url}.extraHeader";
            start.Environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{i}")] = headers[i];
        }
        start.Environment["GIT_CONFIG_COUNT"] = headers.Length.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The certificates that SSL_CERT_FILE and SSL_CERT_DIR name, as git wants to be told: .NET trusts them, and libcurl does not
    /// look at these variables. What the user says to git itself, by variables or by configuration, stays as it is.
    /// </summary>
    private async Task<IReadOnlyList<KeyValuePair<string, string>>> TrustAsync(string url, CancellationToken cancel)
    {
        // A path that does not exist ends git, while .NET passes over it.
        string? file = environment("SSL_CERT_FILE") is { Length: > 0 } f && File.Exists(f) ? Path.GetFullPath(f) : null;
        string? folder = environment("SSL_CERT_DIR") is { Length: > 0 } d && Directory.Exists(d) ? Path.GetFullPath(d) : null;
        if ((file ?? folder) is null || environment("GIT_SSL_CAINFO") is { Length: > 0 }
            || environment("GIT_SSL_CAPATH") is { Length: > 0 })
            return [];
        try
        {
            byte[] own = await RunAsync(Found(),
                [.. Safe, "config", "--get-urlmatch", "http", url], new GitRun(), cancel).ConfigureAwait(false);
            if (Encoding.UTF8.GetString(own).Split('\n').Any(l => l.StartsWith("http.sslcainfo ", StringComparison.Ordinal)
                || l.StartsWith("http.sslcapath ", StringComparison.Ordinal)))
                return [];
        }
        catch (GitFailure)
        {
            // It has no setting that begins with http; a configuration that cannot be read stops the next command,
            // too, which says so.
        }
        folder ??= Directory.Exists(SystemCertificates) ? SystemCertificates : null;
        var trusted = new List<KeyValuePair<string, string>>();
        if (file is not null)
            trusted.Add(KeyValuePair.Create("GIT_SSL_CAINFO", file));
        if (folder is not null)
            trusted.Add(KeyValuePair.Create("GIT_SSL_CAPATH", folder));
        return trusted;
    }

    // The last lines say what is wrong; those of a server ("remote: …") are among them.
    private static GitFailure Failure(string said, int exitCode)
    {
        string[] lines = [.. said.Split('\n', '\r').Select(l => string.Concat(l.Where(c => !char.IsControl(c))).Trim())
            .Where(l => l.Length > 0)];
        string text = string.Join(" ", lines.TakeLast(5));
        return new GitFailure(text.Length == 0 ? $"exit code {exitCode}" : text.Length > 400 ? text[..400] + "…" : text, lines);
    }

    /// <summary>The words of a command, as a shell splits them: white space, single and double quotes.</summary>
    private static List<string> Words(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool isOne = false;
        foreach (char c in command)
        {
            if (quote != '\0' ? c == quote : c is '\'' or '"')
                (quote, isOne) = (quote != '\0' ? '\0' : c, true);
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (isOne)
                    words.Add(word.ToString());
                word.Clear();
                isOne = false;
            }
            else
            {
                word.Append(c);
                isOne = true;
            }
        }
        if (isOne)
            words.Add(word.ToString());
        return words;
    }
}
