using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The YAML at the top of a <c>README.md</c>, between two lines of <c>---</c>, checked by the rules of hubs, see
/// https://github.com/huggingface/hub-docs/blob/main/modelcard.md and datasetcard.md there.
/// </summary>
internal sealed class FrontMatter
{

    private static readonly string[] Texts =
        ["license_name", "license_link", "pipeline_tag", "library_name", "pretty_name", "thumbnail"];
    private static readonly string[] Lists = ["tags", "metrics", "task_categories"];
    private static readonly string[] TextsOrLists = ["license", "language", "base_model", "datasets"];
    private static readonly string[] ListsOfObjects = ["widget", "model-index"];

    private readonly string _file;
    private readonly string _text;
    // The range of the YAML in the text; -1 if there is none.
    private readonly int _start = -1;
    private readonly int _end;
    private readonly int _linesBefore;
    private readonly YamlMappingNode? _keys;

    private FrontMatter(string file, string text)
    {
        (_file, _text) = (file, text);
        int at = text.StartsWith('\uFEFF') ? 1 : 0, lines = 0;
        for (; at < text.Length && LineAt(at).Trim().Length == 0; at = NextLine(at))
            lines++;
        if (at >= text.Length || LineAt(at).TrimEnd() is not "---")
            return;
        (_start, _linesBefore) = (NextLine(at), lines + 1);
        for (_end = _start; _end < text.Length && LineAt(_end).TrimEnd() is not "---";)
            _end = NextLine(_end);
        if (_end >= text.Length)
            throw Wrong(PushMessages.FrontMatterNotClosed, 0, 1);
        _keys = Parse();
    }

    /// <exception cref="HubException">WISE5060: not text, or not YAML.</exception>
    /// <exception cref="AggregateException">Several WISE5060: several values are invalid.</exception>
    public static FrontMatter Read(string file, byte[] bytes)
    {
        try
        {
            var card = new FrontMatter(file, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes));
            return card.Problems() switch
            {
                [] => card,
                [HubException only] => throw only,
                List<HubException> several => throw new AggregateException(several),
            };
        }
        catch (DecoderFallbackException e)
        {
            throw PushMessages.CardNotText(file, e);
        }
    }

    public bool Has(string key) => _keys?.Children.Keys.OfType<YamlScalarNode>().Any(k => k.Value == key) == true;

    /// <summary>The whole card with keys added at the end of its front matter; the rest is unchanged.</summary>
    /// <param name="lines">The missing keys, as YAML in block style.</param>
    /// <exception cref="HubException">WISE5060: no line can be added to the front matter in its style.</exception>
    public byte[] With(IEnumerable<string> lines)
    {
        string newLine = _text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n", indent = "";
        if (_keys is not null)
        {
            if (_keys.Style == MappingStyle.Flow)
                throw Wrong(PushMessages.KeysInBraces, _keys.Start);
            indent = new string(' ', (int)_keys.Start.Column - 1);
        }
        string added = string.Concat(lines.Select(l => indent + l + newLine));
        int bom = _text.StartsWith('\uFEFF') ? 1 : 0;
        string merged = _start < 0
            ? $"{_text[..bom]}---{newLine}{added}---{newLine}{(_text.Length > bom ? newLine : "")}{_text[bom..]}"
            : _text.Insert(_end, added);
        byte[] bytes = Encoding.UTF8.GetBytes(merged);
        Read(_file, bytes);
        return bytes;
    }

    private ReadOnlySpan<char> LineAt(int at) =>
        _text.AsSpan(at, (_text.IndexOf('\n', at) is >= 0 and int end ? end : _text.Length) - at);

    private int NextLine(int at) => _text.IndexOf('\n', at) is >= 0 and int end ? end + 1 : _text.Length;

    private YamlMappingNode? Parse()
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(_text[_start.._end]));
        }
        catch (Exception e) when (CardYaml.IsMalformed(e))
        {
            throw e is YamlException { Start: Mark at } ? Wrong(PushMessages.NotYaml(e), at)
                : Wrong(PushMessages.NotYaml(e), 1, 1);
        }
        return yaml.Documents switch
        {
            [] => null,
            [{ RootNode: YamlMappingNode keys }] => keys,
            [{ RootNode: YamlNode other }] =>
                throw Wrong(PushMessages.NotKeysAndValues, other.Start),
            [_, { RootNode: YamlNode second }, ..] => throw Wrong(PushMessages.SeveralDocuments, second.Start),
        };
    }

    private List<HubException> Problems()
    {
        var problems = new List<HubException>();
        if (_keys is null)
            return problems;
        foreach ((YamlNode key, YamlNode value) in _keys.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            if (Texts.Contains(name))
                RequireTexts(name, "text", value, [value], problems);
            else if (Lists.Contains(name))
                RequireTexts(name, (Text)$"a list of texts", value, (value as YamlSequenceNode)?.Children, problems);
            else if (TextsOrLists.Contains(name))
                RequireTexts(name, (Text)$"text or a list of texts", value,
                    value is YamlSequenceNode list ? list.Children : [value], problems);
            else
                if (ListsOfObjects.Contains(name) && (value as YamlSequenceNode)?.Children.All(c => c is YamlMappingNode) != true)
                    problems.Add(Wrong(PushMessages.NotAListOfObjects(name), value.Start));
        }
        return problems;
    }

    private void RequireTexts(string name, string kind, YamlNode value, IList<YamlNode>? texts, List<HubException> problems)
    {
        if (texts is null)
        {
            problems.Add(Wrong(PushMessages.WrongKind(name, kind), value.Start));
            return;
        }
        foreach (YamlNode text in texts)
        {
            if (text is not YamlScalarNode { Value: string read } scalar)
                problems.Add(Wrong(PushMessages.WrongKind(name, kind), text.Start));
            else if (read.Length == 0)
                problems.Add(Wrong(PushMessages.EmptyValue(name, kind), text.Start));
            else if (scalar.Style == ScalarStyle.Plain && YamlText.NotText(read) is string other)
                problems.Add(Wrong(PushMessages.ReadAsOther(name, kind, read, other), text.Start));
        }
    }

    private HubException Wrong(string problem, Mark at) => Wrong(problem, (int)at.Line, (int)at.Column);

    private HubException Wrong(string problem, int lineOfYaml, int column) =>
        PushMessages.InvalidFrontMatter(_file, _linesBefore + lineOfYaml, column, problem);
}
