using System.Xml;
using System.Xml.Linq;

namespace WiseHub.Build;

/// <summary>Finds the line on which an item is declared. MSBuild does not tell it; only used when something is wrong, so it may cost a parse.</summary>
internal static class ItemPosition
{
    public static (int Line, int Column) Find(string? project, string itemSpec)
    {
        if (string.IsNullOrEmpty(project) || !File.Exists(project))
            return (0, 0);
        try
        {
            XDocument document = XDocument.Load(project, LoadOptions.SetLineInfo);
            // Include may hold several items or a property: without an exact match the first declaration that contains the text, else the first of all.
            List<XElement> items = [.. document.Descendants().Where(e => e.Name.LocalName == Names.Reference && e.Attribute("Include") is not null)];
            XElement? item = items.Find(e => e.Attribute("Include")!.Value.Trim() == itemSpec)
                ?? items.Find(e => e.Attribute("Include")!.Value.Contains(itemSpec, StringComparison.Ordinal))
                ?? items.FirstOrDefault();
            return item is IXmlLineInfo position && position.HasLineInfo() ? (position.LineNumber, position.LinePosition) : (0, 0);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // The error itself matters more than its line.
            return (0, 0);
        }
    }
}
