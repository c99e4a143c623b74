using System.Text.RegularExpressions;
using System.Xml.Linq;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Every task call gets the common settings from one item, so that none can lack a setting.</summary>
public sealed partial class TaskCallTests
{
    private static readonly string[] Files = [.. ((string[])["build", "buildTransitive", "buildMultiTargeting"])
        .Select(folder => RepoFiles.At($"{folder}/WiseHub.Build.targets"))];

    private static readonly XElement[] Elements = [.. Files.SelectMany(f => XDocument.Load(f).Descendants())];

    private static readonly string[] Tasks =
        [.. Elements.Where(e => e.Name.LocalName == "UsingTask").Select(e => e.Attribute("TaskName")!.Value.Split('.')[^1])];

    private static readonly XElement[] Calls = [.. Elements.Where(e => Tasks.Contains(e.Name.LocalName))];

    private static readonly XElement Item = Assert.Single(Elements, e => e.Name.LocalName == "_WiseClient");

    [Fact]
    public void Each_task_in_the_assembly_is_declared_and_called_in_the_targets()
    {
        IEnumerable<string> tasks = typeof(WiseTask).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(WiseTask)) && !t.IsAbstract)
            .Select(t => t.Name);

        Assert.Equal(tasks.Order(StringComparer.Ordinal), Tasks.Order(StringComparer.Ordinal));
        Assert.Equal(Tasks.Order(StringComparer.Ordinal), Calls.Select(c => c.Name.LocalName).Distinct()
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_client_item_has_the_metadata_that_the_tasks_read() =>
        Assert.Equal(ClientItem.Metadata.Order(StringComparer.Ordinal), Item.Elements().Select(e => e.Name.LocalName)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Every_task_call_passes_the_client_item() =>
        Assert.All(Calls, c => Assert.Equal("@(_WiseClient)", c.Attribute("Client")?.Value));

    [Fact]
    public void No_task_call_passes_a_setting_of_the_client_item_separately()
    {
        string[] properties = [.. Item.Elements().SelectMany(e => Property().Matches(e.Value)).Select(m => m.Value)];

        Assert.NotEmpty(properties);
        Assert.Equal([], Calls.SelectMany(c => c.Attributes())
            .Where(a => ClientItem.Metadata.Contains(a.Name.LocalName)
                || properties.Any(p => a.Value.Contains(p, StringComparison.OrdinalIgnoreCase)))
            .Select(a => $"{a.Parent!.Name.LocalName} {a}"));
    }

    [Fact]
    public void The_client_item_is_created_before_each_task_call() => Assert.Equal([], Calls.Select(c => c.Parent!)
        .Where(target => target.Attribute("DependsOnTargets")?.Value.Split(';').Contains("_WiseDescribeClient") != true)
        .Select(target => target.Attribute("Name")!.Value));

    [GeneratedRegex(@"\$\(\w+\)")]
    private static partial Regex Property();
}
