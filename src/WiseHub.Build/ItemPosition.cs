using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>
/// Finds the line on which an item is declared, which MSBuild does not provide. Used only for errors, so parsing the project is
/// acceptable.
/// </summary>
internal static class ItemPosition
{
    /// <param name="project">The project file.</param>
    /// <param name="type">The item type.</param>
    /// <param name="wanted">The item.</param>
    public static (int Line, int Column) Find(string? project, string type, ITaskItem wanted)
    {
        if (string.IsNullOrEmpty(project) || !File.Exists(project))
            return (0, 0);
        try
        {
            XDocument document = XDocument.Load(project, LoadOptions.SetLineInfo);
            // Include may list several items or be computed: then the first declaration that may have produced this item.
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
            // The error is reported without a line.
            return (0, 0);
        }
    }

    // A repo may be referenced twice with different metadata. The declared metadata must equal the item's; among several such
    // declarations the one with the most metadata wins.
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
