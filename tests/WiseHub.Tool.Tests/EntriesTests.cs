using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class EntriesTests : IAsyncLifetime
{
    private readonly ToolWorkspace _workspace = new();

    public async ValueTask InitializeAsync() => await _workspace.PushAsync("acme/m", ("hubconf.json", """
        {"version":1,"entries":[{"name":"data","summary":"Some data.","files":["*.bin"]},
         {"name":"net","pretrained":"https://example.org/net.bin"}]}
        """), ("a.bin", "1"), ("b.txt", "2"));

    public ValueTask DisposeAsync()
    {
        _workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Entries_are_listed_and_explained()
    {
        ProcessResult list = await _workspace.RunAsync("entries", "list", "acme/m");
        Assert.Equal((0, "data  Some data.\nnet\n"), (list.ExitCode, list.Output));
        ProcessResult help = await _workspace.RunAsync("entries", "help", "acme/m", "net");
        Assert.Equal((0, "net()\n  pretrained: https://example.org/net.bin\n"), (help.ExitCode, help.Output));
    }

    [Fact]
    public async Task Loading_an_entry_fetches_its_files_and_prints_their_folder()
    {
        ProcessResult load = await _workspace.RunAsync("entries", "load", "acme/m", "data");
        Assert.Equal(0, load.ExitCode);
        // The last line is the folder.
        string folder =
            Path.GetDirectoryName(Assert.Single(Directory.GetFiles(_workspace.Cache, "a.bin", SearchOption.AllDirectories)))!;
        Assert.EndsWith($"/{Path.GetFileName(folder)}\n", load.Output, StringComparison.Ordinal);
        Assert.Equal(["a.bin=1"], ToolWorkspace.Contents(folder));
    }

    [Fact]
    public async Task The_error_for_an_unknown_entry_lists_the_entries() => Assert.Equal(
        (1, "error WISE1043: acme/m has no entry 'nope'; it has data, net. Names are case-sensitive."),
        await _workspace.RunAsync("entries", "help", "acme/m", "nope") is var result
            ? (result.ExitCode, result.Error.TrimEnd('\n').Split('\n')[^1]) : default);

    [Fact]
    public async Task An_argument_without_a_name_is_an_error()
    {
        ProcessResult result = await _workspace.RunAsync("entries", "load", "acme/m", "data", "three");
        Assert.Equal((2, "error WISE1101: 'three' is not an argument of an entry. Write name=value."),
            (result.ExitCode, result.Error.Split('\n')[0]));
    }

    [Fact]
    public async Task Entries_are_listed_as_JSON()
    {
        ProcessResult list = await _workspace.RunAsync("entries", "list", "acme/m", "--json");
        using var json = System.Text.Json.JsonDocument.Parse(list.Output);
        Assert.Equal(["data files", "net files"], json.RootElement.GetProperty("entries").EnumerateArray()
            .Select(e => $"{e.GetProperty("name")} {e.GetProperty("kind")}"));
        Assert.Equal("", list.Error);
    }
}
