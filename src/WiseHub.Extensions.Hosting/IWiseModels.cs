using WiseHub.Client;

namespace WiseHub.Extensions.Hosting;

/// <summary>The models of a host, which are fetched when it starts.</summary>
public interface IWiseModels
{
    /// <summary>The models and how far each of them is, in the order in which they were added.</summary>
    IReadOnlyList<WiseModelState> States { get; }

    /// <summary>
    /// Waits for the files of a model. A failed fetch is tried again, so this waits until it succeeds or is cancelled.
    /// </summary>
    /// <param name="model">The alias of the model, in any case.</param>
    /// <param name="cancel">Ends the wait, but not the fetch.</param>
    /// <returns>The absolute path of the folder.</returns>
    /// <exception cref="HubException">WISE1109: the host has no such model.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the host stops.</exception>
    Task<string> GetAsync(string model, CancellationToken cancel = default);

    /// <inheritdoc cref="GetAsync(string, CancellationToken)"/>
    /// <param name="model">The model, as generated: <c>WiseModels.&lt;alias&gt;.Model</c>.</param>
    /// <param name="cancel">Ends the wait, but not the fetch.</param>
    Task<string> GetAsync(RunTimeModel model, CancellationToken cancel = default);
}

/// <summary>How far a model is.</summary>
public enum WiseModelPhase
{
    /// <summary>The host has not started yet.</summary>
    Waiting,
    /// <summary>It is looked for or fetched.</summary>
    Fetching,
    /// <summary>The last try failed; another one follows.</summary>
    Failed,
    /// <summary>All files are there.</summary>
    Ready,
}

/// <summary>The state of a model.</summary>
/// <param name="Alias">The alias of the model.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Progress">The progress of the current or last download.</param>
/// <param name="Directory">The absolute path of its folder, when it is ready.</param>
/// <param name="Failure">The failure of the last try, while there is one.</param>
public sealed record WiseModelState(
    string Alias, WiseModelPhase Phase, TransferProgress Progress, string? Directory, Exception? Failure)
{
    /// <summary>Per cent of the bytes, from 0 to 100.</summary>
    public int Percent => Phase == WiseModelPhase.Ready ? 100
        : Progress.BytesTotal == 0 ? 0 : (int)Math.Min(99, Math.Floor(Progress.Share * 100));

    /// <summary>The WISE code of <see cref="Failure"/>, or the name of its type; null without a failure.</summary>
    public string? Code => Failure switch
    {
        null => null,
        HubException hub => hub.Code,
        AggregateException { InnerExceptions: [HubException first, ..] } => first.Code,
        _ => Failure.GetType().Name,
    };
}
