namespace WiseHub.Benchmarks.Measures;

/// <summary>A server for pushes of our tool and of curl.</summary>
internal interface IPushPlace : IAsyncDisposable
{
    string Title { get; }

    string Note { get; }

    /// <summary>The reason why the server cannot run here; null if it runs.</summary>
    string? WhyNot { get; }

    /// <summary>Small files go in one request, as part of the commit.</summary>
    bool TakesSmallFilesTogether { get; }

    /// <summary>The keys of the hub in wisehub.json.</summary>
    string Hub { get; }

    IReadOnlyDictionary<string, string?> Secrets { get; }

    /// <summary>The requests that the server has answered; null if it does not count them.</summary>
    int? Requests { get; }

    /// <summary>Prepares an empty place on the server.</summary>
    /// <returns>The id of a repo.</returns>
    Task<string> BeginAsync(CancellationToken cancel);

    /// <summary>Deletes everything that was pushed since <see cref="BeginAsync"/>.</summary>
    Task EndAsync();

    /// <summary>A URL that accepts a PUT of a file.</summary>
    Task<string> UrlAsync(string file, CancellationToken cancel);
}
