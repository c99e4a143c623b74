using System.Text;
using System.Xml;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// A project file as text, in which items are inserted and removed. It is never written anew from its XML: everything else keeps
/// its bytes, with comments, indentation, line ends, encoding and byte order mark.
/// </summary>
internal sealed class ProjectText
{
    private const string Group = "ItemGroup", UsualIndent = "  ";

    private readonly byte[] _bytes;
    private readonly Encoding _encoding;
    private readonly Element _root;

    private ProjectText(string path, byte[] bytes, Encoding encoding, string text)
    {
        (Path, _bytes, _encoding, Text) = (path, bytes, encoding, text);
        _root = Parse(path, text);
    }

    /// <summary>An element with its place in the text.</summary>
    internal sealed class Element(string name, Element? parent, int start)
    {
        public string Name { get; } = name;

        public Element? Parent { get; } = parent;

        /// <summary>The offset of its <c>&lt;</c>.</summary>
        public int Start { get; } = start;

        /// <summary>The offset after its start tag.</summary>
        public int ContentStart { get; set; }

        /// <summary>The offset of its end tag; that after the element if it has none.</summary>
        public int ContentEnd { get; set; }

        /// <summary>The offset after the element.</summary>
        public int End { get; set; }

        public Dictionary<string, string> Attributes { get; } = new(StringComparer.OrdinalIgnoreCase);

        public List<Element> Children { get; } = [];

        /// <summary>Its own text, without that of its children.</summary>
        public StringBuilder Value { get; } = new();

        /// <summary>Metadata, as an attribute or as an element; null if it has none.</summary>
        public string? Metadata(string name) => Attributes.GetValueOrDefault(name)
            ?? Children.Find(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value.ToString().Trim();

        public bool IsConditional => Attributes.ContainsKey("Condition") || Parent?.IsConditional == true;
    }

    public string Path { get; }

    public string Text { get; private init; }

    /// <exception cref="HubException">WISE1085.</exception>
    public static ProjectText Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProjectMessages.NotRead(path, e);
        }
        (Encoding encoding, int mark) = bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (new UTF8Encoding(true, throwOnInvalidBytes: true), 3),
            [0xFF, 0xFE, ..] => ((Encoding)new UnicodeEncoding(bigEndian: false, byteOrderMark: true,
                throwOnInvalidBytes: true), 2),
            [0xFE, 0xFF, ..] => (new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true), 2),
            _ => (new UTF8Encoding(false, throwOnInvalidBytes: true), 0),
        };
        try
        {
            return new ProjectText(path, bytes, encoding, encoding.GetString(bytes, mark, bytes.Length - mark));
        }
        catch (DecoderFallbackException)
        {
            throw ProjectMessages.NotUnicode(path);
        }
    }

    /// <summary>The items of a kind that the file itself has, wherever they are.</summary>
    public IReadOnlyList<Element> Items(string name) => [.. Descendants(_root).Where(e =>
        e.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && e.Attributes.ContainsKey("Include"))];

    /// <summary>
    /// Inserts an item after the last item of its kind that has no condition, else in a new group.
    /// </summary>
    /// <param name="name">The kind.</param>
    /// <param name="item">Its XML, in one line.</param>
    /// <exception cref="HubException">WISE1085: the project has no content.</exception>
    public ProjectText Insert(string name, string item)
    {
        string newLine = NewLine;
        Element? last = Items(name).LastOrDefault(e => !e.IsConditional && e.Parent is { Name: Group, Parent: { } root }
            && root == _root);
        if (last is not null)
            return With(Text.Insert(last.End, newLine + IndentOf(last) + item));
        if (_root.ContentEnd == _root.End)
            throw ProjectMessages.EmptyProject(Path);
        Element? before = _root.Children.LastOrDefault(c => c.Name == Group)
            ?? _root.Children.LastOrDefault(c => c.Name == "PropertyGroup");
        string indent = before is null ? _root.Children.Count > 0 ? IndentOf(_root.Children[^1]) : UsualIndent : IndentOf(before),
            inner = indent + (indent.Contains('\t', StringComparison.Ordinal) ? "\t" : indent.Length > 0 ? indent : UsualIndent);
        string group = $"{indent}<{Group}>{newLine}{inner}{item}{newLine}{indent}</{Group}>";
        if (before is not null)
            return With(Text.Insert(before.End, newLine + group));
        int end = _root.ContentEnd, line = LineStart(end);
        return With(string.IsNullOrWhiteSpace(Text[line..end]) && line > 0 ? Text.Insert(line, group + newLine)
            : Text.Insert(end, newLine + group + newLine));
    }

    /// <summary>Removes an element with its line, and its group if nothing else is left in it.</summary>
    public ProjectText Remove(Element element)
    {
        (int from, int to) = Extent(element.Start, element.End);
        if (element.Parent is { Name: Group } group
            && string.IsNullOrWhiteSpace(Text[group.ContentStart..element.Start] + Text[element.End..group.ContentEnd]))
            (from, to) = Extent(group.Start, group.End);
        return With(Text.Remove(from, to - from));
    }

    /// <summary>Writes the file in place, so that its permissions and links stay.</summary>
    /// <exception cref="HubException">WISE1085.</exception>
    public void Write() => Write([.. _encoding.GetPreamble(), .. _encoding.GetBytes(Text)]);

    /// <summary>Writes the bytes that were read.</summary>
    /// <exception cref="HubException">WISE1085.</exception>
    public void Restore() => Write(_bytes);

    private void Write(byte[] bytes)
    {
        try
        {
            File.WriteAllBytes(Path, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProjectMessages.NotWritten(Path, e);
        }
    }

    private ProjectText With(string text) => new(Path, _bytes, _encoding, text);

    // The first line break of the file is the style of the file.
    private string NewLine => Text.IndexOf('\n', StringComparison.Ordinal) switch
    {
        < 0 => Text.Contains('\r', StringComparison.Ordinal) ? "\r" : "\n",
        > 0 and int at when Text[at - 1] == '\r' => "\r\n",
        _ => "\n",
    };

    private int LineStart(int at) => at == 0 ? 0 : Text.AsSpan(0, at).LastIndexOfAny('\r', '\n') + 1;

    private string IndentOf(Element element)
    {
        string before = Text[LineStart(element.Start)..element.Start];
        return string.IsNullOrWhiteSpace(before) ? before
            : element.Parent == _root ? UsualIndent : UsualIndent + UsualIndent;
    }

    /// <summary>The whole lines of a range, if nothing else is in them; otherwise the range.</summary>
    private (int From, int To) Extent(int from, int to)
    {
        int line = LineStart(from), end = to;
        while (end < Text.Length && Text[end] is ' ' or '\t')
            end++;
        if (!string.IsNullOrWhiteSpace(Text[line..from]) || (end < Text.Length && Text[end] is not ('\r' or '\n')))
            return (from, to);
        if (end < Text.Length && Text[end] == '\r')
            end++;
        if (end < Text.Length && Text[end] == '\n')
            end++;
        return (line, end);
    }

    private static IEnumerable<Element> Descendants(Element element) =>
        element.Children.SelectMany(c => Descendants(c).Prepend(c));

    private static Element Parse(string path, string text)
    {
        int[] lines = LineStarts(text);
        Element? root = null, current = null;
        try
        {
            // No DTD: a project has none, and an entity would not be in the text where it is in the XML.
            using var reader = XmlReader.Create(new StringReader(text),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var place = (IXmlLineInfo)reader;
            while (reader.Read())
            {
                int at = lines[Math.Max(0, place.LineNumber - 1)] + place.LinePosition - 1;
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        var element = new Element(reader.LocalName, current, at - 1) { ContentStart = TagEnd(text, at) };
                        bool isEmpty = reader.IsEmptyElement;
                        while (reader.MoveToNextAttribute())
                            element.Attributes[reader.LocalName] = reader.Value;
                        current?.Children.Add(element);
                        root ??= element;
                        if (isEmpty)
                            element.ContentEnd = element.End = element.ContentStart;
                        else
                            current = element;
                        break;
                    case XmlNodeType.EndElement:
                        (current!.ContentEnd, current.End) = (at - 2, TagEnd(text, at));
                        current = current.Parent;
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA:
                        current?.Value.Append(reader.Value);
                        break;
                }
            }
        }
        catch (XmlException e)
        {
            throw ProjectMessages.NotXml(path, e);
        }
        return root is { Name: "Project" } ? root : throw ProjectMessages.NotAProject(path);
    }

    // XML counts \r\n, \n and \r as line breaks.
    private static int[] LineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                starts.Add(i + 1);
        }
        return [.. starts];
    }

    // '>' is allowed in the value of an attribute.
    private static int TagEnd(string text, int at)
    {
        char quote = '\0';
        for (; text[at] != '>' || quote != '\0'; at++)
        {
            if (quote == '\0' ? text[at] is '"' or '\'' : text[at] == quote)
                quote = quote == '\0' ? text[at] : '\0';
        }
        return at + 1;
    }
}
