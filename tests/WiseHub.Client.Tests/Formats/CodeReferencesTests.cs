using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Configuration files that lead to code.</summary>
public sealed class CodeReferencesTests
{
    private static string Found(string path, string content) =>
        string.Join(' ', CodeReferences.Of(path, Encoding.UTF8.GetBytes(content)).Select(r => $"{r.Kind}:{r.Detail}"));

    [Theory]
    [InlineData("""{"auto_map":{"AutoModel":"modeling_x.Model","AutoConfig":"configuration_x.Config"}}""",
        "OwnCode:modeling_x.py OwnCode:configuration_x.py")]
    [InlineData("""{"auto_map":{"AutoTokenizer":["tok.Slow",null]}}""", "OwnCode:tok.py")]
    [InlineData("""{"auto_map":{"AutoModel":"m.A","AutoModelForCausalLM":"m.B"}}""", "OwnCode:m.py")]
    [InlineData("""{"auto_map":"tok.Slow"}""", "OwnCode:tok.py")]
    [InlineData("""{"auto_map":{"AutoModel":"folder.m.A"}}""", "OwnCode:folder/m.py")]
    [InlineData("""{"a":[{"auto_map":{"AutoModel":"m.A"}}]}""", "OwnCode:m.py")]
    [InlineData("""{"auto\u005fmap":{"AutoModel":"m.A"}}""", "OwnCode:m.py")]
    [InlineData("""{"auto_map":{"AutoModel":"other/repo--m.A"}}""", "OtherRepo:other/repo--m.py")]
    [InlineData("""{"auto_map":{"AutoModel":"other/repo--x"}}""", "OtherRepo:other/repo--x")]
    [InlineData("""{"custom_pipelines":{"p":{"impl":"pipe.P","pt":["AutoModel.x"]}}}""", "OwnCode:pipe.py")]
    [InlineData("""{"x":"auto_map","y":{"z":"m.A"},"auto_map":null}""", "")]
    [InlineData("""{"auto_map":{"AutoModel":"Model"}}""", "")]
    // Python's json takes these.
    [InlineData("""{"x":NaN,"y":-Infinity,"z":[Infinity],"s":"NaN\"Infinity","auto_map":{"AutoModel":"m.A"}}""", "OwnCode:m.py")]
    [InlineData("""{"\ud800":"\ud800","auto_map":{"AutoModel":"m.A"}}""", "OwnCode:m.py")]
    [InlineData("""{"auto_map":{"AutoModel":"m.A"}""", "")]
    [InlineData("""{"auto_map":{"AutoModel":"m.A"},}""", "")]
    [InlineData("", "")]
    public void References_to_classes_are_found(string json, string expected) =>
        Assert.Equal(expected, Found("config.json", json));

    [Fact]
    public void Depth_hides_nothing_and_breaks_nothing()
    {
        string deep = new string('[', 50_000) + new string(']', 50_000);
        Assert.Equal("OwnCode:m.py", Found("config.json", "{\"x\":" + deep + ",\"auto_map\":{\"A\":\"m.A\"}}"));
        Assert.Equal("", Found("config.json", new string('[', 1_000_000)));
    }

    [Theory]
    [InlineData("{{ x.__class__ }}", "Template:__class__")]
    [InlineData("{{ ''|attr('a') }}", "Template:attr")]
    [InlineData("{{ attr ('a') }}", "Template:attr")]
    [InlineData("{% import 'x' as y %}", "Template:import")]
    [InlineData("{%- from 'x' import y %}", "Template:from")]
    [InlineData("{% include 'x' %}", "Template:include")]
    [InlineData("{{ x['__globals__'] }}", "Template:__globals__")]
    [InlineData("{{ x.mro() }}{{ x.y.subclasses }}", "Template:mro Template:subclasses")]
    [InlineData("{{ x['\\x5f\\x5fclass'] }}", "Template:\\x5f\\x5fclass")]
    [InlineData("{{ lipsum }}", "Template:lipsum")]
    [InlineData("{{ '}}' ~ x.__a__ }}", "Template:__a__")]
    [InlineData("{# __class__ #}text __class__ { x.__class__ }", "")]
    [InlineData("{{ 'please include and import __ of it' }}", "")]
    [InlineData("{% for m in messages %}{{ '<|im_start|>' + m['role'] }}{% endfor %}{{ attribute }}", "")]
    [InlineData("{{ x.__class__", "Template:__class__")]
    [InlineData("{{ 'x", "")]
    [InlineData("{", "")]
    public void Suspicious_parts_of_templates_are_found(string template, string expected)
    {
        Assert.Equal(expected, Found("chat_template.jinja", template));
        string text = System.Text.Json.JsonSerializer.Serialize(template);
        Assert.Equal(expected, Found("tokenizer_config.json", $$"""{"chat_template":{{text}}}"""));
        Assert.Equal(expected, Found("tokenizer_config.json", $$"""{"chat_template":[{"name":"a","template":{{text}}}]}"""));
        Assert.Equal(expected, Found("processor_config.json", "{\"chat_template\":{\"default\":" + text + "}}"));
    }

    [Fact]
    public void Other_files_have_no_findings() => Assert.Equal("", Found("README.md", "{{ x.__class__ }}"));

    [Fact]
    public void Findings_are_limited_and_cannot_forge_lines()
    {
        string many = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"A{i}\":\"m{i}.A\""));
        Assert.Equal(CodeReferences.MostFindings, CodeReferences.Of("config.json",
            Encoding.UTF8.GetBytes("{\"auto_map\":{" + many + "}}")).Count);
        Assert.Equal("OwnCode:a\uFFFDb.py", Found("config.json", """{"auto_map":{"A":"a\nb.A"}}"""));
    }
}
