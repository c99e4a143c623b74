using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The page about the C# client: its snippets, in their order, are one program.</summary>
public sealed class ClientPageTests
{
    private static readonly string[] Marks =
        ["client-new", "client-download", "client-plan", "client-push", "client-search", "client-errors", "client-log"];

    [Fact]
    [Trait("snippet", "client-new")]
    [Trait("snippet", "client-download")]
    [Trait("snippet", "client-plan")]
    [Trait("snippet", "client-push")]
    [Trait("snippet", "client-search")]
    [Trait("snippet", "client-errors")]
    [Trait("snippet", "client-log")]
    public async Task The_program_of_the_page_downloads_plans_pushes_searches_and_handles_an_error()
    {
        using SnippetFolder folder = SnippetFolder.ForProject();
        folder.Write("wisehub.json", """{ "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");
        folder.Write("trained/config.json", "{}");
        folder.Write("trained/model.safetensors", "weights");
        folder.Write("MyApp.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{AppContext.BaseDirectory}WiseHub.Client.dll" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("Program.cs", string.Join('\n', Marks.Select(mark => Snippet.Named(mark).Text)));

        string printed = await folder.ShellAsync("dotnet run");

        Assert.Equal("""
            2 files of 1e265f4cf0
            True
            README.md: 1713 bytes
            config.json: 298 bytes, in the cache
            model.safetensors: 525460 bytes
            vocab.txt: 37102 bytes, in the cache
            2 files to fetch, 527173 bytes
            pushed 2 files
            acme/langid
            acme/trained
            WISE2003: see https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#wise2003

            """, printed);
    }
}
