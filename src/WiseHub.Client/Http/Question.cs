namespace WiseHub.Client.Http;

/// <summary>What is asked of a hub: a GET, or a POST where there is a body. It may be sent several times.</summary>
/// <param name="Uri">Where to.</param>
internal sealed record Question(Uri Uri)
{
    /// <summary>Makes the body anew for each try.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Only the beginning of the answer is wanted, up to the limit; a longer one is no error, and its rest is not read.</summary>
    public bool BeginningIsEnough { get; init; }

    /// <summary>Only the headers are wanted.</summary>
    public bool IsHead { get; init; }

    /// <summary>The ETag of what is known already: the answer is 304 where it is still that.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The media type wanted.</summary>
    public string? Accept { get; init; }
}
