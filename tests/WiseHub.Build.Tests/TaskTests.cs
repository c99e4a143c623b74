using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;
using WiseHub.Testing;

using Task = System.Threading.Tasks.Task;

namespace WiseHub.Build.Tests;

/// <summary>The task classes, called as the engine calls them.</summary>
public sealed class TaskTests : IDisposable
{
    private const string Help = "https://github.com/wisehub/WiseHub.Build/blob/main/docs/diagnostics.md#";

    private readonly string _root = Directory.CreateTempSubdirectory("wisehub-task-").FullName;
    private readonly FakeBuildEngine _engine = new();

    public TaskTests() => File.WriteAllText(PathOf("wisehub.json"),
        """{ "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string PathOf(string relative) => Path.Combine(_root, relative);

    private string Log => _engine.Log.Replace(_root, "$", StringComparison.Ordinal);

    private async Task PushAsync(string repo, params string[] paths)
    {
        string source = PathOf("source");
        var files = new List<PushFile>();
        foreach (string path in paths)
        {
            await File.WriteAllTextAsync($"{source}{files.Count}", "content of " + path);
            files.Add(new PushFile($"{source}{files.Count}", path));
        }
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = PathOf("wisehub.json"),
            CacheDirectory = PathOf("cache"),
            Environment = TestEnvironment.Empty
        });
        await client.PushAsync(new PushRequest { Hub = "local", RepoId = repo, Files = files, Prune = true });
    }

    /// <summary>
    /// What the engine makes of a task's output before another task gets it: only its own items know names such as FullPath.
    /// </summary>
    private static ITaskItem[] Passed(ITaskItem[] items) => [.. items.Select(i => new TaskItem(i))];

    private TaskItem Item(string include, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(include);
        item.SetMetadata("WiseDefiningProject", PathOf("App.csproj"));
        foreach ((string name, string value) in metadata)
            item.SetMetadata(name, value);
        return item;
    }

    private RestoreWiseModels Restore(params ITaskItem[] items) => new()
    {
        BuildEngine = _engine,
        References = items,
        Client = ClientItems.Of(_root),
    };

    [Fact]
    public async Task A_restore_outputs_an_item_for_each_file_with_names_escaped_once()
    {
        await PushAsync("acme/odd", "100%/a;b.txt", "x(1)@'$.txt");
        using RestoreWiseModels task = Restore(Item("acme/odd", ("Alias", "a%3bb")));

        Assert.True(task.Execute(), Log);

        Assert.Equal(["models/a;b/100%/a;b.txt", "models/a;b/x(1)@'$.txt"], task.Files.Select(f => f.GetMetadata("Link")));
        Assert.Equal(["models/a%3bb/100%25/a%3bb.txt", "models/a%3bb/x%281%29%40%27%24.txt"],
            task.Files.Select(f => ((ITaskItem2)f).GetMetadataValueEscaped("Link")));
        Assert.Equal(["100%/a;b.txt", "x(1)@'$.txt"], task.Files.Select(f => f.GetMetadata("PathInRepo")));
        Assert.All(Passed(task.Files),
            f => Assert.Equal("content of " + f.GetMetadata("PathInRepo"), File.ReadAllText(f.GetMetadata("FullPath"))));
        Assert.Equal(["a;b"], task.Models.Select(m => m.ItemSpec));
    }

    [Fact]
    public async Task The_restore_task_reads_each_reference_once_and_writes_the_accessor()
    {
        await PushAsync("acme/tiny", "a.txt");
        var item = new CountingItem(Item("acme/tiny", ("Alias", "Small")));
        using RestoreWiseModels task = Restore(item);
        task.AccessorFile = PathOf("obj/WiseModels.g.cs");
        task.RootNamespace = "App";

        Assert.True(task.Execute(), Log);

        Assert.Equal((1, 1), (item.Reads["RepoType"], item.Reads["Alias"]));
        using GenerateWiseAccessor alone = new()
        {
            BuildEngine = _engine,
            Client = ClientItems.Of(_root),
            References = [item],
            OutputFile = PathOf("obj/alone.cs"),
            RootNamespace = "App",
        };
        Assert.True(alone.Execute(), Log);
        Assert.Equal(File.ReadAllText(PathOf("obj/alone.cs")), File.ReadAllText(PathOf("obj/WiseModels.g.cs")));
        Assert.Contains("a.txt", File.ReadAllText(PathOf("obj/alone.cs")), StringComparison.Ordinal);
    }

    /// <summary>An item that counts how often each of its metadata is read.</summary>
    private sealed class CountingItem(TaskItem item) : ITaskItem2
    {
        public Dictionary<string, int> Reads { get; } = new(StringComparer.OrdinalIgnoreCase);

        public string ItemSpec { get => item.ItemSpec; set => item.ItemSpec = value; }

        public string EvaluatedIncludeEscaped
        {
            get => ((ITaskItem2)item).EvaluatedIncludeEscaped;
            set => ((ITaskItem2)item).EvaluatedIncludeEscaped = value;
        }

        public System.Collections.ICollection MetadataNames => item.MetadataNames;

        public int MetadataCount => item.MetadataCount;

        public System.Collections.IDictionary CloneCustomMetadata() => item.CloneCustomMetadata();

        public System.Collections.IDictionary CloneCustomMetadataEscaped() => ((ITaskItem2)item).CloneCustomMetadataEscaped();

        public void CopyMetadataTo(ITaskItem destinationItem) => item.CopyMetadataTo(destinationItem);

        public string GetMetadata(string metadataName)
        {
            Reads[metadataName] = Reads.GetValueOrDefault(metadataName) + 1;
            return item.GetMetadata(metadataName);
        }

        public string GetMetadataValueEscaped(string metadataName) => ((ITaskItem2)item).GetMetadataValueEscaped(metadataName);

        public void RemoveMetadata(string metadataName) => item.RemoveMetadata(metadataName);

        public void SetMetadata(string metadataName, string metadataValue) => item.SetMetadata(metadataName, metadataValue);

        public void SetMetadataValueLiteral(string metadataName, string metadataValue) =>
            ((ITaskItem2)item).SetMetadataValueLiteral(metadataName, metadataValue);
    }

    [Fact]
    public void Every_mistake_is_an_error_at_its_own_item_in_the_project()
    {
        File.WriteAllText(PathOf("App.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <WiseModelReference Include="a/b c" />
                <WiseModelReference Include="acme/tiny" Optional="maybe" />
                <WiseModelReference Include="acme/tiny">
                  <Hub>nope</Hub>
                </WiseModelReference>
                <WiseModelReference Include="$(Computed)" Revision="a b" />
              </ItemGroup>
            </Project>
            """);
        using RestoreWiseModels task = Restore(Item("a/b c"), Item("acme/tiny", ("Optional", "maybe")), Item("acme/tiny",
            ("Hub", "nope"), ("Alias", "x")), Item("acme/computed", ("Revision", "a b"), ("Alias", "from a default")));

        Assert.False(task.Execute());

        Assert.Equal(
            $"error WISE1004 at $/App.csproj(4,6): Optional is 'maybe'; it must be true or false. <{Help}wise1004>\n"
            + "error WISE1003 at $/App.csproj(3,6): 'a/b c' is not a repo id: each part must have 1 to 96 letters, digits, '-', "
            + "'_' or '.', and start and end with a letter, digit or '_'. Write owner/name, or a single name if the hub has such "
            + $"ids (gpt2). <{Help}wise1003>\n"
            + "error WISE1002 at $/App.csproj(5,6): There is no hub 'nope'. The known hubs are github, gitlab, huggingface, "
            + $"local, wisemodel. Declare others in $/wisehub.json. <{Help}wise1002>\n"
            + "error WISE1005 at $/App.csproj(8,6): acme/computed: 'a b' is not a revision: it has a character that git does not "
            + $"allow. Write a branch, a tag or a commit. <{Help}wise1005>\n", Log);
    }

    [Fact]
    public async Task Two_items_for_the_same_repo_are_two_models()
    {
        await PushAsync("acme/tiny", "a.txt");
        using RestoreWiseModels task = Restore(
            Item("acme/tiny", ("Alias", "kept"), ("CopyToOutputDirectory", "Never")), Item("acme/tiny", ("Alias", "copied")));

        Assert.True(task.Execute(), Log);

        Assert.Equal(["kept", "copied"], task.Models.Select(m => m.ItemSpec));
        string folder = task.Models[0].GetMetadata("Folder");
        Assert.Equal("content of a.txt", await File.ReadAllTextAsync(Path.Combine(folder, "a.txt")));
        Assert.Equal("models/copied", task.Models[1].GetMetadata("Folder"));
    }

    [Fact]
    public void A_mistake_in_two_equal_items_is_an_error_at_each_of_them()
    {
        File.WriteAllText(PathOf("App.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <WiseModelReference Include="a/b c" Alias="one" />
                <WiseModelReference Include="a/b c" Alias="two" />
              </ItemGroup>
            </Project>
            """);
        using RestoreWiseModels task = Restore(Item("a/b c", ("Alias", "one")), Item("a/b c", ("Alias", "two")));

        Assert.False(task.Execute());

        const string Reason = "'a/b c' is not a repo id: each part must have 1 to 96 letters, digits, '-', '_' or '.', and start "
            + "and end with a letter, digit or '_'. Write owner/name, or a single name if the hub has such ids (gpt2).";
        Assert.Equal($"""
            error WISE1003 at $/App.csproj(3,6): {Reason} <{Help}wise1003>
            error WISE1003 at $/App.csproj(4,6): {Reason} <{Help}wise1003>

            """, Log);
    }

    [Fact]
    public void A_finished_task_can_be_cancelled_repeatedly()
    {
        RestoreWiseModels task = Restore();
        task.Cancel();
        task.Cancel();
        task.Dispose();
        task.Cancel();
        Assert.Equal("", Log);
    }

    [Fact]
    public async Task A_cancelled_restore_is_one_error_and_leaves_no_partial_file()
    {
        await PushAsync("acme/tiny", "a.txt");
        using RestoreWiseModels task = Restore(Item("acme/tiny"));
        task.Cancel();

        Assert.False(task.Execute());

        Assert.Equal("error WISE2017 at $/App.csproj(0,0): Cancelled. Verified files are kept, "
            + $"and the next build continues from there. <{Help}wise2017>\n", Log);
        Assert.False(File.Exists(PathOf("wise.lock.json")));
        Assert.Empty(task.Files);
    }

    [Theory]
    [InlineData("plain/ä 1.txt", "plain/ä 1.txt")]
    [InlineData("%;*?@$()'", "%25%3b%2a%3f%40%24%28%29%27")]
    [InlineData("a%3bb", "a%253bb")]
    public void Characters_with_a_meaning_for_MSBuild_are_escaped(string text, string escaped) =>
        Assert.Equal(escaped, ModelItem.Escape(text));

    [Theory]
    [InlineData("", "", "")]
    [InlineData("copy", "", "")]
    [InlineData("copy", "Copy", "")]
    [InlineData("copy", "auto", "Auto")]
    [InlineData("", "hardlink", "Hardlink")]
    public async Task A_file_has_a_link_mode_only_if_it_differs_from_that_of_the_project(
        string project, string reference, string file)
    {
        await PushAsync("acme/tiny", "a.txt");
        using RestoreWiseModels restore = Restore(Item("acme/tiny", ("LinkMode", reference)));
        restore.Client = ClientItems.Of(_root, ("LinkMode", project));
        Assert.True(restore.Execute(), Log);
        Assert.Equal(file, Passed(restore.Files)[0].GetMetadata("LinkMode"));
    }

    [Fact]
    public async Task Placing_a_file_replaces_a_link_and_does_not_write_through_it()
    {
        await PushAsync("acme/tiny", "a.txt");
        using RestoreWiseModels restore = Restore(Item("acme/tiny", ("LinkMode", "hardlink")));
        Assert.True(restore.Execute(), Log);
        string blob = restore.Files[0].ItemSpec, other = PathOf("other.txt"), placed = PathOf("bin/models/tiny/a.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(placed)!);
        File.WriteAllText(other, "mine");
        File.CreateSymbolicLink(placed, other);
        using PlaceWiseFiles place =
            Place(new TaskItem(blob, new Dictionary<string, string> { ["TargetPath"] = "models/tiny/a.txt" }));
        place.Declared = Passed(restore.Files);
        File.WriteAllText(place.EarlierWrites, placed);

        Assert.True(place.Execute(), Log);

        Assert.Equal("content of a.txt", File.ReadAllText(placed));
        Assert.Null(new FileInfo(placed).LinkTarget);
        Assert.Equal("mine", File.ReadAllText(other));
    }

    [Fact]
    public async Task A_file_not_written_by_this_project_is_kept_and_an_error_if_it_differs()
    {
        await PushAsync("acme/tiny", "a.txt", "b.txt");
        using RestoreWiseModels restore = Restore(Item("acme/tiny"));
        Assert.True(restore.Execute(), Log);
        string before = Log;
        Directory.CreateDirectory(PathOf("bin"));
        File.WriteAllText(PathOf("bin/a.txt"), "made by another project");
        File.WriteAllText(PathOf("bin/b.txt"), "content of b.txt");
        using PlaceWiseFiles place = Place([.. restore.Files.Select(
            f => new TaskItem(f.ItemSpec, new Dictionary<string, string> { ["TargetPath"] = f.GetMetadata("PathInRepo") }))]);

        Assert.False(place.Execute());

        Assert.Equal($"error WISE3016 at $/App.csproj(0,0): {Path.Combine("$", "bin", "a.txt")} is not from an earlier run of "
            + "this project, and a model has different content for that path. A file from a hub never replaces a file from "
            + "another source. If another project builds into the same folder, give the model a different TargetPath. "
            + $"If the file is left over, delete it. <{Help}wise3016>\n", Log[before.Length..]);
        Assert.Equal("made by another project", File.ReadAllText(PathOf("bin/a.txt")));
    }

    [Fact]
    public async Task A_placed_file_of_another_commit_is_replaced_even_without_a_record()
    {
        await PushAsync("acme/tiny", "a.txt");
        await PushAsync("acme/other", "b.txt");
        using RestoreWiseModels restore = Restore(Item("acme/tiny"), Item("acme/other"));
        Assert.True(restore.Execute(), Log);
        foreach (ITaskItem file in restore.Files)
        {
            using PlaceWiseFiles place =
                Place(new TaskItem(file.ItemSpec, new Dictionary<string, string> { ["TargetPath"] = "x.txt" }));
            Assert.True(place.Execute(), Log);
        }
        Assert.Equal("content of b.txt", File.ReadAllText(PathOf("bin/x.txt")));
    }

    [Fact]
    public void Two_files_with_the_same_path_are_an_error_only_if_one_is_from_a_model()
    {
        string blob = PathOf($"blobs/{new string('a', 2)}/{new string('b', 62)}");
        using PlaceWiseFiles task = Place(
            Target("x/1.txt", "models/A.txt"), Target(blob, "models/a.txt"), Target(blob, "models\\a.txt"),
            Target("x/2.txt", "b.txt"), Target("x/3.txt", "b.txt"));

        Assert.False(task.Execute());

        Assert.Equal("error WISE3010 at $/App.csproj(0,0): The build puts $/x/1.txt at 'models/A.txt' in the output, "
            + $"and a model has {blob.Replace(_root, "$", StringComparison.Ordinal)} for 'models/a.txt'. "
            + "A file from a hub never replaces a file of the build. Leave the file out with "
            + $"IgnorePatterns, or give the model a different TargetPath. <{Help}wise3010>\n", Log);

        TaskItem Target(string path, string target) =>
            new(PathOf(path), new Dictionary<string, string> { ["TargetPath"] = target });
    }

    private PlaceWiseFiles Place(params ITaskItem[] items) => new()
    {
        BuildEngine = _engine,
        Items = items,
        PathMetadata = "TargetPath",
        OutputDirectory = PathOf("bin"),
        EarlierWrites = PathOf("App.csproj.FileListAbsolute.txt"),
        Client = ClientItems.Of(_root),
    };

    [Fact]
    public async Task Verifying_names_each_file_that_differs()
    {
        await PushAsync("acme/tiny", "a.txt", "b.txt");
        using RestoreWiseModels restore = Restore(Item("acme/tiny"));
        Assert.True(restore.Execute(), Log);
        string before = Log;
        Directory.CreateDirectory(PathOf("bin/models/tiny"));
        File.WriteAllText(PathOf("bin/models/tiny/b.txt"), "changed");
        using var verify = new VerifyWiseModels
        {
            BuildEngine = _engine,
            Client = ClientItems.Of(_root),
            Files = Passed(restore.Files),
            OutputDirectory = PathOf("bin"),
        };

        Assert.False(verify.Execute());

        string digest = restore.Files[1].GetMetadata("Sha256");
        Assert.Equal("error WISE3014 at $/App.csproj(0,0): tiny: b.txt: $/bin/models/tiny/b.txt does not have the sha256 "
            + $"{digest} of the lock file. Build with -p:WiseForce=true to download it again. <{Help}wise3014>\n",
            Log[before.Length..]);
    }
}
