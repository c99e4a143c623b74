using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task that works with the project's references, and the one place that reads them.</summary>
public abstract class ReferenceTask : HubTask
{
    /// <summary>The <c>WiseModelReference</c> items.</summary>
    public ITaskItem[] References { get; set; } = [];

    /// <summary>The references; null if a mistake was logged.</summary>
    private protected List<ModelItem>? ReadReferences(HubClient client, bool uniqueAliases = true)
    {
        List<ModelItem> models = ModelItem.ReadAll(References, Settings.LinkModeText, client.ParseReference, LogError);
        if (uniqueAliases)
            ModelItem.CheckAliases(models, LogError);
        models.ForEach(m => Remember(m.Reference, m.Item));
        if (!Log.HasLoggedErrors)
            return models;
        // The restore will not run. The mistakes that it would find in the other references are logged now, so that one build
        // reports all of them.
        foreach (HubException mistake in client.FindMistakes([.. models.Select(m => m.Reference)]))
            LogError(mistake);
        return null;
    }
}
