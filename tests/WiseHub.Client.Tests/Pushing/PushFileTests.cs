using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using WiseHub.Client.Pushing;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Pushing bytes and streams instead of files.</summary>
public sealed class PushFileTests
{
    private const string InRepo = "sub/model é.bin";

    [Fact]
    public async Task A_file_is_pushed_from_a_path_a_stream_or_bytes_and_has_a_URL()
    {
        await using HubBench bench = await StartAsync();
        TestRepo repo = bench.Repo(("a", "a"));
        using HubClient client = bench.NewClient();
        PushResult first = await client.PushAsync(Request(PushFile.FromBytes("one"u8.ToArray(), InRepo)));
        Uri? address = client.Repos.GetFileUrl(new RepoReference { RepoId = HubBench.Id, Revision = first.Commit }, InRepo);
        Assert.Equal((repo.Head(), $"{bench.Hub.Endpoint}acme/tiny/resolve/{first.Commit}/sub/model%20%C3%A9.bin", true),
            (first.Commit, address!.AbsoluteUri, first.Changed));
        using var stream = new MemoryStream("-two"u8.ToArray()) { Position = 1 };
        await client.PushAsync(Request(PushFile.FromStream(stream, InRepo)));
        Assert.Equal("two", Encoding.UTF8.GetString(repo.Read(InRepo)));
        PushResult third = await client.PushAsync(Request(new PushFile(bench.Project.Temp.Write("local.bin", "three"), InRepo)));
        PushResult fourth = await client.PushAsync(Request(PushFile.FromBytes("three"u8.ToArray(), InRepo)));
        Assert.Equal(("three", false), (Encoding.UTF8.GetString(repo.Read(InRepo)), fourth.Changed));
        Assert.Equal([$"upload {InRepo}", $"upload {InRepo}", $"upload {InRepo}", "commit"], repo.History());
        Assert.Equal(repo.Head(), third.Commit);
    }

    [Fact]
    public async Task A_folder_is_pushed_as_one_commit()
    {
        await using HubBench bench = await StartAsync();
        TestRepo repo = bench.Repo(("a", "a"));
        bench.Project.Temp.Write("out/sub/b.txt", "b");
        bench.Project.Temp.Write("out/c.log", "c");
        bench.Project.Temp.Write("out/.git/HEAD", "ref");
        using HubClient client = bench.NewClient();
        string folder = bench.Project.Temp["out"];
        var request = new PushRequest
        {
            RepoId = HubBench.Id,
            Files = PushSet.FromFolder(folder, "run/1", new FileSelection([], ["*.log"])),
            MemoryFile = client.PushMemoryFile(folder),
        };
        PushResult pushed = await client.PushAsync(request);
        Assert.Equal((repo.Head(), "run/1/sub/b.txt"), (pushed.Commit, Assert.Single(pushed.Steps).PathInRepo));
        Assert.False((await client.PushAsync(request)).Changed);
    }

    [Fact]
    public async Task A_seekable_stream_can_be_pushed_twice_from_its_initial_position()
    {
        using var bench = new RestoreBench();
        bench.Configure("""{"hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        using HubClient client = bench.NewClient();
        using var stream = new MemoryStream("-two"u8.ToArray()) { Position = 1 };
        PushRequest request = Request(PushFile.FromStream(stream, "a")) with { Hub = "local", CreateRepo = true };
        PushResult first = await client.PushAsync(request);
        PushResult second = await client.PushAsync(request);
        Assert.Equal((3L, true), (Assert.Single(first.Steps).Size, first.Changed));
        Assert.Equal((first.Commit, false), (second.Commit, second.Changed));
    }

    [Fact]
    public async Task A_stream_that_is_not_seekable_can_be_pushed_once()
    {
        using var bench = new RestoreBench();
        bench.Configure("""{"hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        using HubClient client = bench.NewClient();
        using var stream = new OnceStream("two"u8.ToArray());
        PushRequest request = Request(PushFile.FromStream(stream, "a")) with { Hub = "local", CreateRepo = true };
        Assert.Equal(3L, Assert.Single((await client.PushAsync(request)).Steps).Size);
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.PushAsync(request));
        Assert.Equal(
            "WISE5004: The stream for 'a' was read by an earlier push and cannot be read again. Give each push a new stream.",
            bench.Show(e));
    }

    [Fact]
    public async Task A_failing_stream_is_an_error_and_nothing_is_pushed()
    {
        using var bench = new RestoreBench();
        bench.Configure("""{"hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        using HubClient client = bench.NewClient();
        using var stream = new OnceStream("two"u8.ToArray()) { Failure = new IOException("The cable was pulled.") };
        PushRequest request = Request(PushFile.FromStream(stream, "a")) with { Hub = "local", CreateRepo = true };
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.PushAsync(request));
        Assert.Equal("WISE3013: The content for 'a' could not be copied to <temporary file>: The cable was pulled. "
            + "Check the path and its device.",
            Regex.Replace(bench.Show(e), @"(?<=copied to )\S*wisehub-push-\w+[/\\]0(?=:)", "<temporary file>"));
        Assert.False(Directory.Exists(bench.Temp["hub"]));
    }

    [Fact]
    public void Two_contents_for_one_path_are_an_error_and_the_same_one_twice_is_accepted()
    {
        var one = PushFile.FromBytes("one"u8.ToArray(), "a");
        Assert.Equal([one], PushSet.Combine([one, one]));
        HubException e = Assert.Throws<HubException>(() => PushSet.Combine([one, new PushFile("/out/a", "a")]));
        Assert.Equal("Two files have the path 'a' in the repo: content without a file and /out/a. "
            + "Give one of them another path, or omit it.", e.Message);
        Assert.Throws<HubException>(() => PushSet.Combine([one, PushFile.FromBytes("one"u8.ToArray(), "a")]));
    }

    [Fact]
    public async Task Temporary_files_are_deleted_after_a_push_and_their_digests_not_remembered()
    {
        using var bench = new RestoreBench();
        bench.Configure("""{"hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        string file = bench.Temp.Write("b.bin", "two"), memory = bench.Temp["push.json"];
        // Only an old file is remembered: a change of a new one might not show.
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        PushFile bytes = PushFile.FromBytes("one"u8.ToArray(), "a"), local = new(file, "b");
        string folder;
        using (GivenContents contents = await GivenContents.WriteAsync([bytes, local], TestContext.Current.CancellationToken))
        {
            Assert.Equal((2, local), (contents.Files.Count, contents.Files[1]));
            folder = Path.GetDirectoryName(contents.Files[0].SourcePath)!;
            Assert.Equal("one", await File.ReadAllTextAsync(contents.Files[0].SourcePath, TestContext.Current.CancellationToken));
        }
        Assert.False(Directory.Exists(folder));
        using HubClient client = bench.NewClient();
        await client.PushAsync(Request(bytes, local) with { Hub = "local", CreateRepo = true, MemoryFile = memory });
        using JsonDocument remembered =
            JsonDocument.Parse(await File.ReadAllTextAsync(memory, TestContext.Current.CancellationToken));
        Assert.Equal([file], remembered.RootElement.GetProperty("files").EnumerateArray()
            .Select(f => f.GetProperty("path").GetString()));
    }

    private static PushRequest Request(params PushFile[] files) =>
        new() { RepoId = HubBench.Id, Message = $"upload {files[0].PathInRepo}", Files = files };

    private static async Task<HubBench> StartAsync()
    {
        HubBench bench = await HubBench.StartAsync();
        bench.Project.SetEnvironment("HF_TOKEN", bench.Hub.Token);
        return bench;
    }

    /// <summary>A stream as a connection gives one: forward only.</summary>
    private sealed class OnceStream(byte[] content) : MemoryStream(content)
    {
        public IOException? Failure { get; init; }

        public override bool CanSeek => false;

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            Failure is null ? base.CopyToAsync(destination, bufferSize, cancellationToken) : Task.FromException(Failure);
    }
}
