using System.IO.Compression;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Builds whose references are URLs of files, written as people write them into a project file.</summary>
public sealed class UrlBuildTests(SdkFixture sdk)
{
    [Fact]
    public async Task Files_from_URLs_are_copied_named_and_locked()
    {
        await using FileServer server = await FileServer.StartAsync();
        server.Serve("/m/a b.bin", Encoding.UTF8.GetBytes("weights"));
        server.Serve("/m/words.zip", Zip("vocab.txt", "a"));
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model(server.Url("/m/a%20b.bin?download=true"))
            .Model(server.Url("/m/words.zip"), ("Unpack", "true")));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.AB.Files.ABBin) + "
            + "App.WiseModels.Words.Files.VocabTxt.Size);\n");

        SdkRun run = (await w.DotnetAsync("App", "build", "m")).Succeeded();

        Assert.Equal(["a b/a b.bin", "words/vocab.txt"], w.Tree("src/App/bin/Debug/net10.0/models"));
        Assert.Equal(["GET /m/a%20b.bin?download=true 200", "GET /m/words.zip 200"], server.Requests.Split('\n')
            .Order(StringComparer.Ordinal));
        Assert.Contains("no Sha256 is set, so the downloaded content is trusted from now on",
            run.Output, StringComparison.Ordinal);

        server.Forget();
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Equal("", server.Requests);
    }

    private static byte[] Zip(string path, string text)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(path).Open();
            entry.Write(Encoding.UTF8.GetBytes(text));
        }
        return memory.ToArray();
    }
}
