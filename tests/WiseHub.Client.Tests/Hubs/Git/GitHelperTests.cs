using System.Runtime.Versioning;
using WiseHub.Client.Context;
using WiseHub.Client.Credentials;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

[Needs(Need.Unix, Need.Git, Because = "The helper of these tests is a shell script.")]
public sealed class GitHelperTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public GitHelperTests()
    {
        _bench.UsePrograms();
        _bench.SetEnvironment("GIT_CONFIG_NOSYSTEM", "1");
        Directory.CreateDirectory(_bench.Temp["home"]);
    }

    [Fact]
    public void A_credential_helper_gets_host_and_port_and_returns_user_and_password()
    {
        _bench.SetEnvironment("WISEHUB_ENDPOINT_GITHUB", "https://git.example.org:8443/base");
        Helper("cat > $HOME/asked; echo username=ann; echo password=secret");
        Secret? found = Find("github");
        Assert.Equal(("ann", "secret", "git's credential helper"), (found?.User, found?.Value, found?.Source));
        Assert.Contains("protocol=https\nhost=git.example.org:8443\n", File.ReadAllText(_bench.Temp["home/asked"]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_helper_is_called_once_per_hub()
    {
        Helper("cat > /dev/null; echo asked >> $HOME/asked; echo username=ann; echo password=secret");
        using var services = new ClientContext(_bench.Options);
        HubDefinition hub = services.Config.Find("github");
        for (int i = 0; i < 3; i++)
            Assert.NotNull(services.Tokens.Find(hub, hub.Endpoint!, SecretKind.Token));
        Assert.Equal("asked\n", File.ReadAllText(_bench.Temp["home/asked"]));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Without_a_matching_helper_git_does_not_prompt()
    {
        // Whoever is asked would leave a file.
        string asking = _bench.Temp.Write("ask", "#!/bin/sh\necho asked > " + _bench.Temp["asked"] + "\necho answer\n");
        File.SetUnixFileMode(asking, (UnixFileMode)0b111_000_000);
        _bench.Temp.Write("home/.gitconfig", $"[core]\n\taskPass = {asking}\n");
        _bench.SetEnvironment("GIT_ASKPASS", asking);
        _bench.SetEnvironment("SSH_ASKPASS", asking);
        Assert.Null(Find("github"));
        Assert.False(File.Exists(_bench.Temp["asked"]));
    }

    [Theory]
    [InlineData("echo noise; exit 1")]
    [InlineData("echo username=ann")]
    [InlineData("echo quit=1")]
    [InlineData("cat /dev/null")]
    public void A_failing_credential_helper_gives_no_token(string script)
    {
        Helper("cat > /dev/null; " + script);
        Assert.Null(Find("github"));
    }

    [Fact]
    public void A_credential_helper_is_used_only_for_git_hosts_with_trusted_endpoints()
    {
        _bench.Configure("""
            {"hubs":{"forge":{"protocol":"git","endpoint":"https://forge.example.org"},
             "web":{"protocol":"store","endpoint":"https://models.example.org"}}}
            """);
        _bench.SetEnvironment("WISEHUB_ENDPOINT_WEB", "https://models.example.org");
        Helper("cat > /dev/null; echo username=ann; echo password=secret");
        Assert.Equal(["github", "gitlab", "wisemodel"],
            new[] { "github", "gitlab", "huggingface", "wisemodel", "forge", "web" }.Where(h => Find(h) is not null));
    }

    [Fact]
    public void A_git_in_the_working_directory_is_not_run()
    {
        _bench.SetEnvironment("PATH", ":.:bin");
        Helper("cat > /dev/null; echo username=ann; echo password=secret");
        Assert.Null(Find("github"));
    }

    public void Dispose() => _bench.Dispose();

    private void Helper(string script) =>
        _bench.Temp.Write("home/.gitconfig", $"[credential]\n\thelper = \"!f() {{ {script}; }}; f\"\n");

    private Secret? Find(string hub)
    {
        using var services = new ClientContext(_bench.Options);
        HubDefinition definition = services.Config.Find(hub);
        return services.Tokens.Find(definition, definition.Endpoint!, SecretKind.Token);
    }
}
