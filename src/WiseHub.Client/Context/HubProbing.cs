using System.Globalization;
using WiseHub.Client.Http;

namespace WiseHub.Client.Context;

/// <summary>One cheap request that shows whether a hub is reached. Sends no token and follows no redirect.</summary>
internal static class HubProbing
{
    /// <exception cref="HubException">WISE1002; WISE2014: no contact allowed; WISE2001 to WISE2011, WISE2080.</exception>
    public static async Task<HubProbe> RunAsync(ClientContext context, string hub, TimeSpan timeout, CancellationToken cancel)
    {
        HubDefinition definition = context.Config.Find(hub);
        if (definition.Endpoint is not Uri endpoint || !context.Reaches(definition))
            throw ContextMessages.NotProbed(definition.Name, context.OfflineReason);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        long start = context.Time.GetTimestamp();
        try
        {
            // Not repeated: a user waits, and the first failure names the cause.
            HubResponse response = await context.Http(definition.Name).SendWithoutRetryAsync(
                new HubRequest(endpoint) { IsHead = true, BeginningIsEnough = true, KeepsRedirect = true, KeepsTrouble = true },
                credential: null, limit: 1 << 16, limit.Token).ConfigureAwait(false);
            using (response)
            {
                TimeSpan? skew = DateTimeOffset.TryParse(response.Header("Date"), CultureInfo.InvariantCulture,
                    out DateTimeOffset date)
                    ? context.Time.GetUtcNow() - date : null;
                return new HubProbe(definition.Name, (int)response.Status, context.Time.GetElapsedTime(start), skew);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw ContextMessages.ProbeTimeout(definition.Name, Urls.Show(endpoint), timeout);
        }
    }
}
