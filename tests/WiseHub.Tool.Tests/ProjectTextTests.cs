using System.Text;
using WiseHub.Client;
using WiseHub.Testing;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool.Tests;

/// <summary>Edits of a project file change nothing but the lines of the item.</summary>
public sealed class ProjectTextTests : IDisposable
{
    private const string Item = "<WiseModelReference Include=\"acme/m\" />";

    private readonly string _folder = Directory.CreateTempSubdirectory("wisehub-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ProjectText Read(string text, Encoding? encoding = null)
    {
        string path = Path.Combine(_folder, "App.csproj");
        File.WriteAllText(path, text, encoding ?? new UTF8Encoding(false));
        return ProjectText.Read(path);
    }

    public static TheoryData<string, string> Inserts => new()
    {
        // After the last reference, with its indentation and the file's line ends.
        {
            "<Project>\r\n\t<ItemGroup>\r\n\t\t<WiseModelReference Include='a/b'>\r\n\t\t</WiseModelReference> <!-- > -->\r\n"
                + "\t</ItemGroup>\r\n</Project>\r\n",
            "<Project>\r\n\t<ItemGroup>\r\n\t\t<WiseModelReference Include='a/b'>\r\n\t\t</WiseModelReference>\r\n\t\t" + Item
                + " <!-- > -->\r\n\t</ItemGroup>\r\n</Project>\r\n"
        },
        // Attributes with '>' and several lines.
        {
            "<Project>\n  <ItemGroup>\n    <WiseModelReference Include=\"a/b\"\n      Alias='x>y' />\n  </ItemGroup>\n</Project>",
            "<Project>\n  <ItemGroup>\n    <WiseModelReference Include=\"a/b\"\n      Alias='x>y' />\n    " + Item
                + "\n  </ItemGroup>\n</Project>"
        },
        // Not into a group or a target with a condition of its own.
        {
            "<Project>\n  <ItemGroup Condition=\"'$(X)' != ''\">\n    <WiseModelReference Include=\"a/b\" />\n  </ItemGroup>\n"
                + "  <Target Name=\"T\">\n    <ItemGroup>\n      <WiseModelReference Include=\"c/d\" />\n    </ItemGroup>\n"
                + "  </Target>\n</Project>\n",
            "<Project>\n  <ItemGroup Condition=\"'$(X)' != ''\">\n    <WiseModelReference Include=\"a/b\" />\n  </ItemGroup>\n"
                + "  <ItemGroup>\n    " + Item + "\n  </ItemGroup>\n"
                + "  <Target Name=\"T\">\n    <ItemGroup>\n      <WiseModelReference Include=\"c/d\" />\n    </ItemGroup>\n"
                + "  </Target>\n</Project>\n"
        },
        // A group of its own: after the last group, else after the properties, else at the end.
        {
            "<Project>\n    <ItemGroup>\n        <None Include=\"x\" />\n    </ItemGroup>\n\n    <Import Project=\"y\" "
                + "/>\n</Project>\n",
            "<Project>\n    <ItemGroup>\n        <None Include=\"x\" />\n    </ItemGroup>\n    <ItemGroup>\n        " + Item
                + "\n    </ItemGroup>\n\n    <Import Project=\"y\" />\n</Project>\n"
        },
        {
            "<?xml version=\"1.0\"?>\r<Project>\r <PropertyGroup />\r</Project>",
            "<?xml version=\"1.0\"?>\r<Project>\r <PropertyGroup />\r <ItemGroup>\r  " + Item + "\r </ItemGroup>\r</Project>"
        },
        { "<Project>\n</Project>\n", "<Project>\n  <ItemGroup>\n    " + Item + "\n  </ItemGroup>\n</Project>\n" },
        { "<Project></Project>", "<Project>\n  <ItemGroup>\n    " + Item + "\n  </ItemGroup>\n</Project>" },
        {
            "<Project><PropertyGroup /></Project>",
            "<Project><PropertyGroup />\n  <ItemGroup>\n    " + Item + "\n  </ItemGroup></Project>"
        },
        // In a comment there is no item.
        {
            "<Project>\n  <PropertyGroup />\n  <!-- <ItemGroup><WiseModelReference Include=\"a/b\" /></ItemGroup> "
                + "-->\n</Project>\n",
            "<Project>\n  <PropertyGroup />\n  <ItemGroup>\n    " + Item + "\n  </ItemGroup>\n"
                + "  <!-- <ItemGroup><WiseModelReference Include=\"a/b\" /></ItemGroup> -->\n</Project>\n"
        },
    };

    [Theory]
    [MemberData(nameof(Inserts))]
    public void An_item_is_inserted_in_the_style_of_the_file(string before, string after) =>
        Assert.Equal(after, Read(before).Insert("WiseModelReference", Item).Text);

    [Theory]
    [InlineData("<Project>\n  <ItemGroup>\n    ITEM\n    <None />\n  </ItemGroup>\n</Project>\n",
        "<Project>\n  <ItemGroup>\n    <None />\n  </ItemGroup>\n</Project>\n")]
    [InlineData("<Project>\r\n  <ItemGroup>\r\n    ITEM\r\n  </ItemGroup>\r\n</Project>\r\n", "<Project>\r\n</Project>\r\n")]
    // A comment is a reason to keep a group, and a line.
    [InlineData("<Project>\n  <ItemGroup>\n    <!-- why -->\n    ITEM\n  </ItemGroup>\n</Project>\n",
        "<Project>\n  <ItemGroup>\n    <!-- why -->\n  </ItemGroup>\n</Project>\n")]
    [InlineData("<Project>\n  <ItemGroup>\n    ITEM <!-- why -->\n  </ItemGroup>\n</Project>\n",
        "<Project>\n  <ItemGroup>\n     <!-- why -->\n  </ItemGroup>\n</Project>\n")]
    [InlineData("<Project><ItemGroup>ITEM<None /></ItemGroup></Project>", "<Project><ItemGroup><None /></ItemGroup></Project>")]
    [InlineData("<Project><ItemGroup>ITEM</ItemGroup></Project>", "<Project></Project>")]
    public void An_item_is_removed_with_its_line_and_an_empty_group(string before, string after)
    {
        ProjectText text = Read(before.Replace("ITEM", Item, StringComparison.Ordinal));
        Assert.Equal(after, text.Remove(text.Items("WiseModelReference")[0]).Text);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public void Encoding_and_byte_order_mark_stay(string name, bool hasMark)
    {
        Encoding encoding = name == "utf-8" ? new UTF8Encoding(hasMark) : Encoding.GetEncoding(name);
        const string Text = "<Project>\n  <!-- 模型 -->\n</Project>\n";
        ProjectText read = Read(Text, encoding);

        read.Insert("WiseModelReference", Item).Write();

        Assert.Equal([.. encoding.GetPreamble(), .. encoding.GetBytes(
            "<Project>\n  <!-- 模型 -->\n  <ItemGroup>\n    " + Item + "\n  </ItemGroup>\n</Project>\n")],
                File.ReadAllBytes(read.Path));
        read.Restore();
        Assert.Equal([.. encoding.GetPreamble(), .. encoding.GetBytes(Text)], File.ReadAllBytes(read.Path));
    }

    [Theory]
    [InlineData("<Project>", "$/App.csproj(1,10) is not valid XML: ")]
    [InlineData("<!DOCTYPE Project [<!ENTITY a \"b\">]><Project></Project>", "$/App.csproj is not valid XML: ")]
    [InlineData("<Solution></Solution>", "$/App.csproj is not a project: its root element is not <Project>. ")]
    public void What_is_not_a_project_is_refused(string text, string message)
    {
        var e = Assert.Throws<HubException>(() => Read(text));
        Assert.Equal(WiseCodes.ProjectNotEditable, e.Code);
        Assert.StartsWith(message, PortablePaths.Hide(e.Message, _folder, "$"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_project_without_content_is_refused()
    {
        var e = Assert.Throws<HubException>(() => Read("<Project Sdk=\"x\" />").Insert("WiseModelReference", Item));
        Assert.Equal("$/App.csproj has no place for items: <Project /> ends at once. Write <Project> and </Project>.",
            PortablePaths.Hide(e.Message, _folder, "$"));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        string path = Path.Combine(_folder, "Bad.csproj");
        File.WriteAllBytes(path, [(byte)'<', 0xFF, 0xC0]);
        Assert.Equal(WiseCodes.ProjectNotEditable, Assert.Throws<HubException>(() => ProjectText.Read(path)).Code);
    }

    [Fact]
    public void Metadata_is_read_from_attributes_and_elements()
    {
        ProjectText.Element item = Read("<Project><ItemGroup><WiseModelReference Include=\"a\" Hub=\"h\"><Alias> x </Alias>"
            + "</WiseModelReference></ItemGroup></Project>").Items("WiseModelReference")[0];
        Assert.Equal(("h", "x", null), (item.Metadata("Hub"), item.Metadata("Alias"), item.Metadata("Revision")));
    }
}
