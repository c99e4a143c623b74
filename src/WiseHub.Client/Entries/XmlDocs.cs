using System.Xml;
using System.Xml.Linq;

namespace WiseHub.Client.Entries;

/// <summary>The XML documentation that the compiler writes beside an assembly.</summary>
internal sealed class XmlDocs
{
    private readonly List<XElement> _members;

    private XmlDocs(List<XElement> members) => _members = members;

    /// <exception cref="HubException">WISE1045.</exception>
    public static XmlDocs Read(byte[] bytes, string where)
    {
        try
        {
            // Neither entities nor other files: XmlReader's own defaults.
            using var reader = XmlReader.Create(new MemoryStream(bytes));
            return new XmlDocs([.. XDocument.Load(reader).Descendants("member")]);
        }
        catch (XmlException e)
        {
            throw new HubException(WiseCodes.MalformedEntries,
                $"{where} cannot be read as documentation: {e.Message} Ask the owner of the repo to correct it.", e);
        }
    }

    /// <summary>What is said of a method, named in full and without its parameters.</summary>
    public (string? Summary, string? Returns, IReadOnlyDictionary<string, string> Parameters)? Of(string method)
    {
        string id = "M:" + method;
        XElement? member = _members.Find(m => m.Attribute("name")?.Value is string name
            && (name == id || name.StartsWith(id + "(", StringComparison.Ordinal)));
        return member is null ? null : (Text(member.Element("summary")), Text(member.Element("returns")),
            member.Elements("param").Where(p => p.Attribute("name") is not null)
                .GroupBy(p => p.Attribute("name")!.Value, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => Text(g.First()) ?? "", StringComparer.Ordinal));
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        // <see cref="T:System.String"/> has no text of its own.
        foreach (XElement see in element.Descendants().Where(e => e.IsEmpty
            && (e.Attribute("cref") ?? e.Attribute("langword") ?? e.Attribute("name")) is not null).ToList())
            see.ReplaceWith(new XText((see.Attribute("cref") ?? see.Attribute("langword") ?? see.Attribute("name"))!.Value
                .Split(':', '.')[^1]));
        string text = string.Join(' ', element.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length == 0 ? null : text;
    }
}
