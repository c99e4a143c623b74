using System.Xml.Linq;
using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Finds metadata that this package does not know. Without this check, a misspelled name would have no effect:
/// <c>Revison="v2"</c> would silently take the default branch.
/// </summary>
internal static class MetadataCheck
{
    /// <summary>Reports each unknown metadata of the items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="type">Their type.</param>
    /// <param name="known">The names that a user may set.</param>
    /// <param name="declaredIn">Returns the file that declares an item.</param>
    /// <param name="mistake">Receives each mistake with its place.</param>
    public static void Run(IEnumerable<ITaskItem> items, string type, IReadOnlyList<string> known,
        Func<ITaskItem, string> declaredIn, Action<HubException, Place> mistake)
    {
        foreach (ITaskItem item in items)
        {
            foreach (string name in item.CloneCustomMetadata().Keys.Cast<string>().Order(StringComparer.Ordinal))
            {
                if (known.Contains(name, StringComparer.OrdinalIgnoreCase) || name == Names.DefiningProject)
                    continue;
                string file = declaredIn(item);
                XObject? written = ProjectXml.TryLoad(file) is XDocument document
                    ? ProjectXml.FindMetadata(document, type, item, name) : null;
                string? nearest = BuildMessages.MeantMetadata(type, name) is null ? Suggestions.Nearest(name, known) : null;
                // An item that was made from other items has their metadata, too, which are not mistakes.
                if (written is not null || nearest is not null)
                    mistake(BuildMessages.UnknownMetadata(type, item.ItemSpec, name, nearest, known),
                        ProjectXml.PlaceOf(file, written));
            }
        }
    }
}
