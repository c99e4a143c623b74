using WiseHub.Client;

namespace WiseHub.Extensions.Hosting;

/// <summary>How a host fetches its models. The section <c>WiseModels</c> of its configuration takes precedence.</summary>
public sealed class WiseModelsOptions
{
    /// <summary>
    /// True: the host starts when all models are there, and a failure ends the start. False: they are fetched in the background,
    /// a failure is tried again, and the health check says when they are there.
    /// </summary>
    public bool WaitForModels { get; set; }

    /// <summary>The pause after the first failure; it doubles with each further one. More than zero.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause, without its random part of up to a fifth.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The options of each fetch. Without a log, messages go to the logger of the host.</summary>
    public RunTimeOptions Fetch { get; set; } = new();
}
