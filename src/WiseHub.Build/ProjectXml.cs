using System.Xml;
using System.Xml.Linq;
using Microsoft.Build.Framework;

namespace WiseHub.Build;

/// <summary>A place in a project file; line and column are 0 if unknown.</summary>
internal readonly record struct Place(string? File, int Line, int Column);

/// <summary>
/// Finds the lines of items, metadata and properties, which MSBuild does not provide. Used only for errors, so parsing the
/// project is acceptable.
/// </summary>
internal static class ProjectXml
{
    /// <summary>A project file; null if it does not exist or cannot be read, and then errors have no line.</summary>
    public static XDocument? TryLoad(string? path)
    {
        if (string.IsNullOrEmpty(path) || !File.Exists(path))
            return null;
        try
        {
            return XDocument.Load(path, LoadOptions.SetLineInfo);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // MSBuild has read it, so it changed since, or is the source of a file-based app.
            return null;
        }
    }

    /// <summary>The place of an element or attribute.</summary>
    public static Place PlaceOf(string file, XObject? node) => node is IXmlLineInfo position && position.HasLineInfo()
        ? new Place(file, position.LineNumber, position.LinePosition) : new Place(file, 0, 0);

    /// <summary>The element that declares an item, or null.</summary>
    /// <param name="document">The project file.</param>
    /// <param name="type">The item type.</param>
    /// <param name="wanted">The item.</param>
    public static XElement? FindItem(XDocument document, string type, ITaskItem wanted)
    {
        // Include may list several items or be computed: then the first declaration that may have produced this item.
        List<XElement> items =
            [.. document.Descendants().Where(e => Is(e, type) && e.Attribute("Include") is not null)];
        return Best(items, wanted, include => include.Trim() == wanted.ItemSpec)
            ?? Best(items, wanted, include => include.Contains(wanted.ItemSpec, StringComparison.Ordinal))
            ?? Best(items, wanted, IsComputed);
    }

    /// <summary>
    /// The attribute or element that sets a metadata of an item type: at the item itself, else at any item of the type.
    /// </summary>
    public static XObject? FindMetadata(XDocument document, string type, ITaskItem item, string name)
    {
        XElement? declared = FindItem(document, type, item);
        return (declared is null ? null : MetadataOf(declared, name))
            ?? document.Descendants().Where(e => Is(e, type)).Select(e => MetadataOf(e, name)).FirstOrDefault(m => m is not null);
    }

    /// <summary>The last element that sets a property, as the last one counts.</summary>
    public static XElement? FindProperty(XDocument document, string name) => document.Descendants()
        .LastOrDefault(e => Is(e, name) && e.Parent is XElement group && Is(group, "PropertyGroup"));

    // MSBuild ignores the case of the names of items, metadata and properties.
    private static bool Is(XElement element, string name) =>
        element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static XObject? MetadataOf(XElement item, string name) =>
        (XObject?)item.Attributes().FirstOrDefault(a => a.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? item.Elements().FirstOrDefault(e => Is(e, name));

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
