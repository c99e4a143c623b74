using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task over the project's references: one way of reading them.</summary>
public abstract class ReferenceTask : HubTask
{
    /// <summary>The <c>WiseModelReference</c> items.</summary>
    public ITaskItem[] References { get; set; } = [];

    /// <summary>The references; null when a mistake was logged.</summary>
    private protected List<ModelItem>? ReadReferences(HubClient client, bool uniqueAliases = true)
    {
        List<ModelItem> models = ModelItem.ReadAll(References, Settings.LinkModeText, client.ParseReference, LogError);
        if (uniqueAliases)
            ModelItem.CheckAliases(models, LogError);
        models.ForEach(m => Remember(m.Reference, m.Item));
        if (!Log.HasLoggedErrors)
            return models;
        // The restore will not run; what it would have said of the other references is said now, so that one build
        // tells all mistakes.
        foreach (HubException mistake in client.FindMistakes([.. models.Select(m => m.Reference)]))
            LogError(mistake);
        return null;
    }
}
