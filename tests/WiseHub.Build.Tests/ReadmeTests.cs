using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using WiseHub.Client;
using WiseHub.Client.Hubs.HuggingFace;
using WiseHub.Client.Hubs.S3;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Runs the snippets of the README and the pages as they stand there, with the real SDK. The trait names them.</summary>
public sealed partial class ReadmeTests
{
    private const string Bin = "bin/Debug/net10.0";
    private const string HuggingFaceModel = "BAAI/bge-small-zh-v1.5";
    private const string ProgramThatDoesNothing = "System.Console.WriteLine();\n";

    private static readonly string[] Hubs = ["local", "huggingface", "intranet"];

    private static readonly Dictionary<string, byte[]?> HuggingFaceFiles = new()
    {
        ["1_Pooling/config.json"] = "{\"pooling\":1}"u8.ToArray(),
        ["README.md"] = "not selected"u8.ToArray(),
        ["config.json"] = "{\"size\":1}"u8.ToArray(),
        ["model.safetensors"] = Encoding.UTF8.GetBytes(TinyWeights.Safetensors),
    };

    // Of every page that has a marked snippet: all of its snippets.
    private static readonly IReadOnlyList<Snippet> Snippets =
        [.. Pages.All.Select(Snippet.ReadAll).Where(page => page.Any(s => s.Mark is not null)).SelectMany(page => page)];

    [Fact]
    public void Every_snippet_is_marked_with_the_name_of_a_test_that_runs_it()
    {
        IEnumerable<string> tested = typeof(ReadmeTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetCustomAttributes<TraitAttribute>()).Where(t => t.Name == "snippet").Select(t => t.Value);
        Assert.Equal([], Snippets.Where(s => s.Mark is null).Select(s => $"{s.Page}({s.Line})"));
        IEnumerable<string> marks = Snippets.Select(s => s.Mark!).Distinct();
        Assert.Equal(tested.Order(StringComparer.Ordinal), marks.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_snippet_that_is_on_several_pages_is_identical_on_all_of_them()
    {
        Assert.Contains(Snippets, s => s.Page == "README.md");
        Assert.All(Snippets.GroupBy(s => s.Mark), g => Assert.Single(g.Select(s => s.Text).Distinct()));
    }

    [Fact]
    public void Every_snippet_names_its_hub()
    {
        // A URL needs no hub.
        IEnumerable<Snippet> silent = Snippets.Where(s => s.Language != "text" && s.Mark != "urls"
            && !Hubs.Any(h => Regex.IsMatch(s.Text, $"[\";]{h}[\";]")));
        Assert.Equal([], silent.Select(s => $"{s.Page}({s.Line})"));
        IEnumerable<XElement> references = Snippets.Where(s => s.Language == "xml")
            .SelectMany(s => XElement.Parse($"<root>{s.Text}</root>").Descendants("WiseModelReference"));
        Assert.All(references, r => Assert.NotEqual(r.Attribute("Include")!.Value.StartsWith("https://",
            StringComparison.Ordinal), r.Attribute("Hub")?.Value is { Length: > 0 }));
    }

    [Fact]
    [Trait("snippet", "quick-start")]
    [Trait("snippet", "quick-start-output")]
    [Trait("snippet", "quick-start-text")]
    [Trait("snippet", "quick-start-text-output")]
    [Trait("snippet", "contributor-run")]
    public async Task One_command_in_a_clone_runs_the_sample_with_its_model()
    {
        using SnippetFolder clone = SnippetFolder.OfClone();
        string locked = clone.Read("samples/UseModel/wise.lock.json");
        Assert.Equal(Text("quick-start-output"), await clone.ShellAsync(Text("quick-start")));
        Assert.Equal(Text("quick-start-text-output"), await clone.ShellAsync(Text("quick-start-text")));
        Assert.Equal(Command("quick-start"), Command("contributor-run"));
        Assert.Equal("dotnet run --project samples/UseModel", Command("quick-start"));
        Assert.Equal(locked, clone.Read("samples/UseModel/wise.lock.json"));
    }

    [Fact]
    [Trait("snippet", "publish-model")]
    public async Task The_sample_trains_a_model_and_publishes_it_and_the_program_of_the_quick_start_uses_that_revision()
    {
        using SnippetFolder clone = SnippetFolder.OfClone();
        string before = TempFolder.Tree(clone.PathOf("samples/hub"));
        string said = clone.Said(await clone.ShellAsync(Text("publish-model")));
        string commit = clone.Read("artifacts/try/hub/models/acme/langid/refs/retrained");
        // What was trained is what the hub has; the card alone is another.
        Assert.Equal(
            "WiseHub: acme/langid: README.md is pushed with the content of "
            + "<project>/samples/PushModel/obj/trained/README.md and the added keys library_name.\n"
            + "WiseHub: Pushing 4 files, 565 kB, of acme/langid to 'local' …\n"
            + $"WiseHub: acme/langid: pushed to 'local' as {commit}: 4 new; sent 1.7 kB in N s.", said);
        // What is there and answers is that revision.
        Assert.Contains(commit, clone.Read("artifacts/try/wise.lock.json"), StringComparison.Ordinal);
        Assert.Equal(before, TempFolder.Tree(clone.PathOf("samples/hub")));
    }

    [Fact]
    [Trait("snippet", "publish-project")]
    public async Task A_publish_pushes_the_artifacts_that_the_project_names()
    {
        using SnippetFolder folder = SnippetFolder.ForProject();
        folder.Write("wisehub.json", """{ "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");
        folder.Write("App.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\">\n"
            + "<PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>\n"
            + $"{Text("publish-project")}</Project>\n");
        folder.Write("trained/model.bin", "weights");
        folder.Write("notes/a.md", "a");
        folder.Write("notes/more/b.md", "b");
        string said = folder.Said(await folder.ShellAsync("dotnet publish"));
        string commit = folder.Read("hub/models/acme/trained/refs/main");
        Assert.EndsWith($"WiseHub: acme/trained: pushed to 'local' as {commit}: 3 new; sent 9 B in N s.", said,
            StringComparison.Ordinal);
        string tree = folder.Read($"hub/models/acme/trained/trees/{commit}.json");
        Assert.All((string[])["docs/a.md", "docs/more/b.md", "model.bin"],
            path => Assert.Contains($"{{\"path\":\"{path}\"", tree, StringComparison.Ordinal));
    }

    // The command itself is what runs this test.
    [Fact]
    [Trait("snippet", "quick-start-tests")]
    [Trait("snippet", "contributor-test")]
    public void One_command_runs_all_tests()
    {
        Assert.Equal("dotnet test", Command("quick-start-tests"));
        Assert.Equal("dotnet test", Command("contributor-test"));
        // Without an argument dotnet takes the solution or project of the folder, if there is exactly one.
        string[] entries = [.. Directory.EnumerateFiles(RepoFiles.Root)
            .Where(f => Path.GetExtension(f) is ".sln" or ".slnx" or ".slnf" or ".csproj" or ".proj")];
        string solution = File.ReadAllText(Assert.Single(entries));
        Assert.All(Directory.EnumerateDirectories(RepoFiles.At("tests"), "*.Tests"),
            folder => Assert.Contains($@"tests\{Path.GetFileName(folder)}\{Path.GetFileName(folder)}.csproj", solution,
                StringComparison.Ordinal));
    }

    [Fact]
    [Trait("snippet", "own-project")]
    [Trait("snippet", "own-config")]
    [Trait("snippet", "own-program")]
    [Trait("snippet", "own-run")]
    [Trait("snippet", "lock-file")]
    public async Task A_new_project_uses_a_model_and_needs_the_hub_only_once()
    {
        using SnippetFolder folder = OwnProject(Text("own-program"));
        const string Expected = "525460 bytes of weights, 8192 n-grams\n";
        Assert.Equal(Expected, await folder.ShellAsync(Text("own-run")));
        Assert.Equal(Text("lock-file"), folder.Read("wise.lock.json"));
        Directory.Delete(folder.PathOf("hub"), recursive: true);
        Assert.Equal(Expected, await folder.ShellAsync(Text("own-run")));
    }

    [Fact]
    [Trait("snippet", "error")]
    public async Task An_error_has_its_line_and_a_remedy()
    {
        using SnippetFolder folder = OwnProject();
        string project = folder.Read("MyApp.csproj");
        folder.Write("MyApp.csproj", project.Replace("Hub=\"local\"", "Hub=\"local\" Revision=\"v9\"", StringComparison.Ordinal));
        string said = folder.Said(await folder.FailingShellAsync("dotnet build"));
        Assert.Equal(Text("error"), said.Replace("<project>", "/src", StringComparison.Ordinal) + "\n");
    }

    [Fact]
    [Trait("snippet", "huggingface")]
    public async Task A_model_from_Hugging_Face_is_restored_without_redundant_requests()
    {
        await using TestHub hub = await HuggingFaceAsync();
        using SnippetFolder folder = Project(Text("huggingface"));
        folder.Environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = hub.Endpoint.AbsoluteUri;
        Assert.Equal("""
            WiseHub: Fetching 3 files, 33 B, from huggingface …
            WiseHub: Fetched 3 files, 33 B, in N s; every byte was verified.
            WiseHub: Wrote <project>/wise.lock.json. Commit it.
            """, folder.Said(await folder.ShellAsync("dotnet build")));
        Assert.Equal(["bge-small-zh-v1.5/1_Pooling/config.json", "bge-small-zh-v1.5/config.json",
            "bge-small-zh-v1.5/model.safetensors"], folder.Tree($"{Bin}/models"));
        string commit = hub.FindRepo(HuggingFaceModel)!.Head();
        // What the hub redirects to is its own affair.
        IEnumerable<RequestRecord> questions =
            hub.Requests.All.Where(r => r.Origin == "hub" && !r.Path.StartsWith("/api/resolve-cache/", StringComparison.Ordinal));
        Assert.Equal([
            $"hub GET /{HuggingFaceModel}/resolve/{commit}/1_Pooling/config.json 307",
            $"hub GET /{HuggingFaceModel}/resolve/{commit}/config.json 307",
            $"hub GET /{HuggingFaceModel}/resolve/{commit}/model.safetensors 302",
            $"hub GET /api/models/{HuggingFaceModel}/revision/main 200",
            $"hub GET /api/models/{HuggingFaceModel}/tree/{commit}?recursive=true&expand=false 200",
        ], questions.Select(r => r.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("snippet", "mirror")]
    public async Task A_lock_file_stays_valid_when_the_URL_of_the_hub_changes()
    {
        await using TestHub outside = await HuggingFaceAsync(), mirror = await HuggingFaceAsync();
        using SnippetFolder folder = Project(Text("huggingface"));
        folder.Environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = outside.Endpoint.AbsoluteUri;
        await folder.ShellAsync("dotnet build");
        string locked = folder.Read("wise.lock.json");
        Directory.Delete(folder.Cache, recursive: true);
        folder.Environment["MIRROR_URL"] = mirror.Endpoint.AbsoluteUri;
        Assert.Equal("""
            WiseHub: Fetching 3 files, 33 B, from huggingface …
            WiseHub: Fetched 3 files, 33 B, in N s; every byte was verified.
            """, folder.Said(await folder.ShellAsync(Text("mirror"))));
        Assert.Equal(locked, folder.Read("wise.lock.json"));
        Assert.Equal(3, mirror.Requests.Count("GET", $"/{HuggingFaceModel}/resolve/"));
        Assert.Equal(0, mirror.Requests.Count("GET", "/api/models/"));
    }

    [Fact]
    [Trait("snippet", "token")]
    public async Task A_token_from_the_environment_gives_access_to_a_private_repo()
    {
        await using TestHub hub = await HuggingFaceAsync(isPrivate: true);
        using SnippetFolder folder = Project(Text("huggingface"));
        folder.Environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = hub.Endpoint.AbsoluteUri;
        Assert.Contains("error WISE2005: ", folder.Said(await folder.FailingShellAsync("dotnet build")),
            StringComparison.Ordinal);
        folder.Environment["SECRET_OF_THE_CI"] = hub.Token;
        Assert.Equal("""
            WiseHub: Fetching 3 files, 33 B, from huggingface …
            WiseHub: Fetched 3 files, 33 B, in N s; every byte was verified.
            WiseHub: Wrote <project>/wise.lock.json. Commit it.
            """, folder.Said(await folder.ShellAsync(Text("token"))));
    }

    [Fact]
    [Trait("snippet", "metadata")]
    public async Task Metadata_select_files_and_set_their_target_path()
    {
        using SnippetFolder folder = Project(Text("metadata"));
        await folder.Hub.PushAsync("acme/sentences", "main", [("train.tsv", "de\tGuten Tag\n"u8.ToArray())], RepoType.Dataset);
        Assert.Equal(
            "<project>/MyApp.csproj(14,4): warning WISE2018: acme/not-there is optional and will be missing: acme/not-there: "
            + "the hub 'local' (<project>/hub) has no such repo. It has acme/langid, snakers4/silero-vad. Check the name and "
            + "RepoType. (WISE2002)\n"
            + "WiseHub: Fetching 4 files, 563 kB, from local …\n"
            + "WiseHub: Fetched 4 files, 563 kB, in N s; every byte was verified.\n"
            + "WiseHub: Wrote <project>/wise.lock.json. Commit it.",
            folder.Said(await folder.ShellAsync("dotnet publish -c Debug")));
        Assert.Equal(["config/config.json", "sentences/train.tsv"], folder.Tree($"{Bin}/models"));
        Assert.Equal(["config.json"], folder.Tree($"{Bin}/publish/models/config"));
        Assert.False(Directory.Exists(folder.PathOf($"{Bin}/publish/models/sentences")));
        Assert.Equal(["config.json", "model.safetensors", "vocab.txt"], folder.Tree($"{Bin}/data/langid"));
        Assert.Equal(folder.Tree($"{Bin}/data/langid"), folder.Tree($"{Bin}/publish/data/langid"));
    }

    [Fact]
    [Trait("snippet", "items")]
    public async Task Other_targets_can_read_the_resolved_items()
    {
        using SnippetFolder folder = Project(Text("items"));
        string output = await folder.ShellAsync("dotnet build");
        Assert.Contains("  acme/langid from local in models/langid\n", output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("snippet", "hubs")]
    public void The_hubs_of_the_configuration_snippet_are_read()
    {
        using SnippetFolder folder = Project(Text("items"));
        folder.Write("wisehub.json", Text("hubs"));
        HubConfig config = HubConfig.Load(folder.PathOf("wisehub.json"), TestEnvironment.Empty);
        Assert.Equal("local", config.DefaultHub);
        Assert.Equal(
            new HubDefinition("local", "store") { Path = folder.PathOf("hub"), IsTrustedEndpoint = true }, config.Find("local"));
        Assert.Equal(new HubDefinition("team", "s3")
        { Endpoint = new Uri("https://s3.example.org"), Settings = new BucketSettings("models", "hub") { Region = "eu-west-1" } },
            config.Find("team"));
        Assert.Equal(new HubDefinition("intranet", "store")
        { Endpoint = new Uri("https://models.example.org/hub"), Retries = 5, TotalTimeout = TimeSpan.FromSeconds(120) },
            config.Find("intranet"));
        Assert.Equal(new HubDefinition("hf-mirror", "huggingface")
        {
            Endpoint = new Uri("https://hf.example.org"),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            StallTimeout = TimeSpan.FromSeconds(30),
            Settings = new HuggingFaceSettings(),
        }, config.Find("hf-mirror"));
        Assert.Equal(["$schema", "archive", "bucket", "commitTimeout", "conditionalWrites", "connectTimeout", "defaultHub",
            "endpoint", "endpoints", "hubs", "mirrors", "mirrorsOnly", "path", "pathStyle", "prefix", "profile", "protocol",
            "region", "retries", "stallTimeout", "totalTimeout", "transport", "uploadChunkSize"],
            MarkdownTable.FirstColumn("docs/configuration.md", "| key | for |").Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("snippet", "mirrors")]
    [Trait("snippet", "mirrors-only")]
    public async Task A_build_fills_a_mirror_and_later_builds_need_no_hub()
    {
        using SnippetFolder folder = Project(Text("items"));
        await using BareFolderServer hub = await BareFolderServer.StartAsync(folder.PathOf("hub"));
        folder.Environment["WISEHUB_ENDPOINT_LOCAL"] = hub.Url;
        folder.Write("wisehub.json", Text("mirrors").Replace("/srv/models", "team", StringComparison.Ordinal));
        Assert.Contains(" to the mirror 'team'.", folder.Said(await folder.ShellAsync("dotnet build")), StringComparison.Ordinal);
        string locked = folder.Read("wise.lock.json");
        int asked = hub.Requests.Count;
        Directory.Delete(folder.Cache, recursive: true);
        File.Delete(folder.PathOf("wise.lock.json"));
        folder.Write("wisehub.json", Text("mirrors-only").Replace("/srv/models", "team", StringComparison.Ordinal));
        string said = folder.Said(await folder.ShellAsync("dotnet build"));
        Assert.Contains("WiseHub: acme/langid: the mirror 'team' stands in for 'local', which must not be contacted; "
            + "taking commit ", said, StringComparison.Ordinal);
        Assert.Equal((locked, asked), (folder.Read("wise.lock.json"), hub.Requests.Count));
    }

    [Theory]
    [InlineData("store", "bucket")]
    [InlineData("store", "prefix")]
    [InlineData("huggingface", "path")]
    [InlineData("huggingface", "transport")]
    public void A_key_that_has_no_effect_for_the_hub_is_an_error(string protocol, string key)
    {
        using SnippetFolder folder = Project(Text("items"));
        folder.Write("wisehub.json", $$"""
            { "hubs": { "mine": {
              "protocol": "{{protocol}}", "endpoint": "https://models.example.org",
              "{{key}}": "x" } } }
            """);
        HubException error =
            Assert.Throws<HubException>(() => HubConfig.Load(folder.PathOf("wisehub.json"), TestEnvironment.Empty));
        Assert.Equal((WiseCodes.InvalidConfig, 3, 3), (error.Code, error.Line, error.Column));
    }

    [Fact]
    [Trait("snippet", "make-hub")]
    public async Task A_program_turns_a_folder_into_a_hub()
    {
        using SnippetFolder folder = Project(Text("items"));
        Directory.Delete(folder.PathOf("hub"), recursive: true);
        folder.Write("trained/config.json", "{}");
        folder.Write("trained/model.safetensors", "weights");
        folder.Write("MyApp.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{AppContext.BaseDirectory}WiseHub.Client.dll" />
              </ItemGroup>
            </Project>
            """);
        folder.Write("Program.cs", Text("make-hub"));
        string commit = (await folder.ShellAsync("dotnet run")).Trim();
        Assert.Equal(commit, folder.Read("hub/models/acme/langid/refs/main"));
        Assert.Equal([
            "blobs/44/136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "blobs/9a/129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
            "models/acme/langid/refs/main",
            $"models/acme/langid/trees/{commit}.json",
            "wisehub-store.json",
        ], folder.Tree("hub").Where(f => !f.EndsWith(".push.lock", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("snippet", "tool")]
    public async Task The_tool_downloads_and_uploads_without_a_project()
    {
        using SnippetFolder clone = SnippetFolder.OfClone();
        await clone.ShellAsync("dotnet build src/WiseHub.Tool");
        string[] lines = (await clone.ShellAsync("wisehub() { dotnet "
            + $"'{clone.PathOf("src/WiseHub.Tool/bin/Debug/net10.0/wisehub.dll")}' \"$@\"; }}\ncd samples\n{Text("tool")}"))
            .Split('\n');
        Assert.Equal(["README.md", "config.json", "model.safetensors", "vocab.txt"], clone.Tree(lines[0]));
        string commit = clone.Read("samples/hub/models/acme/settings/refs/main");
        Assert.Equal([clone.PathOf("samples/downloaded/config.json"), commit], lines[1..3]);
        Assert.Contains("  <WiseModelReference Include=\"acme/settings\" Hub=\"local\" />", lines);
        Assert.Equal([clone.Cache, ""], lines[^2..]);
        Assert.Equal(["config.json"], clone.Tree("samples/downloaded"));
    }

    [Fact]
    [Trait("snippet", "cache")]
    public async Task The_tool_lists_verifies_and_prunes_the_cache()
    {
        using SnippetFolder clone = SnippetFolder.OfClone();
        await clone.ShellAsync("dotnet build src/WiseHub.Tool");
        string tool =
            $"wisehub() {{ dotnet '{clone.PathOf("src/WiseHub.Tool/bin/Debug/net10.0/wisehub.dll")}' \"$@\"; }}\ncd samples\n";
        await clone.ShellAsync(tool + "wisehub download acme/langid --hub local");
        string said = (await clone.ShellAsync(tool + Text("cache"))).Replace(clone.Cache, "<cache>", StringComparison.Ordinal);
        Assert.Equal("""
            Repo         Hub    Commit      Revisions  Files    Size  Last used
            acme/langid  local  1e265f4cf0  HEAD           4  565 kB  within 1 hour

            <cache>: 4 files, 565 kB.
            <cache>: 4 files, 565 kB, all intact.
            Removed 0 files, 0 B. 565 kB remain in <cache>.
            Removed local acme/langid 1e265f4cf08b0c1fa9d03dd442022141390cae7a4b1bc05bf2c471de5f16acdb, last used DAY
            Removed 4 files, 565 kB. 0 B remain in <cache>.

            """, LastUse().Replace(said, "last used DAY"));
    }

    [Fact]
    [Trait("snippet", "login")]
    public async Task A_token_is_stored_and_removed()
    {
        await using TestHub hub = await TestHub.StartAsync();
        using SnippetFolder clone = SnippetFolder.OfClone();
        await clone.ShellAsync("dotnet build src/WiseHub.Tool");
        clone.Environment["HF_ENDPOINT"] = hub.Endpoint.OriginalString;
        clone.Environment["XDG_CONFIG_HOME"] = clone.PathOf("config");
        clone.Write("samples/token.txt", hub.Token);
        Assert.Equal("tester\n", await clone.ShellAsync("wisehub() { dotnet "
            + $"'{clone.PathOf("src/WiseHub.Tool/bin/Debug/net10.0/wisehub.dll")}' \"$@\"; }}\ncd samples\n{Text("login")}"));
        Assert.DoesNotContain(hub.Token, clone.Read("config/wisehub/credentials.json"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("snippet", "two-hubs")]
    public async Task A_second_hub_provides_files_that_the_first_one_lacks()
    {
        using SnippetFolder folder = Project(Text("two-hubs"));
        folder.Write("wisehub.json", Text("hubs"));
        CopyHub(folder, "intranet");
        File.Delete(folder.PathOf("intranet/blobs/7a/caae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254"));
        await using BareFolderServer intranet = await BareFolderServer.StartAsync(folder.PathOf("intranet"));
        folder.Environment["WISEHUB_ENDPOINT_INTRANET"] = intranet.Url;
        Assert.Equal(
            "WiseHub: Fetching 4 files, 565 kB, from intranet …\n"
            + "WiseHub: acme/langid config.json: The hub 'intranet' answered 404 at "
            + $"{intranet.Url}/blobs/7a/caae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254: "
            + "a blob that the hub lists is missing. Push it again. Continuing with the hub 'local' at byte 0.\n"
            + "WiseHub: Fetched 4 files, 565 kB, in N s; every byte was verified.\n"
            + "WiseHub: Wrote <project>/wise.lock.json. Commit it.", folder.Said(await folder.ShellAsync("dotnet build")));
    }

    [Fact]
    [Trait("snippet", "urls")]
    public async Task Files_from_URLs_are_verified_and_unpacked()
    {
        using var served = new TempFolder();
        string blob = RepoFiles.At("samples", "hub", "blobs", "fb",
            "4ab3d6b29aab546bad77d8fbfebf328b983a5db76ef808ddd39b69f14dd0a4");
        served.Write("langid/weights.bin", await File.ReadAllBytesAsync(blob));
        using (ZipArchive zip = await ZipFile.OpenAsync(served["langid/vocabulary.zip"], ZipArchiveMode.Create))
        {
            foreach (string name in (string[])["words.txt", "notes.md"])
            {
                await using Stream entry = await zip.CreateEntry(name).OpenAsync();
                await entry.WriteAsync(Encoding.UTF8.GetBytes(name));
            }
        }
        await using BareFolderServer server = await BareFolderServer.StartAsync(served.Path);
        // A certificate for that host nobody has; over loopback http is as good.
        using SnippetFolder folder =
            Project(Text("urls").Replace("https://models.example.org", server.Url, StringComparison.Ordinal));

        Assert.Equal("""
            WiseHub: Wrote <project>/wise.lock.json. Commit it.
            """, string.Join('\n', folder.Said(await folder.ShellAsync("dotnet build")).Split('\n')[^1..]));

        Assert.Equal(["vocabulary/words.txt", "weights/weights.bin"], folder.Tree($"{Bin}/models"));
        Assert.Equal(await File.ReadAllBytesAsync(blob),
            await File.ReadAllBytesAsync(folder.PathOf($"{Bin}/models/weights/weights.bin")));
    }

    [Fact]
    [Trait("snippet", "update")]
    public async Task A_build_stays_at_the_locked_commit_until_the_update()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("dotnet build");
        string locked = folder.Read("wise.lock.json");
        string before = Regex.Match(locked, "[0-9a-f]{64}").Value;
        string commit = await folder.Hub.PushAsync("acme/langid", ("config.json", "{\"size\":2}"));
        Assert.Equal("", folder.Said(await folder.ShellAsync("dotnet build")));
        Assert.Equal(locked, folder.Read("wise.lock.json"));
        const string Changes =
            "1 file changed, 10 B (config.json); 3 files removed, 564 kB (README.md, model.safetensors, vocab.txt)";
        const string License = "the license changes from mit to none that is stated. Read it before you commit the lock file.";
        Assert.Equal($"""
            WiseHub: Fetching 1 file, 10 B, from local …
            WiseHub: Fetched 1 file, 10 B, in N s; every byte was verified.
            WiseHub: Updated model acme/langid from local at the default branch: commit {before} → {commit}; {Changes}.
            <project>/MyApp.csproj(8,6): warning WISE6007: model acme/langid from local at the default branch: {License}
            WiseHub: Wrote <project>/wise.lock.json. Commit it.
            """, folder.Said(await folder.ShellAsync(Text("update"))));
        Assert.Contains($"\"commit\":\"{commit}\"", folder.Read("wise.lock.json"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("snippet", "ci")]
    public async Task A_CI_build_uses_only_the_locked_commits()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("dotnet build");
        Assert.Equal("", folder.Said(await folder.ShellAsync(Text("ci"))));
        folder.Write("MyApp.csproj",
            folder.Read("MyApp.csproj").Replace("Hub=\"local\"", "Hub=\"local\" Revision=\"main\"", StringComparison.Ordinal));
        Assert.Equal("<project>/MyApp.csproj(8,6): error WISE4003: model acme/langid from local at main: "
            + "<project>/wise.lock.json has no entry for it, and locked mode is on. Build once with -p:WiseLockedMode=false "
            + "and commit the lock file.", folder.Said(await folder.FailingShellAsync(Text("ci"))));
    }

    [Fact]
    public async Task A_path_on_the_command_line_is_relative_to_the_project()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("cd / && dotnet build \"$OLDPWD\" -p:WiseLockFile=other/lock.json -p:WiseCacheDirectory=.cache "
            + "-p:WiseHubConfigFile=wisehub.json");
        Assert.Equal(Text("lock-file"), folder.Read("other/lock.json"));
        Assert.True(Directory.Exists(folder.PathOf(".cache/blobs")));
    }

    [Fact]
    [Trait("snippet", "verify")]
    public async Task Verification_detects_a_changed_file()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("dotnet build -p:WiseLinkMode=copy");
        Assert.Equal("WiseHub: Verified 8 files against the lock file.", folder.Said(await folder.ShellAsync(Text("verify"))));
        File.AppendAllText(folder.PathOf($"{Bin}/models/langid/config.json"), " ");
        Assert.Equal($"<project>/MyApp.csproj : error WISE3014: langid: config.json: <project>/{Bin}/models/langid/config.json "
            + "does not have the sha256 7acaae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254 of the lock file. "
            + "Build with -p:WiseForce=true to download it again.",
            folder.Said(await folder.FailingShellAsync(Text("verify"))));
    }

    [Fact]
    [Trait("snippet", "shared-cache")]
    public async Task A_variable_sets_the_cache_folder_and_lost_file_times_do_no_harm()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("dotnet build");
        await folder.ShellAsync(Text("shared-cache"));
        string[] blobs = [.. Directory.EnumerateFiles(folder.PathOf(".wisehub-cache/blobs"), "*", SearchOption.AllDirectories)];
        Assert.Equal(4, blobs.Length);
        Array.ForEach(blobs, b => File.SetLastWriteTimeUtc(b, DateTime.UtcNow));
        Directory.Delete(folder.PathOf("hub"), recursive: true);
        Assert.Equal("", folder.Said(await folder.ShellAsync(Text("shared-cache"))));
    }

    [Fact]
    [Trait("snippet", "offline")]
    public async Task Offline_a_folder_hub_is_read_and_a_server_is_not()
    {
        using SnippetFolder folder = OwnProject();
        Assert.Equal("""
            WiseHub: Fetching 4 files, 565 kB, from local …
            WiseHub: Fetched 4 files, 565 kB, in N s; every byte was verified.
            WiseHub: Wrote <project>/wise.lock.json. Commit it.
            """, folder.Said(await folder.ShellAsync(Text("offline"))));
        await using BareFolderServer intranet = await BareFolderServer.StartAsync(folder.PathOf("hub"));
        folder.Environment["WISEHUB_ENDPOINT_LOCAL"] = intranet.Url;
        Directory.Delete(folder.Cache, recursive: true);
        Assert.Contains(": error WISE2014: ", folder.Said(await folder.FailingShellAsync(Text("offline"))),
            StringComparison.Ordinal);
        Assert.Equal([], intranet.Requests);
    }

    [Fact]
    [Trait("snippet", "copies")]
    public async Task Copies_in_bin_may_be_edited()
    {
        using SnippetFolder folder = Project(Text("copies"));
        await folder.ShellAsync("dotnet build");
        File.WriteAllText(folder.PathOf($"{Bin}/models/langid/config.json"), "mine");
        Assert.Equal(298, new FileInfo(Path.Combine(folder.Cache,
            "blobs/7a/caae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254")).Length);
    }

    [Fact]
    public async Task A_file_edited_through_its_hard_link_in_bin_is_fetched_again()
    {
        using SnippetFolder folder = OwnProject();
        await folder.ShellAsync("dotnet build -p:WiseLinkMode=hardlink");
        File.WriteAllText(folder.PathOf($"{Bin}/models/langid/config.json"), "mine");
        Assert.Equal(
            "<project>/MyApp.csproj(8,6): warning WISE3009: acme/langid: 'config.json' was changed inside the cache "
            + "(<cache>/blobs/7a/caae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254); fetching it again.\n"
            + "WiseHub: Fetching 1 file, 298 B, from local …\n"
            + "WiseHub: Fetched 1 file, 298 B, in N s; every byte was verified.",
            folder.Said(await folder.ShellAsync("dotnet build -p:WiseLinkMode=hardlink")));
        Assert.Equal(298, new FileInfo(folder.PathOf($"{Bin}/models/langid/config.json")).Length);
    }

    private static string Text(string mark) => Snippet.Named(mark).Text;

    private static string Command(string mark) => Text(mark).Split('\n').Single(l => l.Length > 0 && !l.StartsWith('#'));

    private static SnippetFolder OwnProject(string program = ProgramThatDoesNothing)
    {
        SnippetFolder folder = SnippetFolder.ForProject();
        folder.Write("MyApp.csproj", Text("own-project"));
        folder.Write("wisehub.json", Text("own-config"));
        folder.Write("Program.cs", program);
        return folder;
    }

    /// <summary>The project of the quick start with a snippet in place of its items.</summary>
    private static SnippetFolder Project(string fragment)
    {
        SnippetFolder folder = OwnProject();
        IEnumerable<string> lines = Text("own-project").Split('\n')
            .Where(l => !l.Contains("WiseModelReference", StringComparison.Ordinal));
        folder.Write("MyApp.csproj", string.Join('\n', lines)
            .Replace("</Project>", fragment + "</Project>", StringComparison.Ordinal));
        return folder;
    }

    private static void CopyHub(SnippetFolder folder, string name)
    {
        foreach (string file in folder.Tree("hub"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf($"{name}/{file}"))!);
            File.Copy(folder.PathOf($"hub/{file}"), folder.PathOf($"{name}/{file}"));
        }
    }

    private static async Task<TestHub> HuggingFaceAsync(bool isPrivate = false)
    {
        var options = new TestHubOptions();
        // Only members of an organization see its private repos.
        options.Accounts.Insert(0, new("member", "hf_member") { Organizations = [HuggingFaceModel.Split('/')[0]] });
        TestHub hub = await TestHub.StartAsync(options);
        hub.CreateRepo(HuggingFaceModel, isPrivate: isPrivate).Commit(HuggingFaceFiles);
        return hub;
    }

    [GeneratedRegex(@"last used \d{4}-\d\d-\d\d")]
    private static partial Regex LastUse();
}
