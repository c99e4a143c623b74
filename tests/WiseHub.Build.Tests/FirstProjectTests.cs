using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The README's section "In your own project", from <c>dotnet new</c> on, with a hub on loopback.</summary>
public sealed class FirstProjectTests(SdkFixture sdk)
{
    private static readonly Dictionary<string, byte[]?> Files = new()
    {
        ["1_Pooling/config.json"] = "not selected"u8.ToArray(),
        ["config.json"] = "{\"size\":1}"u8.ToArray(),
        ["model.safetensors"] = Encoding.UTF8.GetBytes(TinyWeights.Safetensors),
        ["vocab.txt"] = "one\ntwo\nthree\n"u8.ToArray(),
    };

    [Fact]
    [Trait("snippet", "hf-package")]
    [Trait("snippet", "hf-project")]
    [Trait("snippet", "hf-program")]
    [Trait("snippet", "hf-run")]
    [Trait("snippet", "hf-lock-file")]
    public async Task A_new_project_with_the_package_uses_a_model_of_Hugging_Face_and_needs_the_hub_only_once()
    {
        PackageFeed feed = await sdk.FeedAsync();
        using SnippetFolder folder = SnippetFolder.ForPackage(feed);
        // Packages that a test run made for itself have a version that is not a release.
        await folder.ShellAsync(Text("hf-package").TrimEnd('\n') + $" --version {feed.Version}\n");
        folder.Write("MyApp/MyApp.csproj", folder.Read("MyApp/MyApp.csproj")
            .Replace("</Project>", Text("hf-project") + "</Project>", StringComparison.Ordinal));
        folder.Write("MyApp/Program.cs", Text("hf-program"));
        const string Expected = "10 bytes of weights, 3 words\n";

        await using (TestHub hub = await TestHub.StartAsync())
        {
            hub.CreateRepo("BAAI/bge-small-zh-v1.5").Commit(Files);
            folder.Environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = hub.Endpoint.AbsoluteUri;
            Assert.Equal(Expected, await folder.ShellAsync("cd MyApp\n" + Text("hf-run")));
        }

        Assert.Matches(Pattern(Text("hf-lock-file")), folder.Read("MyApp/wise.lock.json"));
        Assert.Equal(Expected, await folder.ShellAsync("cd MyApp\n" + Text("hf-run")));
    }

    [Fact]
    public void The_first_project_takes_four_commands_and_five_lines()
    {
        Assert.InRange(Written("hf-package", "#").Concat(Written("hf-run", "#")).Count(), 1, 4);
        Assert.InRange(Written("hf-project", "<!--").Concat(Written("hf-program", "//")).Count(), 1, 5);
    }

    private static IEnumerable<string> Written(string mark, string comment) => Text(mark).TrimEnd('\n').Split('\n')
        .Where(l => !l.StartsWith(comment, StringComparison.Ordinal));

    /// <summary>The snippet, in which "…" stands for what is left out of a line.</summary>
    private static string Pattern(string snippet) =>
        $@"\A{Regex.Escape(snippet).Replace("…", "[^\n]+", StringComparison.Ordinal)}\z";

    private static string Text(string mark) => Snippet.Named(mark).Text;
}
