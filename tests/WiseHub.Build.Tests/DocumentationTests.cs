using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The pages list exactly what the code has, and their links point to existing targets.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Codes = [.. typeof(WiseCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    private const string Diagnostics = "docs/diagnostics.md", Reference = "docs/reference.md";
    private const string Protocols = "docs/protocols/README.md";

    private static readonly string[] TargetFolders = ["build", "buildTransitive", "buildMultiTargeting"];

    // For work on this repository.
    private static readonly string[] ContributorProperties = ["WiseHubTasksAssembly", "WiseHubTaskFactory"];

    [Fact]
    public void No_code_is_used_twice() => Assert.Equal(Codes.Distinct(), Codes);

    [Fact]
    public void Every_code_has_a_row_on_the_diagnostics_page_that_links_to_its_section() =>
        Assert.Equal(Codes.Order(StringComparer.Ordinal).Select(c => $"[{c}](#{c.ToLowerInvariant()})"),
            MarkdownTable.FirstColumn(Diagnostics, "| code | meaning |"));

    [Fact]
    public void The_table_of_codes_is_in_one_place() =>
        Assert.Equal([Diagnostics], Pages.All.Where(p => Lines(p).Any(l => l.StartsWith("| code |", StringComparison.Ordinal))));

    [Fact]
    public void Every_code_has_its_own_heading_on_the_diagnostics_page() =>
        Assert.Equal(Codes.Order(StringComparer.Ordinal).Select(c => $"### {c}"),
            Lines(Diagnostics).Where(l => l.StartsWith("### ", StringComparison.Ordinal)));

    [Fact]
    public void Every_code_is_explained_by_meaning_cause_remedy_and_an_example_of_its_own()
    {
        string page = string.Join('\n', Lines(Diagnostics)) + "\n";
        string[] sections = [.. page.Split("\n### ").Skip(1).Select(s => s.Split("\n## ")[0].TrimEnd() + "\n")];
        Assert.Equal(Codes.Length, sections.Length);
        Assert.All(sections, section => Assert.Matches(
            @"\A(WISE\d{4})\n\n[^\n]+\n\n- \*\*Usual cause:\*\* [^\n]+\n- \*\*What to do:\*\* [^\n]+\n\n```text\n(error"
            + @"|warning) \1: [^\n]+\n```\n\z", section));
    }

    [Fact]
    public void The_reference_lists_all_metadata_of_a_reference()
    {
        string source = File.ReadAllText(RepoFiles.At("src/WiseHub.Build/ModelItem.cs"));
        IEnumerable<string> read = MetadataRead().Matches(source).Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal(read.Order(StringComparer.Ordinal),
            MarkdownTable.FirstColumn(Reference, "| metadata | default |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_shows_only_metadata_of_the_reference() =>
        Assert.Equal([], MarkdownTable.FirstColumn("README.md", "| metadata | meaning |")
            .Except(MarkdownTable.FirstColumn(Reference, "| metadata | default |")));

    [Fact]
    public void The_reference_lists_all_properties_that_the_targets_read()
    {
        IEnumerable<string> listed = MarkdownTable.FirstColumn(Reference, "| property | default |").Concat(ContributorProperties);
        Assert.Equal(Found(PropertyRead(), TargetFiles()), listed.Order(StringComparer.Ordinal));
        string contributing = File.ReadAllText(RepoFiles.At("CONTRIBUTING.md"));
        Assert.All(ContributorProperties, p => Assert.Contains($"`{p}`", contributing, StringComparison.Ordinal));
    }

    [Fact]
    public void The_reference_lists_all_targets_that_people_call()
    {
        string targets = File.ReadAllText(RepoFiles.At("build/WiseHub.Build.targets"));
        // It runs by itself; its name is for the terminal.
        IEnumerable<string> named = TargetName().Matches(targets).Select(m => m.Groups[1].Value)
            .Where(t => t != "WiseRestoreModels");
        Assert.Equal(named.Order(StringComparer.Ordinal),
            MarkdownTable.FirstColumn(Reference, "| target | what it does |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_reference_lists_all_items_without_an_underscore_of_the_targets()
    {
        Assert.Equal(Found(ItemName(), TargetFiles()),
            MarkdownTable.FirstColumn(Reference, "| item | made by |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_variable_that_the_code_reads_is_documented_and_ours_are_in_the_reference()
    {
        string pages = string.Join('\n', Pages.All.Select(p => File.ReadAllText(RepoFiles.At(p))));
        string reference = File.ReadAllText(RepoFiles.At(Reference));
        bool IsListed(string variable) => (variable.StartsWith("WISEHUB_", StringComparison.Ordinal) ? reference : pages)
            .Contains($"`{variable}", StringComparison.Ordinal);
        Assert.Equal([], Found(Variable(), Sources()).Where(v => !IsListed(v)));
    }

    [Fact]
    public void Every_variable_in_the_table_of_the_reference_is_read_by_the_code()
    {
        string sources = string.Join('\n', Sources());
        IEnumerable<string> listed = MarkdownTable.FirstColumn(Reference, "| variable | meaning |")
            .Select(v => v.Split('<')[0].TrimEnd('*'));
        Assert.Equal([], listed.Where(v => !sources.Contains('"' + v, StringComparison.Ordinal)));
    }

    public static TheoryData<string> AllPages => [.. Pages.All];

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Links_point_to_existing_pages_and_sections(string page)
    {
        IEnumerable<string> targets = Link().Matches(string.Join('\n', Lines(page))).Select(m => m.Groups[1].Value)
            .Where(t => !t.Contains("://", StringComparison.Ordinal));
        Assert.Equal([], targets.Where(t => !Exists(page, t)).Distinct());
    }

    [Fact]
    public void Comments_name_only_existing_documents_and_anchors()
    {
        IEnumerable<string> files = ((string[])["src", "tests", "samples", .. TargetFolders])
            .SelectMany(f => Directory.EnumerateFiles(RepoFiles.At(f), "*", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(RepoFiles.Root, f).Replace('\\', '/'))
            .Where(f => Path.GetExtension(f) is ".cs" or ".targets" or ".props" or ".csproj")
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal));
        IEnumerable<(string File, string Page)> cited = files
            .SelectMany(f => CitedPage().Matches(Comments(f)).Select(m => (f, m.Value))).Distinct();
        Assert.Equal([], cited.Where(c => !Exists("README.md", c.Page)));
    }

    [Fact]
    public void The_index_links_to_every_page()
    {
        IEnumerable<string> linked = Linked("docs/index.md").Concat(Linked(Protocols)).Append("docs/index.md");
        Assert.Equal([], Pages.All.Except(linked));
    }

    [Fact]
    public void The_README_has_at_most_200_lines() => Assert.InRange(File.ReadLines(RepoFiles.At("README.md")).Count(), 1, 200);

    [Fact]
    public void The_picture_shows_the_output_of_the_quick_start()
    {
        XElement picture = XElement.Load(RepoFiles.At("docs/images/terminal.svg"));
        string[] shown = [.. picture.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.TrimEnd())];
        string[] printed = Snippet.Named("quick-start-output").Text.TrimEnd('\n').Split('\n');
        Assert.Contains("$ dotnet run --project samples/UseModel", shown);
        Assert.Equal(printed[..4], shown[^4..]);
    }

    /// <summary>What stands behind "//" in C#; all of a file of MSBuild, where nothing else looks like a page.</summary>
    private static string Comments(string file)
    {
        IEnumerable<string> lines = File.ReadLines(RepoFiles.At(file));
        return string.Join('\n', Path.GetExtension(file) != ".cs" ? lines
            : lines.Select(l => l.IndexOf("// ", StringComparison.Ordinal) is >= 0 and int at ? l[at..] : ""));
    }

    /// <summary>The names that a pattern finds in texts, each once.</summary>
    private static IEnumerable<string> Found(Regex pattern, IEnumerable<string> texts) =>
        texts.SelectMany(text => pattern.Matches(text)).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The paths of the files that a page links to.</summary>
    private static IEnumerable<string> Linked(string page) => Link().Matches(File.ReadAllText(RepoFiles.At(page)))
        .Select(m => RepoFiles.At(Path.GetDirectoryName(page)!, m.Groups[1].Value.Split('#')[0]))
        .Select(path => Path.GetRelativePath(RepoFiles.Root, path).Replace('\\', '/'));

    private static IEnumerable<string> TargetFiles() =>
        TargetFolders.SelectMany(f => Directory.EnumerateFiles(RepoFiles.At(f))).Select(File.ReadAllText);

    private static IEnumerable<string> Sources() =>
        RepoFiles.Sources("src").Select(f => File.ReadAllText(RepoFiles.At(f)));

    private static bool Exists(string page, string target)
    {
        string[] parts = target.Split('#');
        string file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        string path = RepoFiles.At(file);
        return parts.Length == 1 ? Path.Exists(path)
            : File.Exists(path)
                && Lines(file).Where(l => l.StartsWith('#')).Select(l => Anchor(l.TrimStart('#').Trim())).Contains(parts[1]);
    }

    // The rule of the page's renderer: lower case, spaces become hyphens, punctuation goes.
    private static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (char c in heading)
        {
            if (char.IsLetterOrDigit(c) || c is '-' or '_')
                anchor.Append(char.ToLowerInvariant(c));
            else if (c == ' ')
                anchor.Append('-');
        }
        return anchor.ToString();
    }

    private static List<string> Lines(string page)
    {
        var lines = new List<string>();
        bool fenced = false;
        foreach (string line in File.ReadLines(RepoFiles.At(page)))
        {
            bool fence = line.StartsWith("```", StringComparison.Ordinal);
            fenced ^= fence;
            // A comment of a shell snippet is no heading.
            lines.Add(fenced && !fence && line.StartsWith('#') ? " " + line : line);
        }
        return lines;
    }

    [GeneratedRegex(@"\(item, Names\.(\w+)\)")]
    private static partial Regex MetadataRead();

    [GeneratedRegex(@"\$\((Wise\w+)\)")]
    private static partial Regex PropertyRead();

    [GeneratedRegex(@"@\(((?:Resolved)?Wise\w+)")]
    private static partial Regex ItemName();

    [GeneratedRegex(@"""((?:WISEHUB|HF|HGLOC|AWS|HUGGING_FACE|HUGGINGFACE|MGE)_[A-Z_0-9]*[A-Z0-9])""")]
    private static partial Regex Variable();

    [GeneratedRegex(@"<Target Name=""(Wise\w+)""")]
    private static partial Regex TargetName();

    // docs/cache.md#where-is-it, a page at the top, or any other that is named with a section. Addresses are not ours.
    [GeneratedRegex(@"(?<![\w/.-])((docs/[\w/-]+|[A-Z]{3,})\.md(#[\w-]+)?|[\w/-]+\.md(?= sections? \d))")]
    private static partial Regex CitedPage();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
