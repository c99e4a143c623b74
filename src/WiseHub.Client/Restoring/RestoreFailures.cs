namespace WiseHub.Client.Restoring;

/// <summary>
/// The failures of a restore. Those of optional references become warnings, each reported once; any other ends the restore.
/// </summary>
internal sealed class RestoreFailures(IHubLog log)
{
    private readonly HashSet<RestoreGroup> _warned = [];

    /// <exception cref="HubException">One reference failed.</exception>
    /// <exception cref="AggregateException">Several.</exception>
    public void Throw(List<RestoreGroup> groups)
    {
        // A model may be missing; one that must not be used is never only missing.
        Throw([.. groups.Where(g => g.Failure is not null && (!g.IsOptional || WiseCodes.IsTrust(g.Failure.Code)))
            .Select(g => g.Failure!)]);
        foreach (RestoreGroup group in groups.Where(g => g.Failure is not null && _warned.Add(g)))
            log.Warning(WiseCodes.OptionalMissing, RestoreMessages.OptionalMissing(group.First, group.Failure!), group.First);
    }

    public static void Throw(List<HubException> failures)
    {
        if (failures.Count == 1)
            throw failures[0];
        if (failures.Count > 1)
            throw new AggregateException(failures);
    }
}
