using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WiseHub.Extensions.Hosting;

/// <summary>
/// Healthy when all models are there. The data has one entry for each model: <c>ready</c>, a percentage, or a failure's code. It
/// has no path and no message, because health pages are often public.
/// </summary>
internal sealed class WiseModelsHealthCheck(IWiseModels models) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<WiseModelState> states = models.States;
        Dictionary<string, object> data = states.ToDictionary(s => s.Alias, s => (object)Show(s));
        string[] missing =
            [.. states.Where(s => s.Phase != WiseModelPhase.Ready).Select(s => $"{s.Alias} ({Show(s)})")];
        return Task.FromResult(missing.Length == 0
            ? HealthCheckResult.Healthy(HostingMessages.AllThere(states.Count), data)
            : new HealthCheckResult(context.Registration.FailureStatus, HostingMessages.NotThere(missing), null, data));
    }

    private static string Show(WiseModelState state) => state.Phase switch
    {
        WiseModelPhase.Ready => "ready",
        WiseModelPhase.Waiting => "waiting",
        WiseModelPhase.Failed => $"failed: {state.Code}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{state.Percent} %"),
    };
}
