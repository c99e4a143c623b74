using System.Text;
using WiseHub.Client.Pushing;
using YamlDotNet.RepresentationModel;

namespace WiseHub.Client.Tests;

/// <summary>Model cards are created, validated and merged.</summary>
public sealed class CardTests : IDisposable
{
    private static readonly CardOptions Full = new()
    {
        License = "MIT",
        Tags = ["text-classification", "no", "1.0"],
        BaseModel = ["BAAI/bge-small-zh-v1.5"],
        Language = ["no"],
        Datasets = ["acme/texts"],
        PipelineTag = "text-classification",
        Widget = ["Hello: \"you\"", "你好\n😀"],
        Title = "Lang id",
        Description = "Tells languages apart.\r\nQuickly.",
    };

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private PushRequest Request(CardOptions? card, params (string Path, string Text)[] files) => new()
    {
        RepoId = "acme/tiny",
        Files = [.. files.Select(f => new PushFile(_bench.Temp.Write("source/" + f.Path, f.Text), f.Path))],
        Card = card,
    };

    private async Task<PushResult> PushAsync(PushRequest request)
    {
        using HubClient client = _bench.NewClient();
        return await client.PushAsync(request);
    }

    private async Task<string> CardOnHubAsync(RepoType type = RepoType.Model)
    {
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", RepoType = type });
        return File.ReadAllText(result.Snapshots[0].Files.Single(f => f.Path == "README.md").BlobPath);
    }

    private string[] Problems(string card)
    {
        string file = _bench.Temp.Write("README.md", card);
        Exception? e = Record.Exception(() => FrontMatter.Read(file, File.ReadAllBytes(file)));
        HubException[] problems = e is AggregateException several ? [.. several.InnerExceptions.Cast<HubException>()] : e is null
            ? [] : [Assert.IsType<HubException>(e)];
        Assert.All(problems, p => Assert.Equal((WiseCodes.InvalidCard, file, true),
            (p.Code, p.File, p.Message.StartsWith($"{file}({p.Line},{p.Column}): ", StringComparison.Ordinal))));
        Assert.All(problems, p => Assert.EndsWith(" Correct the front matter, between the two lines of '---'.", p.Message,
            StringComparison.Ordinal));
        return [.. problems.Select(
            p => p.Message[file.Length..^" Correct the front matter, between the two lines of '---'.".Length])];
    }

    private static string Merged(string card, CardOptions options)
    {
        FrontMatter read = FrontMatter.Read("README.md", Encoding.UTF8.GetBytes(card));
        return Encoding.UTF8.GetString(read.With(CardText.Keys(options, RepoType.Model).Where(k => !read.Has(k.Key))
            .SelectMany(k => k.Lines)));
    }

    [Fact]
    public async Task A_push_without_a_card_gets_one_from_the_options()
    {
        PushResult pushed = await PushAsync(Request(Full, ("a.bin", "hello")) with { Revision = "v2" });
        _bench.Log.Clear();
        RestoreResult result = await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny", Revision = "v2" });
        Assert.Equal("""
            ---
            license: mit
            language: "no"
            tags:
            - text-classification
            - "no"
            - "1.0"
            library_name: dotnet
            pipeline_tag: text-classification
            base_model: BAAI/bge-small-zh-v1.5
            datasets:
            - acme/texts
            widget:
            - text: "Hello: \"you\""
            - text: "你好\n😀"
            ---

            # Lang id

            Tells languages apart.
            Quickly.

            ## Use

            In a .NET project with the package WiseHub.Build:

            ```xml
            <WiseModelReference Include="acme/tiny" Hub="local" Revision="v2" />
            ```

            """.ReplaceLineEndings("\n"),
            File.ReadAllText(result.Snapshots[0].Files.Single(f => f.Path == "README.md").BlobPath));
        Assert.Equal(["README.md: Add", "a.bin: Add"], pushed.Steps.Select(s => $"{s.PathInRepo}: {s.Action}"));
    }

    [Fact]
    public async Task The_card_of_a_dataset_has_the_keys_of_datasets()
    {
        await PushAsync(Request(new CardOptions
        {
            License = "cc-by-4.0",
            Language = ["en", "zh"],
            PipelineTag = "text-classification",
            Title = "Texts: 1"
        }, ("a.csv", "1")) with
        { RepoType = RepoType.Dataset });
        Assert.Equal("""
            ---
            pretty_name: "Texts: 1"
            license: cc-by-4.0
            language:
            - en
            - zh
            task_categories:
            - text-classification
            ---

            # Texts: 1

            ## Use

            In a .NET project with the package WiseHub.Build:

            ```xml
            <WiseModelReference Include="acme/tiny" Hub="local" RepoType="dataset" />
            ```

            """.ReplaceLineEndings("\n"), await CardOnHubAsync(RepoType.Dataset));
    }

    [Fact]
    public async Task The_same_options_make_no_second_commit_and_do_not_remember_the_card()
    {
        string memory = _bench.Temp["push.json"];
        PushResult first = await PushAsync(Request(Full, ("a.bin", "hello")) with { MemoryFile = memory });
        PushResult second = await PushAsync(Request(Full, ("a.bin", "hello")) with { MemoryFile = memory });
        Assert.Equal((true, first.Commit, false), (first.Changed, second.Commit, second.Changed));
        PushResult third = await PushAsync(Request(Full with { License = "apache-2.0" }, ("a.bin", "hello")));
        Assert.Equal(["README.md: Change", "a.bin: Keep"], third.Steps.Select(s => $"{s.PathInRepo}: {s.Action}"));
        Assert.DoesNotContain("README.md", File.Exists(memory) ? File.ReadAllText(memory) : "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_temporary_card_is_deleted_after_a_push_and_after_a_failure()
    {
        string path;
        using (CardFile card = CardFile.For(Request(Full, ("a.bin", "hello")), "local", _bench.Log))
        {
            PushFile made = Assert.Single(card.Files, f => f.PathInRepo == "README.md");
            path = made.SourcePath;
            Assert.Equal((true, true), (made.IsTemporary, File.Exists(path)));
        }
        Assert.False(Directory.Exists(Path.GetDirectoryName(path)));
        await Assert.ThrowsAsync<HubException>(() => PushAsync(Request(Full, ("a.bin", "hello")) with { Hub = "nowhere" }));
    }

    [Fact]
    public async Task A_dry_run_shows_the_card_in_its_plan()
    {
        PushResult plan =
            await PushAsync(Request(new CardOptions { License = "mit" }, ("a.bin", "hello")) with { DryRun = true });
        Assert.Equal(["README.md: Add 176", "a.bin: Add 5"], plan.Steps.Select(s => $"{s.PathInRepo}: {s.Action} {s.Size}"));
        Assert.False(Directory.Exists(_bench.Hub.Folder)
            && Directory.EnumerateFiles(_bench.Hub.Folder, "*", SearchOption.AllDirectories).Any());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Empty_card_options_create_no_card(bool isAsked)
    {
        PushResult pushed = await PushAsync(Request(isAsked ? new CardOptions() : null, ("a.bin", "hello")));
        Assert.Equal(["a.bin"], pushed.Steps.Select(s => s.PathInRepo));
    }

    [Fact]
    public async Task A_card_among_the_pushed_files_is_pushed_unchanged()
    {
        const string Card = "---\r\nlicense: apache-2.0\r\n---\r\ntext without an end";
        await PushAsync(Request(Full, ("README.md", Card), ("docs/README.md", "language: no")));
        Assert.Equal(Card, await CardOnHubAsync());
    }

    [Fact]
    public async Task An_invalid_card_fails_the_push_before_any_write_and_only_with_options()
    {
        PushRequest wrong = Request(new CardOptions(), ("README.md", "---\nlicense: [mit\n---\n"));
        HubException e = await Assert.ThrowsAsync<HubException>(() => PushAsync(wrong));
        Assert.Equal((WiseCodes.InvalidCard, 3), (e.Code, e.Line));
        Assert.False(Directory.Exists(_bench.Hub.Folder)
            && Directory.EnumerateFiles(_bench.Hub.Folder, "*", SearchOption.AllDirectories).Any());
        Assert.True((await PushAsync(wrong with { Card = null })).Changed);
    }

    [Fact]
    public async Task Merge_mode_adds_missing_keys_and_an_unchanged_merge_makes_no_commit()
    {
        CardOptions options = Full with { Mode = CardMode.Merge, Widget = [] };
        await PushAsync(Request(options, ("README.md", "---\nlicense: apache-2.0 # ours\ntags: [a]\n---\n# Mine\n")));
        Assert.Equal("---\nlicense: apache-2.0 # ours\ntags: [a]\nlanguage: \"no\"\npipeline_tag: text-classification\n"
            + "base_model: BAAI/bge-small-zh-v1.5\ndatasets:\n- acme/texts\n---\n# Mine\n",
            await CardOnHubAsync());
        Assert.Equal("---\nlicense: apache-2.0 # ours\ntags: [a]\n---\n# Mine\n",
            File.ReadAllText(_bench.Temp["source/README.md"]));
        Assert.False((await PushAsync(Request(options,
            ("README.md", "---\nlicense: apache-2.0 # ours\ntags: [a]\n---\n# Mine\n")))).Changed);
    }

    [Theory]
    [InlineData("# Only text", "---\nlicense: mit\n---\n\n# Only text")]
    [InlineData("", "---\nlicense: mit\n---\n")]
    [InlineData("\uFEFF# Text\r\n", "\uFEFF---\r\nlicense: mit\r\n---\r\n\r\n# Text\r\n")]
    [InlineData("---\n---\nx", "---\nlicense: mit\n---\nx")]
    [InlineData("---\n# only a comment\n---", "---\n# only a comment\nlicense: mit\n---")]
    [InlineData("\n\n---  \r\ntags:\r\n- a\r\n---  \r\nx\n", "\n\n---  \r\ntags:\r\n- a\r\nlicense: mit\r\n---  \r\nx\n")]
    [InlineData("---\n  tags:\n  - a\n---\n", "---\n  tags:\n  - a\n  license: mit\n---\n")]
    [InlineData("---\nnote: |\n  a\n\n---\n", "---\nnote: |\n  a\n\nlicense: mit\n---\n")]
    [InlineData("text\n---\ntags: 1\n---\n", "---\nlicense: mit\n---\n\ntext\n---\ntags: 1\n---\n")]
    public void Adding_a_key_keeps_every_other_byte(string card, string merged) =>
        Assert.Equal(merged, Merged(card, new CardOptions { License = "mit" }));

    [Fact]
    public void Adding_a_key_to_keys_in_braces_is_an_error()
    {
        HubException e =
            Assert.Throws<HubException>(() => Merged("---\n{tags: [a]}\n---\n", new CardOptions { License = "mit" }));
        Assert.Equal((WiseCodes.InvalidCard, "README.md(2,1): keys in braces cannot be extended. Write one key per line. "
            + "Correct the front matter, between the two lines of '---'."), (e.Code, e.Message));
    }

    [Theory]
    [InlineData("# No front matter\n\n---\nlicense: 1\n")]
    [InlineData("---\nlicense: mit\nlanguage:\n- en\n- \"no\"\ntags: []\nbase_model: a/b\ndatasets: [a/b]\nwidget:\n- text: 1\n"
        + "model-index:\n- name: x\nanything: {else: 1}\n---\n")]
    [InlineData("\uFEFF---\nlicense: 'no'\n---\n")]
    [InlineData("---\nlicense: &l mit\nlicense_name: *l\n---\n")]
    public void A_valid_card_has_no_problem(string card) => Assert.Equal([], Problems(card));

    [Theory]
    [InlineData("---\nlicense: mit\n", "(1,1): the front matter that begins here has no line '---' at its end.")]
    [InlineData("\n---\njust text\n---\n", "(3,1): the front matter must have keys and values, such as 'license: mit'.")]
    [InlineData("---\n- a\n---\n", "(2,1): the front matter must have keys and values, such as 'license: mit'.")]
    [InlineData("---\nlicense: mit\n...\nx: 1\n---\n", "(4,1): the front matter must be one YAML document.")]
    [InlineData("---\ntags: text\n---\n", "(2,7): 'tags' must be a list of texts.")]
    [InlineData("---\ntags:\n- a\n- 1.0\n---\n",
        "(4,3): 'tags' must be a list of texts, but YAML readers read 1.0 as a number. Write \"1.0\", in quotes.")]
    [InlineData("---\ntags:\n- [a]\n---\n", "(3,3): 'tags' must be a list of texts.")]
    [InlineData("---\nlanguage: no\n---\n", "(2,11): 'language' must be text or a list of texts, but YAML readers read no as "
        + "true or false. Write \"no\", in quotes.")]
    [InlineData("---\nlanguage: [en, NO]\n---\n", "(2,16): 'language' must be text or a list of texts, "
        + "but YAML readers read NO as true or false. Write \"NO\", in quotes.")]
    [InlineData("---\nlicense:\n---\n", "(2,9): 'license' is empty; it must be text or a list of texts.")]
    [InlineData("---\nlicense: {a: b}\n---\n", "(2,10): 'license' must be text or a list of texts.")]
    [InlineData("---\nbase_model: ~\n---\n",
        "(2,13): 'base_model' must be text or a list of texts, but YAML readers read ~ as nothing. Write \"~\", in quotes.")]
    [InlineData("---\npipeline_tag: [a]\n---\n", "(2,15): 'pipeline_tag' must be text.")]
    [InlineData("---\nlicense_name: 2024-01-01\n---\n",
        "(2,15): 'license_name' must be text, but YAML readers read 2024-01-01 as a date. Write \"2024-01-01\", in quotes.")]
    [InlineData("---\nwidget: text\n---\n", "(2,9): 'widget' must be a list of keys with values, such as '- text: …'.")]
    [InlineData("---\nwidget:\n- text\n---\n", "(3,1): 'widget' must be a list of keys with values, such as '- text: …'.")]
    public void An_invalid_card_is_an_error_at_its_line(string card, string problem) => Assert.Equal([problem], Problems(card));

    [Theory]
    [InlineData("---\nlicense: [mit\n---\n")]
    [InlineData("---\nlicense: mit\nlicense: apache-2.0\n---\n")]
    [InlineData("---\nlicense: a: b\n---\n")]
    [InlineData("---\ntags: *none\n---\n")]
    // YamlDotNet throws an exception here that is not its own.
    [InlineData("---\na: [<b>\n\"\n---\n")]
    public void Invalid_YAML_is_an_error_with_line_and_column(string card) =>
        Assert.Matches(@"^\([2-4],\d+\): this is not valid YAML: .+[^.]\.$", Assert.Single(Problems(card)));

    [Fact]
    public void All_invalid_values_are_reported_at_once() =>
        Assert.Equal(["(2,7): 'tags' must be a list of texts.", "(3,15): 'pipeline_tag' must be text."],
            Problems("---\ntags: a\npipeline_tag: []\n---\n"));

    [Fact]
    public void A_card_that_is_not_text_or_too_long_is_an_error()
    {
        HubException e = Assert.Throws<HubException>(() => FrontMatter.Read("README.md", [0x2D, 0xFF, 0xFE]));
        Assert.Equal((WiseCodes.InvalidCard, "README.md is not UTF-8 text. Save it as UTF-8."), (e.Code, e.Message));
        PushRequest request = Request(new CardOptions(), ("README.md", new string('x', 4_300_000)));
        e = Assert.Throws<HubException>(() => CardFile.For(request, "local", _bench.Log));
        Assert.Equal((WiseCodes.InvalidCard, $"{request.Files[0].SourcePath} has 4.3 MB; a card may have at most 4.2 MB. "
            + "Move the rest to other files."), (e.Code, e.Message));
    }

    [Fact]
    public void A_card_with_another_spelling_of_its_name_is_an_error_if_a_card_would_be_created()
    {
        PushRequest request = Request(Full, ("readme.md", "x"));
        HubException e = Assert.Throws<HubException>(() => CardFile.For(request, "local", _bench.Log));
        Assert.Equal((WiseCodes.CardNotPossible, "acme/tiny: the push has 'readme.md', but hubs only read a card named "
            + $"README.md. Rename {request.Files[0].SourcePath}."), (e.Code, e.Message));
        using CardFile none = CardFile.For(request with { Card = new CardOptions() }, "local", _bench.Log);
        Assert.Equal(request.Files, none.Files);
    }

    [Fact]
    public void Options_that_do_not_fit_the_type_of_repo_are_an_error()
    {
        PushRequest request = Request(Full, ("a", "x"));
        Assert.Equal("These card options are only for models, and this is a dataset: BaseModel, Datasets, Widget. Remove them.",
            Assert.Throws<HubException>(
                () => CardFile.For(request with { RepoType = RepoType.Dataset }, "local", _bench.Log)).Message);
        Assert.Equal(""
            + "Only models and datasets have cards made from options, not a repo of type space. Remove the card options, or add "
            + "a README.md to the push.",
            Assert.Throws<HubException>(
                () => CardFile.For(request with { RepoType = RepoType.Space }, "local", _bench.Log)).Message);
        using CardFile none =
            CardFile.For(request with { RepoType = RepoType.Code, Card = new CardOptions() }, "local", _bench.Log);
        Assert.Equal(request.Files, none.Files);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("Y")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("0x1F")]
    [InlineData("0o17")]
    [InlineData("12:30")]
    [InlineData(".inf")]
    [InlineData("2024-01-01")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("# a")]
    [InlineData("- a")]
    [InlineData("*a")]
    [InlineData("&a")]
    [InlineData("!a")]
    [InlineData("@a")]
    [InlineData("%a")]
    [InlineData("`a`")]
    [InlineData("{a}")]
    [InlineData("[a]")]
    [InlineData("a, b")]
    [InlineData("'a'")]
    [InlineData("\"a\" \\ b")]
    [InlineData("a\r\nb\tc")]
    [InlineData("\0\u0007\u0085\u2028\uFEFF")]
    [InlineData("<<")]
    [InlineData("=")]
    [InlineData("---")]
    [InlineData("中文 😀")]
    [InlineData("cc-by-4.0")]
    [InlineData("BAAI/bge-small-zh-v1.5")]
    public void Any_text_survives_a_round_trip_through_YAML(string text)
    {
        string written = YamlText.Write(text);
        var yaml = new YamlStream();
        yaml.Load(new StringReader($"a: {written}\nb:\n- {written}\n"));
        var keys = (YamlMappingNode)yaml.Documents.Single().RootNode;
        Assert.Equal((text, text), (((YamlScalarNode)keys["a"]).Value, ((YamlScalarNode)keys["b"][0]).Value));
        Assert.True(written[0] == '"' || YamlText.NotText(written) is null);
    }
}
