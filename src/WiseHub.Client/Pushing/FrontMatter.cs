using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The YAML at the head of a <c>README.md</c>, between two lines of <c>---</c>, checked by the rules that hubs have for it, see
/// https://github.com/huggingface/hub-docs/blob/main/modelcard.md and datasetcard.md there.
/// </summary>
internal sealed class FrontMatter
{
    private const string Remedy = "Correct the front matter, between the two lines of '---'.";

    private static readonly string[] Texts =
        ["license_name", "license_link", "pipeline_tag", "library_name", "pretty_name", "thumbnail"];
    private static readonly string[] Lists = ["tags", "metrics", "task_categories"];
    private static readonly string[] TextsOrLists = ["license", "language", "base_model", "datasets"];
    private static readonly string[] ListsOfObjects = ["widget", "model-index"];

    private readonly string _file;
    private readonly string _text;
    // Of the YAML in the text, or -1 where there is none.
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
            throw Wrong("the front matter that begins here has no line '---' at its end.", 0, 1);
        _keys = Parse();
    }

    /// <exception cref="HubException">WISE5060: this is no text, or no YAML.</exception>
    /// <exception cref="AggregateException">Several WISE5060: several values are of the wrong kind.</exception>
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
            throw new HubException(WiseCodes.InvalidCard, $"{file} is not UTF-8 text. Save it as UTF-8.", e) { File = file };
        }
    }

    public bool Has(string key) => _keys?.Children.Keys.OfType<YamlScalarNode>().Any(k => k.Value == key) == true;

    /// <summary>The whole card with more keys at the end of its front matter; all else is as it was.</summary>
    /// <param name="lines">Keys that it does not have, as YAML in block style.</param>
    /// <exception cref="HubException">WISE5060: it is written in a way that no line can be added to.</exception>
    public byte[] With(IEnumerable<string> lines)
    {
        string newLine = _text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n", indent = "";
        if (_keys is not null)
        {
            if (_keys.Style == MappingStyle.Flow)
                throw Wrong("nothing can be added to keys in braces. Write them one a line.", _keys.Start);
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
        catch (YamlException e)
        {
            throw Wrong($"this is not valid YAML: {e.Message.TrimEnd('.')}.", e.Start);
        }
        return yaml.Documents switch
        {
            [] => null,
            [{ RootNode: YamlMappingNode keys }] => keys,
            [{ RootNode: YamlNode other }] =>
                throw Wrong("the front matter must be keys and values, as 'license: mit'.", other.Start),
            [_, { RootNode: YamlNode second }, ..] => throw Wrong("the front matter must be one YAML document.", second.Start),
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
                RequireTexts(name, "a list of texts", value, (value as YamlSequenceNode)?.Children, problems);
            else if (TextsOrLists.Contains(name))
                RequireTexts(name, "text or a list of texts", value,
                    value is YamlSequenceNode list ? list.Children : [value], problems);
            else
                if (ListsOfObjects.Contains(name) && (value as YamlSequenceNode)?.Children.All(c => c is YamlMappingNode) != true)
                    problems.Add(Wrong($"'{name}' must be a list of keys with values, as '- text: …'.", value.Start));
        }
        return problems;
    }

    private void RequireTexts(string name, string kind, YamlNode value, IList<YamlNode>? texts, List<HubException> problems)
    {
        if (texts is null)
        {
            problems.Add(Wrong($"'{name}' must be {kind}.", value.Start));
            return;
        }
        foreach (YamlNode text in texts)
        {
            if (text is not YamlScalarNode { Value: string read } scalar)
                problems.Add(Wrong($"'{name}' must be {kind}.", text.Start));
            else if (read.Length == 0)
                problems.Add(Wrong($"'{name}' is empty; it must be {kind}.", text.Start));
            else if (scalar.Style == ScalarStyle.Plain && YamlText.NotText(read) is string other)
                problems.Add(Wrong($"'{name}' must be {kind}, but YAML readers take {PathRules.Printable(read)} for {other}. "
                    + $"Write {YamlText.Quote(PathRules.Printable(read))}, in quotes.", text.Start));
        }
    }

    private HubException Wrong(string problem, Mark at) => Wrong(problem, (int)at.Line, (int)at.Column);

    private HubException Wrong(string problem, int lineOfYaml, int column)
    {
        int line = _linesBefore + lineOfYaml;
        return new HubException(WiseCodes.InvalidCard, $"{_file}({line},{column}): {problem} {Remedy}")
        { File = _file, Line = line, Column = column };
    }
}
