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
        MetadataCheck.Run(References, Names.Reference, Names.ReferenceMetadata, DeclaredIn, LogError);
        CheckDefaultHub(client);
        List<ModelItem> models = ModelItem.ReadAll(References, Settings.LinkMode, client.ParseReference, LogError);
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

    /// <summary>The entries of the lock file that references use, with the files that they select.</summary>
    private protected IReadOnlyList<LockEntry> LockedEntries(IEnumerable<ModelItem> models, HubClient client)
    {
        LockFile? locked = LockFile.Read(Settings.LockFilePath);
        // An optional reference may have no commit.
        return BillOfMaterials.EntriesOf(locked, models
            .Select(m => (Key: AccessorWriter.KeyOf(m.Reference, client), m.Reference))
            .Where(u => !u.Reference.Optional || locked?.Find(u.Key) is not null)
            .Select(u => (u.Key, u.Reference.Files)));
    }

    // The mistake is in the property and not in the references without a hub.
    private void CheckDefaultHub(HubClient client)
    {
        if (Settings.DefaultHub.Length == 0)
            return;
        try
        {
            client.Config.Find(Settings.DefaultHub);
        }
        catch (HubException e)
        {
            throw Settings.At(e, "WiseDefaultHub");
        }
    }
}
