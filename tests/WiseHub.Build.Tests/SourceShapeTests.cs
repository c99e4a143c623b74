using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The format of the source files.</summary>
public sealed class SourceShapeTests
{
    // What .editorconfig tells editors.
    private const int Width = 130;

    private const int Shown = 20;

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_line_is_longer_than_130_columns(string folder)
    {
        string[] wide = [.. RepoFiles.Sources(folder).SelectMany(file => File.ReadLines(RepoFiles.At(file))
            .Select((line, index) => (Place: $"{file}({index + 1})", line.Length))
            .Where(line => line.Length > Width))
            .Select(line => $"{line.Place} has {line.Length} columns")];

        Assert.True(wide.Length == 0, $"{wide.Length} lines are longer than {Width} columns:\n"
            + string.Join('\n', wide.Take(Shown)));
    }

    [Fact]
    public void The_editor_config_states_the_width() =>
        Assert.Contains($"max_line_length = {Width}", File.ReadLines(RepoFiles.At(".editorconfig")));
}
