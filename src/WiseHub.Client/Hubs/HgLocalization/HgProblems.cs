namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>Failures that several places can have.</summary>
internal static class HgProblems
{
    public static HubException Incomplete(string where, string reason) => new(WiseCodes.HgCopyIncomplete,
        $"The copy at {where} is not whole: {reason}. Nothing was taken from it. Upload it again (wisehub hg sync-local-to-s3), "
        + "or remove what is left of it.");

    public static HubException OfAnother(HgCopyName wanted, HgCopyName there, string where) => new(WiseCodes.HgCopyOfAnother,
        $"{wanted}: {where} holds {there}. Both names have one folder, because hg_localization writes '_' for '/'. "
        + "Rename one of the two, or give it a configuration or revision of its own.");
}
