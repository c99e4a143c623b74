namespace WiseHub.Benchmarks.Measures;

/// <summary>A server that is pushed to, by ours and by curl.</summary>
internal interface IPushPlace : IAsyncDisposable
{
    string Title { get; }

    string Note { get; }

    /// <summary>Why it cannot be had here; null when it can.</summary>
    string? WhyNot { get; }

    /// <summary>Small files go in one request, as part of the commit.</summary>
    bool TakesSmallFilesTogether { get; }

    /// <summary>The keys of the hub in wisehub.json.</summary>
    string Hub { get; }

    IReadOnlyDictionary<string, string?> Secrets { get; }

    /// <summary>The requests that the server has answered; null if it does not count them.</summary>
    int? Requests { get; }

    /// <summary>Makes room where nothing is.</summary>
    /// <returns>The id of a repo.</returns>
    Task<string> BeginAsync(CancellationToken cancel);

    /// <summary>Deletes what came since the beginning.</summary>
    Task EndAsync();

    /// <summary>Where a file can be PUT to.</summary>
    Task<string> UrlAsync(string file, CancellationToken cancel);
}
