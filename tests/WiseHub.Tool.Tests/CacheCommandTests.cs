using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class CacheCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Dir_prints_the_root_of_the_cache_and_does_not_create_it()
    {
        Assert.Equal(new ProcessResult(0, "$/cache\n", ""), await _workspace.RunAsync("cache", "dir"));
        Assert.False(Directory.Exists(_workspace.Cache));
    }

    [Fact]
    public async Task Dir_works_with_an_invalid_configuration()
    {
        _workspace.Write("work/wisehub.json", "{ nonsense");

        Assert.Equal(new ProcessResult(0, "$/cache\n", ""), await _workspace.RunAsync("cache", "dir"));
    }

    [Fact]
    public async Task Without_a_variable_the_cache_is_in_the_users_cache_folder()
    {
        _workspace.Environment["WISEHUB_CACHE"] = null;
        _workspace.Environment["XDG_CACHE_HOME"] = _workspace.PathOf("xdg");

        string expected = OperatingSystem.IsWindows() ? "$/local/wisehub" : "$/xdg/wisehub";
        Assert.Equal(new ProcessResult(0, expected + "\n", ""), await _workspace.RunAsync("cache", "dir"));
    }
}
