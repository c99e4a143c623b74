namespace WiseHub.Benchmarks.Peers;

/// <summary>Our tool.</summary>
/// <param name="program">Its path.</param>
/// <param name="empty">An empty folder: no configuration is found from there.</param>
internal sealed class Wisehub(string program, string empty)
{
    public const string Name = "wisehub download";

    private static readonly string[] ForeignPrefixes = ["WISE", "HF_", "HUGGING"];

    /// <summary>A start that does nothing; its time is taken off from everything else, and its memory, too.</summary>
    public Command Idle => Run(empty, new Uri("http://127.0.0.1/"), "--version");

    /// <summary>A download into the cache of the job's folder.</summary>
    public Command Download(Job job, params string[] options) => Run(job.Folder, job.Endpoint, ["download", job.Repo.Id, "--hub", "huggingface", .. options]);

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
