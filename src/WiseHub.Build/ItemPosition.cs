using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>Finds the line on which an item is declared. MSBuild does not tell it; only used when something is wrong, so it may cost a parse.</summary>
internal static class ItemPosition
{
    public static (int Line, int Column) Find(string? project, ITaskItem wanted)
    {
        if (string.IsNullOrEmpty(project) || !File.Exists(project))
            return (0, 0);
        try
        {
            XDocument document = XDocument.Load(project, LoadOptions.SetLineInfo);
            // Include may hold several items or a property: without an exact match the first declaration that contains the text, else the first of all.
            List<XElement> items = [.. document.Descendants().Where(e => e.Name.LocalName == Names.Reference && e.Attribute("Include") is not null)];
            List<XElement> named = items.FindAll(e => e.Attribute("Include")!.Value.Trim() == wanted.ItemSpec);
            XElement? item = named.Find(e => HasMetadata(e, wanted)) ?? named.FirstOrDefault()
                ?? items.Find(e => e.Attribute("Include")!.Value.Contains(wanted.ItemSpec, StringComparison.Ordinal))
                ?? items.FirstOrDefault();
            return item is IXmlLineInfo position && position.HasLineInfo() ? (position.LineNumber, position.LinePosition) : (0, 0);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // The error itself matters more than its line.
            return (0, 0);
        }
    }

    // One repo may be referenced twice, by different metadata. A value that is computed says nothing.
    private static bool HasMetadata(XElement element, ITaskItem wanted) =>
        Names.ReferenceMetadata.All(name =>
        {
            string written = (element.Attribute(name)?.Value ?? element.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "").Trim();
            return written.AsSpan().IndexOfAny('$', '%', '@') >= 0 || written == wanted.GetMetadata(name).Trim();
        });
}
