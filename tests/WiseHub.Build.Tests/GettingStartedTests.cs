using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// What the page for the first five minutes says about the output. <see cref="FirstProjectTests"/> runs its commands.
/// </summary>
public sealed class GettingStartedTests
{
    [Fact]
    [Needs(Need.Linux)]
    [Trait("snippet", "hf-said")]
    public async Task The_first_build_in_a_terminal_says_what_the_page_shows_and_the_next_one_is_silent_and_needs_no_hub()
    {
        using SnippetFolder folder = SnippetFolder.ForProject();
        folder.Write("MyApp.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
            {Text("hf-project")}</Project>
            """);
        folder.Write("Program.cs", Text("hf-program")
            + "var vocabulary = WiseModels.BgeSmallZhV15.Files.VocabTxt;\n"
            + "Console.WriteLine(vocabulary.Size + vocabulary.Sha256);\n");
        // MSBuild takes a terminal without a size for none.
        const string Build = "env -u MSBUILDTERMINALLOGGER TERM=xterm-256color "
            + "script -qec 'stty cols 120 rows 40; dotnet build' /dev/null\n";

        await using (TestHub hub = await TestHub.StartAsync())
        {
            hub.CreateRepo("BAAI/bge-small-zh-v1.5").Commit(new Dictionary<string, byte[]?>
            {
                ["config.json"] = "{}"u8.ToArray(),
                ["model.safetensors"] = Encoding.UTF8.GetBytes(TinyWeights.Safetensors),
                ["vocab.txt"] = "one\ntwo\n"u8.ToArray(),
            });
            folder.Environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = hub.Endpoint.AbsoluteUri;
            Assert.Matches($@"\A{Regex.Escape(Text("hf-said")).Replace("…", "[^\n]+", StringComparison.Ordinal)}\z",
                Said(await folder.ShellAsync(Build)));
        }

        Assert.Equal("", Said(await folder.ShellAsync(Build)));
        Assert.Equal("""
            10 bytes of weights, 2 words
            8c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8

            """, await folder.ShellAsync("dotnet run --no-build"));
    }

    // Each line of a terminal may begin with control sequences.
    private static string Said(string output) => string.Concat(output.Split('\n')
        .Where(l => l.Contains("WiseHub: ", StringComparison.Ordinal))
        .Select(l => l[l.IndexOf("WiseHub: ", StringComparison.Ordinal)..].TrimEnd('\r') + "\n"));

    private static string Text(string mark) => Snippet.Named(mark).Text;
}
