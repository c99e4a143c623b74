using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;
using WiseHub.Testing;

using Task = System.Threading.Tasks.Task;

namespace WiseHub.Build.Tests;

/// <summary>The task that pushes, called as the engine calls it.</summary>
public sealed class PushTaskTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly FakeBuildEngine _engine = new();

    public PushTaskTests() =>
        _temp.Write("wisehub.json", """{ "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");

    public void Dispose() => _temp.Dispose();

    private string Log => new RecordingLog().Hiding(_temp.Path, "$").Hide(_engine.Log);

    private TaskItem Artifact(string include, string pathInRepo = "")
    {
        var item = new TaskItem(_temp[include]);
        item.SetMetadata("WiseDefiningProject", _temp["App.csproj"]);
        item.SetMetadata("PathInRepo", pathInRepo);
        return item;
    }

    private PushWiseArtifacts Push(params ITaskItem[] artifacts) => new()
    {
        BuildEngine = _engine,
        Artifacts = artifacts,
        PublishDirectory = "publish/",
        RepoId = "acme/made",
        Message = "Publish App 1.0.0",
        Client = ClientItems.Of(_temp.Path),
        MemoryFile = "obj/wise.push.json",
    };

    private async Task<string> FilesAsync(string revision = "main")
    {
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = _temp["wisehub.json"],
            CacheDirectory = _temp["cache"],
            Environment = TestEnvironment.Empty
        });
        Snapshot snapshot = await client.DownloadAsync(new RepoReference { RepoId = "acme/made", Revision = revision });
        return string.Join(' ', snapshot.Files.Select(f => $"{f.Path}={File.ReadAllText(f.BlobPath)}"));
    }

    [Fact]
    public async Task Files_folders_and_globs_are_pushed_to_PathInRepo()
    {
        _temp.Write("out/model.onnx", "m");
        _temp.Write("out/LICENSE", "l");
        _temp.Write("tree/a/b.txt", "b");
        _temp.Write("tree/c.txt", "c");
        _temp.Write("glob/x/y.bin", "y");
        // What MSBuild makes of Include="glob/**/*.bin".
        TaskItem matched = Artifact("glob/x/y.bin", "weights");
        ITaskItem globbed = new ItemWithRecursiveDir(matched, "x/");
        using PushWiseArtifacts task = Push(Artifact("out/model.onnx", "onnx/best.onnx"), Artifact("out/model.onnx", "copies"),
            Artifact("out/model.onnx", "a.b/"), Artifact("out/model.onnx"),
            Artifact("out/LICENSE", "LICENSE.txt/"), Artifact("out/LICENSE", "COPYING"), Artifact("tree", "data"), globbed);

        Assert.True(task.Execute(), Log);

        Assert.Equal("COPYING=l LICENSE.txt/LICENSE=l a.b/model.onnx=m copies/model.onnx=m data/a/b.txt=b data/c.txt=c "
            + "model.onnx=m onnx/best.onnx=m weights/x/y.bin=y", await FilesAsync());
    }

    [Fact]
    public async Task A_PathInRepo_that_ends_in_the_file_name_does_not_duplicate_glob_folders()
    {
        foreach (string file in (string[])["top.bin", "sub/1.bin", "sub/LICENSE", "sub/deep/2.bin", "w/3.bin"])
            _temp.Write("art/" + file, file[^5..]);
        IEnumerable<ITaskItem> Glob(string into, Func<string, string, string> pathInRepo, params string[] files) =>
            files.Select(f =>
            {
                string below = f.Contains('/', StringComparison.Ordinal) ? f[..(f.LastIndexOf('/') + 1)] : "";
                // MSBuild gives it with the system's separator.
                return (ITaskItem)new ItemWithRecursiveDir(Artifact("art/" + f,
                    into + pathInRepo(below.Replace('/', '\\'), Path.GetFileName(f))), below.Replace('/', '\\'));
            });
        using PushWiseArtifacts task = Push([
            .. Glob("whole/", (below, name) => below + name, "top.bin", "sub/1.bin", "sub/LICENSE", "sub/deep/2.bin"),
            .. Glob("folders/", (below, _) => below, "top.bin", "sub/1.bin", "sub/deep/2.bin"),
            .. Glob("constant", (_, _) => "", "top.bin", "sub/1.bin", "sub/LICENSE"),
            // The folder in the repo has the name of one of the glob's own.
            .. Glob("w/", (_, _) => "", "top.bin", "w/3.bin"),
            .. Glob("", (below, name) => below + name, "sub/1.bin"),
            Artifact("art/sub/LICENSE", "COPYING"), Artifact("art/sub/LICENSE", "shared"), Artifact("art/top.bin", "shared")]);

        Assert.True(task.Execute(), Log);

        Assert.Equal("COPYING constant/sub/1.bin constant/sub/LICENSE constant/top.bin folders/sub/1.bin folders/sub/deep/2.bin "
            + "folders/top.bin shared/LICENSE shared/top.bin sub/1.bin w/top.bin w/w/3.bin whole/sub/1.bin whole/sub/LICENSE "
            + "whole/sub/deep/2.bin whole/top.bin",
            string.Join(' ', (await FilesAsync()).Split(' ').Select(f => f.Split('=')[0])));
    }

    [Fact]
    public void Several_files_for_one_path_are_an_error()
    {
        _temp.Write("a/1.bin", "1");
        _temp.Write("a/2.bin", "2");
        using PushWiseArtifacts task = Push(Artifact("a/1.bin", "one.bin"), Artifact("a/2.bin", "one.bin"));

        Assert.False(task.Execute());

        Assert.StartsWith("error WISE5004 at $/App.csproj(0,0): Two files have the path 'one.bin' in the repo: "
            + "$/a/1.bin and $/a/2.bin.", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_artifacts_the_publish_folder_is_pushed_without_models_from_hubs()
    {
        _temp.Write("publish/App.dll", "app");
        _temp.Write("publish/App.pdb", "symbols");
        _temp.Write("publish/models/tiny/config.json", "theirs");
        _temp.Write("publish/models/own.bin", "ours");
        string digest = new('a', 62), blob = _temp.Write($"cache/blobs/aa/{digest}", "theirs");
        var published = new TaskItem(blob, new Dictionary<string, string> { ["RelativePath"] = "models/tiny/config.json" });
        using PushWiseArtifacts task = Push();
        task.Published = [published];
        task.Symbols = "false";
        task.IgnorePatterns = "*.tmp;logs/*";

        Assert.True(task.Execute(), Log);

        Assert.Equal("App.dll=app models/own.bin=ours", await FilesAsync());
        Assert.Equal($"""
            High: WiseHub: Pushing 2 files, 7 B, of acme/made to 'local' …
            High: WiseHub: acme/made: pushed to 'local' as {task.PushedCommit}: 2 new; sent 7 B in # s.

            """.ReplaceLineEndings("\n"), Log);
        Assert.Equal("", task.PushedUrl);
    }

    [Fact]
    public async Task A_second_push_of_the_same_files_makes_no_commit_and_reads_no_file()
    {
        string file = _temp.Write("out/model.onnx", "weights");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-1));
        using PushWiseArtifacts first = Push(Artifact("out"));
        Assert.True(first.Execute(), Log);
        // The same bytes for every stat: only reading would tell.
        DateTime time = File.GetLastWriteTimeUtc(file);
        using (FileStream open = new(file, FileMode.Open, FileAccess.Write))
            open.Write("WEIGHTS"u8);
        File.SetLastWriteTimeUtc(file, time);
        using PushWiseArtifacts second = Push(Artifact("out"));
        Assert.True(second.Execute(), Log);

        Assert.Equal((first.PushedCommit, "model.onnx=weights"), (second.PushedCommit, await FilesAsync()));
        Assert.EndsWith($"High: WiseHub: acme/made: 'local' already has exactly this file at {first.PushedCommit}; no commit.\n",
            Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_prints_the_plan_with_sizes_and_writes_nothing()
    {
        _temp.Write("out/model.onnx", "weights");
        using PushWiseArtifacts task = Push(Artifact("out"));
        task.DryRun = "true";

        Assert.True(task.Execute(), Log);

        Assert.Equal("""
            High: WiseHub: acme/made: a push to 'local' (main, which has no commit yet) would be 1 new; at most 7 B to send.
            High: WiseHub:   add     model.onnx  7 B

            """.ReplaceLineEndings("\n"), Log);
        Assert.Equal(("", false, false), (task.PushedCommit, Directory.Exists(_temp["hub"]), Directory.Exists(_temp["obj"])));
    }

    [Fact]
    public void Every_missing_artifact_is_an_error_at_its_line_and_nothing_is_pushed()
    {
        _temp.Write("App.csproj", $"<Project>\n  <ItemGroup>\n    <WiseArtifact Include=\"{_temp["nosuch"]}\" />\n"
            + $"    <WiseArtifact Include=\"{_temp["neither"]}\" />\n  </ItemGroup>\n</Project>\n");
        _temp.Write("out/a", "a");
        using PushWiseArtifacts task = Push(Artifact("nosuch"), Artifact("out"), Artifact("neither"));

        Assert.False(task.Execute());

        Assert.Equal(
            "error WISE5004 at $/App.csproj(3,6): $/nosuch does not exist. Correct the path. "
            + "<https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#wise5004>\n"
            + "error WISE5004 at $/App.csproj(4,6): $/neither does not exist. Correct the path. "
            + "<https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#wise5004>\n", Log);
        Assert.False(Directory.Exists(_temp["hub"]));
    }

    [Theory]
    [InlineData("RepoId", "", "error WISE5004 at $/App.csproj(0,0): WisePushRepoId is not set. "
        + "Set it in the project, as owner/name.")]
    [InlineData("RepoId", "acme/..", "error WISE1003 at ")]
    [InlineData("RepoType", "weights",
        "error WISE1004 at $/App.csproj(0,0): WisePushRepoType is 'weights'; it must be model, dataset, code or space.")]
    [InlineData("Workers", "0",
        "error WISE1004 at $/App.csproj(0,0): WisePushWorkers is '0'; it must be a whole number from 1 to 64.")]
    [InlineData("ChunkSize", "5MB",
        "error WISE1004 at $/App.csproj(0,0): WisePushChunkSize is '5MB'; it must be a whole number from 65536 to 1073741824.")]
    [InlineData("Hub", "nowhere", "error WISE1002 at ")]
    [InlineData("Revision", "a..b", "error WISE1005 at ")]
    public void A_mistake_in_a_property_is_an_error_before_anything_is_pushed(string property, string value, string error)
    {
        _temp.Write("out/a", "a");
        using PushWiseArtifacts task = Push(Artifact("out"));
        typeof(PushWiseArtifacts).GetProperty(property)!.SetValue(task, value);

        Assert.False(task.Execute());

        Assert.StartsWith(error, Log, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temp["hub"]));
    }

    [Fact]
    public async Task A_push_without_a_card_gets_one_from_the_properties()
    {
        _temp.Write("out/model.onnx", "weights");
        using PushWiseArtifacts task = Push(Artifact("out"));
        (task.License, task.Tags, task.BaseModel) = ("MIT", "text;small", "acme/base");

        Assert.True(task.Execute(), Log);

        Assert.StartsWith("README.md=---\nlicense: mit\n", await FilesAsync(), StringComparison.Ordinal);
    }

    /// <summary>An item that a glob with <c>**</c> made; a task's own items never have the metadata of one.</summary>
    private sealed class ItemWithRecursiveDir(ITaskItem inner, string below) : ITaskItem
    {
        public string ItemSpec { get => inner.ItemSpec; set => inner.ItemSpec = value; }

        public System.Collections.ICollection MetadataNames => inner.MetadataNames;

        public int MetadataCount => inner.MetadataCount;

        public string GetMetadata(string metadataName) =>
            metadataName == "RecursiveDir" ? below : inner.GetMetadata(metadataName);

        public void SetMetadata(string metadataName, string metadataValue) => inner.SetMetadata(metadataName, metadataValue);

        public void RemoveMetadata(string metadataName) => inner.RemoveMetadata(metadataName);

        public void CopyMetadataTo(ITaskItem destinationItem) => inner.CopyMetadataTo(destinationItem);

        public System.Collections.IDictionary CloneCustomMetadata() => inner.CloneCustomMetadata();
    }
}
