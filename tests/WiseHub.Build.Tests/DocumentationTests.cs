using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>What the pages list is what the code has, no more and no less, and their links lead somewhere.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Codes = [.. typeof(WiseCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    private static readonly string[] TargetFolders = ["build", "buildTransitive", "buildMultiTargeting"];

    // For work on this repository; they stand in the README's section for contributors.
    private static readonly string[] ContributorProperties = ["WiseHubTasksAssembly", "WiseHubTaskFactory"];

    [Fact]
    public void No_code_is_used_twice() => Assert.Equal(Codes.Distinct(), Codes);

    [Fact]
    public void Every_code_has_a_row_in_the_README_that_links_to_its_anchor() =>
        Assert.Equal(Codes.Order(StringComparer.Ordinal).Select(c => $"[{c}](docs/diagnostics.md#{c.ToLowerInvariant()})"), MarkdownTable.FirstColumn("README.md", "| code | meaning |"));

    [Fact]
    public void Every_code_has_a_heading_of_its_own_in_the_page_of_diagnostics() =>
        Assert.Equal(Codes.Order(StringComparer.Ordinal).Select(c => $"### {c}"), Lines("docs/diagnostics.md").Where(l => l.StartsWith("### ", StringComparison.Ordinal)));

    [Fact]
    public void Every_code_is_explained_by_meaning_cause_remedy_and_an_example_of_its_own()
    {
        string page = string.Join('\n', Lines("docs/diagnostics.md")) + "\n";
        string[] sections = [.. page.Split("\n### ").Skip(1).Select(s => s.Split("\n## ")[0].TrimEnd() + "\n")];
        Assert.Equal(Codes.Length, sections.Length);
        Assert.All(sections, section => Assert.Matches(
            @"\A(WISE\d{4})\n\n[^\n]+\n\n- \*\*Usual cause:\*\* [^\n]+\n- \*\*What to do:\*\* [^\n]+\n\n```text\n(error|warning) \1: [^\n]+\n```\n\z", section));
    }

    [Fact]
    public void The_README_lists_all_metadata_of_a_reference()
    {
        string source = File.ReadAllText(RepoFiles.At("src/WiseHub.Build/ModelItem.cs"));
        IEnumerable<string> read = MetadataRead().Matches(source).Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal(read.Order(StringComparer.Ordinal), MarkdownTable.FirstColumn("README.md", "| metadata | default |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_lists_all_properties_that_the_targets_read()
    {
        IEnumerable<string> read = TargetFolders.SelectMany(f => Directory.EnumerateFiles(RepoFiles.At(f)))
            .SelectMany(f => PropertyRead().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal(read.Order(StringComparer.Ordinal),
            MarkdownTable.FirstColumn("README.md", "| property | default |").Concat(ContributorProperties).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_lists_all_targets_that_people_call()
    {
        string targets = File.ReadAllText(RepoFiles.At("build/WiseHub.Build.targets"));
        // It runs by itself; its name is for the terminal.
        IEnumerable<string> named = TargetName().Matches(targets).Select(m => m.Groups[1].Value).Where(t => t != "WiseDownloadModels");
        Assert.Equal(named.Order(StringComparer.Ordinal), MarkdownTable.FirstColumn("README.md", "| target | what it does |").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_README_names_every_variable_of_ours()
    {
        string readme = File.ReadAllText(RepoFiles.At("README.md"));
        IEnumerable<string> read = Directory.EnumerateFiles(RepoFiles.At("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Variable().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal([], read.Where(v => !readme.Contains($"`{v}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/air-gap.md")]
    [InlineData("docs/benchmarks.md")]
    [InlineData("docs/diagnostics.md")]
    [InlineData("docs/entries.md")]
    [InlineData("docs/file-names.md")]
    [InlineData("docs/from-other-tools.md")]
    [InlineData("docs/git.md")]
    [InlineData("docs/hg-localization.md")]
    [InlineData("docs/lock-file.md")]
    [InlineData("docs/publishing.md")]
    [InlineData("docs/s3.md")]
    [InlineData("docs/store-layout.md")]
    [InlineData("docs/test-hub.md")]
    public void Links_lead_somewhere(string page)
    {
        IEnumerable<string> targets = Link().Matches(string.Join('\n', Lines(page))).Select(m => m.Groups[1].Value).Where(t => !t.Contains("://", StringComparison.Ordinal));
        Assert.Equal([], targets.Where(t => !Exists(page, t)).Distinct());
    }

    [Fact]
    public void Every_page_is_checked_for_links() =>
        Assert.Equal(["air-gap.md", "benchmarks.md", "diagnostics.md", "entries.md", "file-names.md", "from-other-tools.md", "git.md", "hg-localization.md", "lock-file.md", "publishing.md", "s3.md", "store-layout.md", "test-hub.md"],
            Directory.EnumerateFiles(RepoFiles.At("docs")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    private static bool Exists(string page, string target)
    {
        string[] parts = target.Split('#');
        string file = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        string path = RepoFiles.At(file);
        return parts.Length == 1 ? Path.Exists(path)
            : File.Exists(path) && Lines(file).Where(l => l.StartsWith('#')).Select(l => Anchor(l.TrimStart('#').Trim())).Contains(parts[1]);
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

    [GeneratedRegex(@"""(WISEHUB_[A-Z_]+)""")]
    private static partial Regex Variable();

    [GeneratedRegex(@"<Target Name=""(Wise\w+)""")]
    private static partial Regex TargetName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
