namespace WiseHub.Benchmarks.Peers;

/// <summary>Our tool.</summary>
/// <param name="program">Its path.</param>
/// <param name="empty">An empty folder: no configuration is found from there.</param>
internal sealed class Wisehub(string program, string empty)
{
    public const string Name = "wisehub download";

    private static readonly Uri Nobody = new("http://127.0.0.1/");

    private static readonly string[] ForeignPrefixes = ["WISE", "HF_", "HUGGING", "AWS_"];

    /// <summary>A start without work.</summary>
    public Command Version => Run(empty, Nobody, "--version");

    /// <summary>A download into the cache of the job's folder.</summary>
    public Command Download(Job job, params string[] options) =>
        Run(job.Folder, job.Endpoint, ["download", job.Repo.Id, "--hub", "huggingface", .. options]);

    /// <summary>An upload of a folder.</summary>
    /// <param name="cache">Where digests are remembered.</param>
    /// <param name="folder">What to upload.</param>
    /// <param name="repo">Where to; made if there is none.</param>
    /// <param name="configuration">A folder whose wisehub.json has the hub <c>team</c>.</param>
    /// <param name="secrets">Environment variables with the credentials of the hub.</param>
    public Command Upload(
        string cache, string folder, string repo, string configuration, IEnumerable<KeyValuePair<string, string?>> secrets)
    {
        Command command = Run(cache, Nobody, "upload", folder, repo, "--hub", "team", "--create");
        return command with
        {
            Folder = configuration,
            Environment = command.Environment.Concat(secrets).ToDictionary(StringComparer.Ordinal)
        };
    }

    /// <summary>
    /// A download into the cache of the job's folder, with other arguments and with the configuration in a folder.
    /// </summary>
    public Command Download(Job job, string folder, IReadOnlyList<string> arguments)
    {
        Command command = Run(job.Folder, Nobody, ["download", .. arguments]);
        // No credentials of the user: the bucket is public.
        return command with
        {
            Folder = folder,
            Environment = new Dictionary<string, string?>(command.Environment)
            { ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null", ["AWS_CONFIG_FILE"] = "/dev/null" }
        };
    }

    private Command Run(string cache, Uri endpoint, params string[] arguments) => new(program, arguments)
    {
        Folder = empty,
        Environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => ForeignPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            .ToDictionary(name => name, _ => (string?)null)
            .Append(new("WISEHUB_CACHE", cache))
            .Append(new("WISEHUB_ENDPOINT_HUGGINGFACE", endpoint.GetLeftPart(UriPartial.Authority)))
            // A cache of the user's own must not help.
            .Append(new("HF_HOME", empty))
            .GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal),
    };
}
