using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>
/// Finds the line on which an item is declared. MSBuild does not tell it; only used when something is wrong, so
/// it may cost a parse.
/// </summary>
internal static class ItemPosition
{
    /// <param name="project">Where it stands.</param>
    /// <param name="type">What kind of item it is.</param>
    /// <param name="wanted">The item.</param>
    public static (int Line, int Column) Find(string? project, string type, ITaskItem wanted)
    {
        if (string.IsNullOrEmpty(project) || !File.Exists(project))
            return (0, 0);
        try
        {
            XDocument document = XDocument.Load(project, LoadOptions.SetLineInfo);
            // Include may hold several items or be computed: then the first declaration that can have given this item.
            List<XElement> items =
                [.. document.Descendants().Where(e => e.Name.LocalName == type && e.Attribute("Include") is not null)];
            XElement? item = Best(items, wanted, include => include.Trim() == wanted.ItemSpec)
                ?? Best(items, wanted, include => include.Contains(wanted.ItemSpec, StringComparison.Ordinal))
                ?? Best(items, wanted, IsComputed);
            return item is IXmlLineInfo position && position.HasLineInfo()
                ? (position.LineNumber, position.LinePosition) : (0, 0);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // The error itself matters more than its line.
            return (0, 0);
        }
    }

    // One repo may be referenced twice, by different metadata: what is written must be what the item has, and the declaration
    // that says most is it.
    private static XElement? Best(List<XElement> items, ITaskItem wanted, Func<string, bool> matches)
    {
        List<XElement> named = items.FindAll(e => matches(e.Attribute("Include")!.Value));
        return named.Where(e => Written(e).All(m => IsComputed(m.Value) || m.Value == wanted.GetMetadata(m.Name).Trim()))
            .MaxBy(e => Written(e).Count()) ?? named.FirstOrDefault();
    }

    private static IEnumerable<(string Name, string Value)> Written(XElement element) =>
        Names.WrittenMetadata.Select(name => (name, (element.Attribute(name)?.Value
            ?? element.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "").Trim()))
            .Where(m => m.Item2.Length > 0);

    private static readonly System.Buffers.SearchValues<char> Computed = System.Buffers.SearchValues.Create("$%@*?");

    private static bool IsComputed(string text) => text.AsSpan().IndexOfAny(Computed) >= 0;
}
