using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class SnippetTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("acme/lang-id", "<WiseModelReference Include=\"acme/lang-id\" />", "LangId")]
    [InlineData("acme/2.texts --hub local --type dataset --revision v1",
        "<WiseModelReference Include=\"acme/2.texts\" Hub=\"local\" RepoType=\"dataset\" Revision=\"v1\" />", "_2Texts")]
    [InlineData("https://huggingface.co/BAAI/bge-small-zh-v1.5",
        "<WiseModelReference Include=\"BAAI/bge-small-zh-v1.5\" Hub=\"huggingface\" />", "BgeSmallZhV15")]
    public async Task The_lines_for_project_file_and_program_are_printed(string arguments, string item, string name)
    {
        Assert.Equal(new ProcessResult(0, $"""
            In the project file:

              <PackageReference Include="WiseHub.Build" Version="1.0.0" PrivateAssets="all" />
              {item}

            In C#:

              string folder = WiseModels.{name}.Directory;
              string file = WiseModels.{name}.Path("config.json"); // or any other file of it

            """.ReplaceLineEndings("\n"), ""), await _workspace.RunAsync(["snippet", .. arguments.Split(' ')]));
    }

    [Theory]
    [InlineData("acme/lang-id config.json", "<WiseModelReference Include=\"acme/lang-id\" AllowPatterns=\"config.json\" />",
        "LangId.Files.ConfigJson")]
    [InlineData("acme/m a[1]$@%;&.bin",
        "<WiseModelReference Include=\"acme/m\" AllowPatterns=\"a[[]1]%24%40%25?&amp;.bin\" />", "M.Files.A1Bin")]
    [InlineData("https://huggingface.co/BAAI/bge/blob/v1/sub/config.json", "<WiseModelReference Include=\"BAAI/bge\" "
        + "Hub=\"huggingface\" Revision=\"v1\" AllowPatterns=\"sub/config.json\" />", "Bge.Files.Sub.ConfigJson")]
    [InlineData("https://example.com/files/w.bin?download=true",
        "<WiseModelReference Include=\"https://example.com/files/w.bin%3Fdownload=true\" />", "W.Files.WBin")]
    public async Task The_snippet_for_one_file_selects_it_and_names_its_property(string arguments, string item, string property)
    {
        Assert.Equal(new ProcessResult(0, $"""
            In the project file:

              <PackageReference Include="WiseHub.Build" Version="1.0.0" PrivateAssets="all" />
              {item}

            In C#:

              string file = WiseModels.{property};

            """.ReplaceLineEndings("\n"), ""), await _workspace.RunAsync(["snippet", .. arguments.Split(' ')]));
    }

    [Fact]
    public async Task The_snippet_for_an_archive_unpacks_it()
    {
        Assert.Equal(new ProcessResult(0, """
            In the project file:

              <PackageReference Include="WiseHub.Build" Version="1.0.0" PrivateAssets="all" />
              <WiseModelReference Include="https://example.com/w.tar.gz" Unpack="true" />

            In C#:

              string folder = WiseModels.W.Directory;
              string file = WiseModels.W.Path("config.json"); // or any other file of it

            """.ReplaceLineEndings("\n"), ""),
            await _workspace.RunAsync("snippet", "https://example.com/w.tar.gz", "--unpack"));
    }

    [Fact]
    public async Task A_snippet_for_an_invalid_repo_id_is_an_error()
    {
        ProcessResult result = await _workspace.RunAsync("snippet", "a//b");
        Assert.Equal(new ProcessResult(1, "", "error WISE1003: 'a//b' is not a repo id: each part must have 1 to 96 letters, "
            + "digits, '-', '_' or '.', and start and end with a letter, digit or '_'. Write owner/name, "
            + "or a single name if the hub has such ids (gpt2).\n"), result);
    }
}
