using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>All commands share one runner, so that progress, warnings, failures and JSON are the same everywhere.</summary>
public sealed class CommandRunTests
{
    [Theory]
    // The doctor also reports a configuration with which no client can be created.
    [InlineData("JsonOutput.Write(", "CommandRun.cs DoctorCommand.cs")]
    [InlineData("JsonOutput.WriteFailures(json, \"warnings\"", "CommandRun.cs")]
    [InlineData("TerminalLog.RunAsync(", "CommandRun.cs")]
    [InlineData("new QuietLog(", "CommandRun.cs")]
    // The agent that git-lfs starts has no log, because its output is a protocol.
    [InlineData("new HubClient(", "CommandRun.cs LfsCommand.cs")]
    public void Only_CommandRun_creates_clients_logs_and_JSON_output(string what, string files) =>
        Assert.Equal(files, string.Join(' ', ((string[])["Commands", "Protocols"])
            .SelectMany(f => Directory.EnumerateFiles(RepoFiles.At("src/WiseHub.Tool", f), "*", SearchOption.AllDirectories))
            .Where(f => File.ReadAllText(f).Contains(what, StringComparison.Ordinal)).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal)));
}
