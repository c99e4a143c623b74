using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A program ended with an error; the message is the end of its output.</summary>
internal sealed class GitFailure(string said, IReadOnlyList<string>? lines = null) : Exception(said)
{
    /// <summary>The lines of its output, without secrets and control characters.</summary>
    public IReadOnlyList<string> Lines { get; } = lines ?? [];
}

/// <summary>The inputs of a git process besides its arguments.</summary>
internal sealed record GitRun
{
    /// <summary>The remote repo; null for a local command.</summary>
    public string? Url { get; init; }

    /// <summary>Passed to git in its environment, for <see cref="Url"/> only.</summary>
    public Credential? Credential { get; init; }

    /// <summary>Standard input.</summary>
    public byte[] Input { get; init; } = [];

    /// <summary>Environment variables.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];
}

/// <summary>
/// Runs the <c>git</c> (and <c>ssh</c>) of this machine: without shell, prompt and hooks, with no protocol but https, http and
/// ssh, and without secrets in the arguments. The user's configuration applies (proxies, certificates, credential helpers).
/// </summary>
internal sealed class GitTool(Func<string, string?> environment)
{
    // The first with GIT_CONFIG_COUNT, which passes a header to git without showing it in the list of processes.
    private static readonly Version Oldest = new(2, 31);

    // The user's settings of certificates, proxies and ssh. Every other GIT_ variable belongs to another repository, for example
    // if a build runs in a git hook.
    private static readonly string[] Kept =
    [
        "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_SSL_CERT",
        "GIT_SSL_KEY", "GIT_PROXY_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH",
        // libcurl reads these itself; it ignores HTTP_PROXY in upper case.
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ];

    // OpenSSL, and so .NET, also uses this folder if SSL_CERT_FILE is set.
    private const string SystemCertificates = "/etc/ssl/certs";

    private static readonly string[] Safe =
    [
        "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never",
        "-c", "protocol.https.allow=always", "-c", "protocol.http.allow=always", "-c", "protocol.ssh.allow=always",
        "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "advice.detachedHead=false",
    ];

    // git starts helpers, proxies and filters of other vendors, which must not see our tokens.
    private static bool IsToken(string variable) => variable.StartsWith("WISEHUB_TOKEN_", StringComparison.OrdinalIgnoreCase)
        || variable.Equals("HF_TOKEN", StringComparison.OrdinalIgnoreCase)
        || variable.Equals("HUGGING_FACE_HUB_TOKEN", StringComparison.OrdinalIgnoreCase);

    private volatile bool _checked;

    private readonly Lazy<string?> _git = new(() => Programs.Find("git", environment));

    /// <summary>The <c>ssh</c> command with its options, as git would run it.</summary>
    public IReadOnlyList<string> Ssh => Words(environment("GIT_SSH_COMMAND") is { Length: > 0 } command ? command
        : environment("GIT_SSH") is { Length: > 0 } program ? $"'{program}'" : DefaultSsh);

    // No prompt, because a build may be unattended, and no endless wait for a dead host.
    private const string DefaultSsh =
        "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=2";

    /// <param name="cancel">Cancels the check.</param>
    /// <param name="work">The work that needs git, for messages; null for that of the git transport.</param>
    /// <param name="otherwise">Another way to do it, for messages; null for that of the git transport.</param>
    /// <exception cref="HubException">WISE1026: git is missing or too old.</exception>
    public async Task CheckAsync(CancellationToken cancel, string? work = null, string? otherwise = null)
    {
        if (_checked)
            return;
        work ??= (Text)$"the git transport";
        otherwise ??= (Text)$", or use a hub with \"transport\": \"https\"";
        string git = _git.Value ?? throw GitMessages.GitMissing(work, Oldest, otherwise, Programs.Searched);
        try
        {
            string text = Encoding.UTF8.GetString(await RunAsync(git, ["--version"], new GitRun(), cancel).ConfigureAwait(false));
            string number = new([.. text.SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]);
            if (!Version.TryParse(number.Trim('.'), out Version? version) || version < Oldest)
                throw GitMessages.GitTooOld(text.Trim(), work, Oldest, otherwise);
            _checked = true;
        }
        catch (Win32Exception e)
        {
            throw GitMessages.GitNotRunnable(git, work, Oldest, otherwise, Programs.Searched, e);
        }
    }

    /// <summary>Runs git to its end.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="run">Its other inputs.</param>
    /// <param name="cancel">Ends git and its child processes.</param>
    /// <returns>Its output.</returns>
    /// <exception cref="GitFailure">git ended with an error.</exception>
    public async Task<string> GitAsync(IEnumerable<string> arguments, GitRun run, CancellationToken cancel) =>
        Encoding.UTF8.GetString(await GitBytesAsync(arguments, run, cancel).ConfigureAwait(false));

    /// <summary>Runs git to its end, without a remote repo.</summary>
    /// <inheritdoc cref="GitAsync(IEnumerable{string}, GitRun, CancellationToken)"/>
    public Task<string> GitAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        GitAsync(arguments, new GitRun(), cancel);

    /// <summary>Runs git to its end. Its output is raw bytes, because file names need not be UTF-8.</summary>
    /// <inheritdoc cref="GitAsync(IEnumerable{string}, GitRun, CancellationToken)"/>
    public async Task<byte[]> GitBytesAsync(IEnumerable<string> arguments, GitRun run, CancellationToken cancel)
    {
        if (run.Url is string url && url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            run = run with { Environment = [.. await TrustAsync(url, cancel).ConfigureAwait(false), .. run.Environment] };
        return await RunAsync(Found(), [.. Safe, .. arguments], run, cancel).ConfigureAwait(false);
    }

    /// <summary>Runs ssh to its end.</summary>
    /// <exception cref="GitFailure">ssh ended with an error.</exception>
    /// <exception cref="HubException">WISE1026: ssh is missing.</exception>
    public async Task<string> SshAsync(IEnumerable<string> arguments, CancellationToken cancel)
    {
        if (Programs.Find(Ssh[0], environment) is not string program)
            throw GitMessages.SshMissing(Ssh[0], Programs.Searched);
        try
        {
            return Encoding.UTF8.GetString(await RunAsync(program,
                [.. Ssh.Skip(1), .. arguments], new GitRun(), cancel).ConfigureAwait(false));
        }
        catch (Win32Exception e)
        {
            throw GitMessages.SshNotRunnable(program, e);
        }
    }

    /// <summary>Starts git; the caller uses its input and output.</summary>
    public Process Start(IEnumerable<string> arguments) =>
        Process.Start(Describe(Found(), [.. Safe, .. arguments], new GitRun()))!;

    private string Found() => _git.Value ?? throw GitMessages.GitNotFound(Oldest, Programs.Searched);

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
            // The process ended without reading; its exit code and output give the reason.
        }
    }

    /// <summary>The start information of a process.</summary>
    /// <param name="program">An absolute path.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="run">Its other inputs.</param>
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
        // Set but empty: otherwise git would use SSH_ASKPASS or core.askPass.
        start.Environment["GIT_ASKPASS"] = "";
        start.Environment["SSH_ASKPASS_REQUIRE"] = "never";
        start.Environment["GIT_LFS_SKIP_SMUDGE"] = "1";
        // The messages are parsed, so they must be in English.
        start.Environment["LC_ALL"] = "C";
        if (run is { Url: string url, Credential: Credential credential })
            AddHeaders(start, url, credential);
        foreach ((string name, string value) in run.Environment)
            start.Environment[name] = value;
        return start;
    }

    // Git sends every header that its configuration lists for a URL, so a user's own Authorization would be sent beside ours. An
    // empty value clears the list. Only the settings of the most specific URL count, and none is more specific than that of the
    // repo itself (https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpextraHeader).
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
    /// The certificates of SSL_CERT_FILE and SSL_CERT_DIR, in git's own variables: .NET trusts them, but libcurl ignores these
    /// two. The user's settings for git, by variables or configuration, take precedence.
    /// </summary>
    private async Task<IReadOnlyList<KeyValuePair<string, string>>> TrustAsync(string url, CancellationToken cancel)
    {
        // git fails on a path that does not exist, while .NET ignores it.
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
            // There is no setting that begins with http. If the configuration cannot be read, the next command reports that.
        }
        folder ??= Directory.Exists(SystemCertificates) ? SystemCertificates : null;
        var trusted = new List<KeyValuePair<string, string>>();
        if (file is not null)
            trusted.Add(KeyValuePair.Create("GIT_SSL_CAINFO", file));
        if (folder is not null)
            trusted.Add(KeyValuePair.Create("GIT_SSL_CAPATH", folder));
        return trusted;
    }

    // The last lines give the reason; those of a server ("remote: …") are among them.
    private static GitFailure Failure(string said, int exitCode)
    {
        string[] lines = [.. said.Split('\n', '\r').Select(l => string.Concat(l.Where(c => !char.IsControl(c))).Trim())
            .Where(l => l.Length > 0)];
        string text = string.Join(" ", lines.TakeLast(5));
        return new GitFailure(
            text.Length == 0 ? (Text)$"exit code {exitCode}" : text.Length > 400 ? text[..400] + "…" : text, lines);
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
