using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using WiseHub.Client.Credentials;
using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The file of stored tokens on Windows, where rights are lists. What Unix has is tested with the logins.</summary>
[Needs(Need.Windows)]
[SupportedOSPlatform("windows")]
public sealed class CredentialFileTests : IDisposable
{
    private const string Old = """
        {"version":1,"credentials":[{"origin":"https://a.example.org","kind":"token","secret":"old-a"},
         {"origin":"https://b.example.org","kind":"token","secret":"old-b"}]}
        """;

    private readonly RestoreBench _bench = new();

    private CredentialFile TheFile => new(_bench.Options.Environment!);

    private string OldPath => Path.Combine(UserFolders.Configuration(_bench.Options.Environment!), "credentials.json");

    public void Dispose() => _bench.Dispose();

    private async Task StoreAsync(string origin, string secret) => await TheFile.ChangeAsync(
        old => [.. old.Where(c => c.Origin != origin), new StoredCredential(origin, SecretKind.Token, null, secret)], _bench.Log,
        TimeProvider.System, TestContext.Current.CancellationToken);

    private string Stored => string.Join(' ', TheFile.Read().Select(c => c.Secret).Order(StringComparer.Ordinal));

    [Fact]
    public async Task It_is_made_for_this_user_alone()
    {
        await StoreAsync("https://a.example.org", "a");
        FileSecurity security = new FileInfo(_bench.CredentialFile).GetAccessControl();
        using var me = WindowsIdentity.GetCurrent();
        // Wine adds the system itself.
        var system = new SecurityIdentifier(WellKnownSidType.LocalSystemSid, null);
        Assert.Equal([me.User!], security.GetAccessRules(true, true, typeof(SecurityIdentifier)).Cast<FileSystemAccessRule>()
            .Where(r => r.AccessControlType == AccessControlType.Allow && r.IdentityReference != system)
            .Select(r => r.IdentityReference).Distinct());
        Assert.Equal("a", Stored);
    }

    [Fact]
    public async Task One_that_others_may_read_is_refused()
    {
        await StoreAsync("https://a.example.org", "a");
        var file = new FileInfo(_bench.CredentialFile);
        FileSecurity security = file.GetAccessControl();
        security.AddAccessRule(new FileSystemAccessRule(new SecurityIdentifier(WellKnownSidType.WorldSid, null),
            FileSystemRights.Read, AccessControlType.Allow));
        file.SetAccessControl(security);
        HubException e = Assert.Throws<HubException>(() => Stored);
        Assert.Equal(WiseCodes.UnsafeCredentialFile, e.Code);
        Assert.StartsWith($"Other users of this machine can read or change {file.FullName}. Run 'icacls "
            + $"\"{file.FullName}\" /setowner *S-1-", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(" /remove *S-1-1-0'. If others use this machine, also renew the tokens in it.", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_lies_in_the_folder_that_roams_is_read_and_moves_with_the_next_login()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(OldPath)!);
        using (FileStream file = PrivateFile.CreateNew(OldPath))
            file.Write(System.Text.Encoding.UTF8.GetBytes(Old));
        Assert.Equal("old-a old-b", Stored);
        Assert.All(TheFile.Read(), c => Assert.Equal(OldPath, c.File));

        await StoreAsync("https://a.example.org", "new-a");
        Assert.Equal(("new-a old-b", false), (Stored, File.Exists(OldPath)));
        Assert.Equal($"info: The stored tokens were moved to {_bench.Log.Hide(_bench.CredentialFile)}. "
            + $"Windows copies their old folder to other machines: {_bench.Log.Hide(OldPath)}.",
            _bench.Log.Text);
    }

    [Fact]
    public async Task What_an_older_version_stored_again_is_used_where_nothing_newer_is()
    {
        await StoreAsync("https://a.example.org", "new-a");
        Directory.CreateDirectory(Path.GetDirectoryName(OldPath)!);
        using (FileStream file = PrivateFile.CreateNew(OldPath))
            file.Write(System.Text.Encoding.UTF8.GetBytes(Old));
        Assert.Equal("new-a old-b", Stored);
    }
}
