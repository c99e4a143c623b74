using System.Diagnostics;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Redirected output is UTF-8 with any code page of the system.</summary>
public sealed class ConsoleTextTests : IDisposable
{
    private const string Chinese = "模型 目录";

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    private async Task<(byte[] Output, byte[] Error)> BytesAsync(params string[] arguments)
    {
        using Process process = _workspace.Start(arguments);
        using MemoryStream output = new(), error = new();
        await Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(output),
            process.StandardError.BaseStream.CopyToAsync(error));
        await process.WaitForExitAsync();
        return (output.ToArray(), error.ToArray());
    }

    [Fact]
    public async Task A_path_is_printed_in_UTF_8_without_a_byte_order_mark()
    {
        _workspace.Environment["WISEHUB_CACHE"] = _workspace.PathOf(Chinese);
        Assert.Equal(Encoding.UTF8.GetBytes(_workspace.PathOf(Chinese) + Environment.NewLine),
            (await BytesAsync("cache", "dir")).Output);
    }

    [Fact]
    public async Task An_error_is_printed_in_UTF_8_without_a_byte_order_mark()
    {
        byte[] error = (await BytesAsync("restore", Chinese)).Error;
        Assert.StartsWith("error WISE", Encoding.Latin1.GetString(error), StringComparison.Ordinal);
        Assert.Contains(Chinese, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_prints_the_existing_folder_in_UTF_8()
    {
        await _workspace.PushAsync("acme/m", ("数据.txt", "one"));
        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--local-dir", Chinese);
        Assert.Equal((0, $"$/work/{Chinese}\n"), (result.ExitCode, result.Output));
        Assert.Equal(["数据.txt=one"], ToolWorkspace.Contents(_workspace.PathOf("work/" + Chinese)));
    }

    [Fact]
    public async Task JSON_output_is_UTF_8()
    {
        _workspace.Environment["WISEHUB_CACHE"] = _workspace.PathOf(Chinese);
        string json = new UTF8Encoding(false, throwOnInvalidBytes: true)
            .GetString((await BytesAsync("cache", "ls", "--json")).Output);
        Assert.StartsWith("{", json, StringComparison.Ordinal);
    }
}
