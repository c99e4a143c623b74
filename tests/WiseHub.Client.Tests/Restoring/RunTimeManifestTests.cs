using System.Text;
using WiseHub.Client.Hubs;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>What a program ships to fetch a model at run time.</summary>
public sealed class RunTimeManifestTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TempFolder _temp = new();
    private readonly TestEnvironment _environment;

    public RunTimeManifestTests() => _environment = new TestEnvironment(_temp["home"]);

    public void Dispose() => _temp.Dispose();

    private static LockEntry Entry(string hub, string? revision = "main") => new(
        new LockKey(RepoType.Model, "acme/tiny", hub, revision, null), Commit, [FileSelection.All],
        [
            new LockedFile("a.json", 2, Digest.Parse(RestoreBench.Sha256("{}"))),
            new LockedFile("sub/b.bin", 1, Digest.Parse(RestoreBench.Sha256("b"))),
        ]);

    private HubConfig Load(string? project)
    {
        if (project is not null)
            _temp.Write("project/wisehub.json", project);
        return HubConfig.Load(project is null ? null : _temp["project/wisehub.json"], _environment.Read);
    }

    private string Shipped(string? project, string hub, out IReadOnlyList<string> notShipped)
    {
        RunTimeManifest manifest = RunTimeManifest.Create(Load(project), Entry(hub), FileSelection.All);
        notShipped = manifest.HubsNotShipped;
        string text = Encoding.UTF8.GetString(manifest.ToBytes());
        const string Start = "{\"version\":1,\"config\":";
        Assert.StartsWith(Start, text, StringComparison.Ordinal);
        return text[Start.Length..text.IndexOf(",\n\"references\"", StringComparison.Ordinal)];
    }

    private string Shipped(string? project, string hub)
    {
        string json = Shipped(project, hub, out IReadOnlyList<string> notShipped);
        Assert.Empty(notShipped);
        return json;
    }

    [Fact]
    public void A_manifest_has_the_hubs_and_the_lock_entry()
    {
        RunTimeManifest manifest = RunTimeManifest.Create(
            Load("""{"hubs":{"team":{"protocol":"huggingface","endpoint":"https://h.example.org","retries":3}}}"""),
            Entry("team"), FileSelection.All);
        const string Team = """{"protocol":"huggingface","endpoint":"https://h.example.org","retries":3}""",
            Key = "\"repoType\":\"model\",\"repoId\":\"acme/tiny\",\"hub\":\"team\",\"revision\":\"main\"";
        Assert.Equal($$$"""
            {"version":1,"config":{"hubs":{"team":{{{Team}}}},"mirrors":[]},
            "references":[
            {{{{Key}}},"commit":"{{{Commit}}}","selections":[{}],"files":[
            {"path":"a.json","size":2,"sha256":"{{{RestoreBench.Sha256("{}")}}}"},
            {"path":"sub/b.bin","size":1,"sha256":"{{{RestoreBench.Sha256("b")}}}"}]}]}

            """.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(manifest.ToBytes()));
        Assert.Equal(RestoreBench.Sha256(manifest.ToBytes()), manifest.Sha256.Hex);
    }

    [Fact]
    public void Comments_of_the_configuration_do_not_ship() => Assert.Equal(
        """{"hubs":{"team":{"protocol":"huggingface","endpoint":"https://h.example.org"}},"mirrors":[]}""",
        Shipped("""
            // ours
            {"$schema":"x","hubs":{"team":{"protocol":"huggingface",/* inside */"endpoint":"https://h.example.org"}}}
            """, "team"));

    [Fact]
    public void A_manifest_has_only_the_selected_files()
    {
        var json = new FileSelection(["*.json"], []);
        RunTimeManifest manifest = RunTimeManifest.Create(Load(null), Entry("huggingface"), json);
        Assert.Equal("a.json", string.Join(' ', manifest.Entry.Files.Select(f => f.Path)));
        Assert.Equal([json], manifest.Entry.Selections);
    }

    [Fact]
    public void A_selection_of_nothing_is_an_error() => Assert.Equal(WiseCodes.NothingSelected, Assert.Throws<HubException>(
        () => RunTimeManifest.Create(Load(null), Entry("huggingface"), new FileSelection(["*.txt"], []))).Code);

    [Fact]
    public void The_manifest_of_a_snapshot_is_that_of_its_lock_entry()
    {
        LockEntry entry = Entry("huggingface;wisemodel");
        var snapshot = new Snapshot
        {
            Reference = new RepoReference { RepoId = "acme/tiny", Hubs = ["huggingface", "wisemodel"], Revision = "main" },
            Hub = "huggingface;wisemodel",
            Commit = Commit,
            Files = [.. entry.Files.Select(f => new SnapshotFile(f.Path, f.Size, f.Sha256, _temp["blobs"]))],
        };
        Assert.Equal(RunTimeManifest.Create(Load(null), entry, FileSelection.All).ToBytes(),
            RunTimeManifest.Create(Load(null), snapshot).ToBytes());
    }

    [Fact]
    public void A_built_in_hub_is_not_declared_again() =>
        Assert.Equal("""{"hubs":{},"mirrors":[]}""", Shipped(null, "huggingface;github"));

    [Fact]
    public void A_file_by_its_URL_needs_no_hub() => Assert.Equal("""{"hubs":{},"mirrors":[]}""", Shipped(null, "url"));

    [Fact]
    public void A_built_in_hub_that_the_project_moves_is_declared() => Assert.Equal(
        """{"hubs":{"huggingface":{"protocol":"huggingface","endpoint":"https://hf.example.org"}},"mirrors":[]}""",
        Shipped("""{"hubs":{"HuggingFace":{"protocol":"huggingface","endpoint":"https://hf.example.org"}}}""", "huggingface")
            .Replace("HuggingFace", "huggingface", StringComparison.Ordinal));

    [Fact]
    public void A_built_in_hub_that_only_this_machine_moves_stays_where_it_is()
    {
        _environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = "https://ci.example.org";
        _temp.Write("home/.config/wisehub/wisehub.json",
            """{"hubs":{"github":{"protocol":"git","endpoint":"https://git.example.org"}}}""");
        Assert.Equal("""{"hubs":{},"mirrors":[]}""", Shipped(null, "huggingface;github"));
    }

    [Fact]
    public void A_hub_of_the_users_own_configuration_is_declared_but_its_mirrors_are_not()
    {
        _temp.Write("home/.config/wisehub/wisehub.json", """
            {"hubs":{"own":{"protocol":"store","endpoint":"https://own.example.org"},
             "near":{"protocol":"store","endpoint":"https://near.example.org"}},"mirrors":[{"hub":"near"}]}
            """);
        Assert.Equal("""{"hubs":{"own":{"protocol":"store","endpoint":"https://own.example.org"}},"mirrors":[]}""",
            Shipped(null, "own"));
    }

    [Fact]
    public void Hubs_that_the_model_does_not_need_are_not_shipped() => Assert.Equal(
        """{"hubs":{"b":{"protocol":"store","endpoint":"https://b.example.org"}},"mirrors":[]}""",
        Shipped("""
            {"hubs":{"a":{"protocol":"store","endpoint":"https://a.example.org"},
             "b":{"protocol":"store","endpoint":"https://b.example.org"}}}
            """, "b"));

    [Fact]
    public void Mirrors_of_the_project_are_shipped_read_only_and_folders_are_not()
    {
        const string Bucket =
            "\"bucket\":\"models\",\"prefix\":\"p\",\"endpoint\":\"https://s3.example.org\",\"region\":\"eu-1\"";
        Assert.Equal(
            $$$"""{"hubs":{"b":{"protocol":"s3",{{{Bucket}}},"pathStyle":true}},"mirrors":[{"hub":"b"}],"mirrorsOnly":true}""",
            Shipped("""
            {"hubs":{"disk":{"protocol":"store","path":"../hub"},
             "b":{"pathStyle":true,"region":"eu-1","protocol":"s3","endpoint":"https://s3.example.org","bucket":"models",
              "profile":"my-profile","prefix":"p","conditionalWrites":"auto"}},
             "mirrors":[{"hub":"disk","write":true},{"hub":"b","write":true}],"mirrorsOnly":true}
            """, "huggingface", out IReadOnlyList<string> notShipped));
        Assert.Equal(["disk"], notShipped);
    }

    [Fact]
    public void Mirrors_only_stays_when_all_mirrors_are_folders()
    {
        Assert.Equal("""{"hubs":{},"mirrors":[],"mirrorsOnly":true}""", Shipped("""
            {"hubs":{"disk":{"protocol":"store","path":"hub"}},"mirrors":[{"hub":"disk"}],"mirrorsOnly":true}
            """, "huggingface", out IReadOnlyList<string> notShipped));
        Assert.Equal(["disk"], notShipped);
    }

    [Fact]
    public void A_hub_with_a_folder_and_a_bucket_is_shipped_without_the_folder() => Assert.Equal(
        """{"hubs":{"hg":{"protocol":"hg-localization","bucket":"b","endpoint":"https://s3.example.org"}},"mirrors":[]}""",
        Shipped("""
            {"hubs":{"hg":{"protocol":"hg-localization","path":"copies","bucket":"b","endpoint":"https://s3.example.org",
             "publicAccess":"policy"}}}
            """, "hg"));

    // The whole list: a new key of a protocol ships only after a decision.
    [Fact]
    public void These_keys_of_each_protocol_are_shipped() => Assert.Equal(
        """
        store: endpoint, not path
        huggingface: endpoint
        wisemodel: endpoint endpoints, not uploadChunkSize commitTimeout
        git: endpoint transport archive
        s3: bucket prefix endpoint region pathStyle, not profile conditionalWrites
        hg-localization: bucket prefix endpoint region pathStyle, not path profile conditionalWrites publicAccess
        """.ReplaceLineEndings("\n"),
        string.Join('\n', Protocols.All.Declarable.Select(p => $"{p.Name}: {string.Join(' ', p.ShippedKeys)}"
            + (p.Keys.Except(p.ShippedKeys).ToArray() is { Length: > 0 } kept ? $", not {string.Join(' ', kept)}" : ""))));

    [Fact]
    public void The_bytes_are_the_same_in_another_folder()
    {
        const string Config = """{"hubs":{"team":{"protocol":"store","endpoint":"https://hub.example.org"}}}""";
        byte[] Of(string folder) => RunTimeManifest.Create(
            HubConfig.Load(_temp.Write(folder + "/wisehub.json", Config), _environment.Read), Entry("team"), FileSelection.All)
            .ToBytes();
        Assert.Equal(Of("one"), Of("two"));
    }
}
