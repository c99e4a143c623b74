using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>Signatures that a policy requires.</summary>
public sealed class SignatureGateTests : IDisposable
{
    private readonly RestoreBench _bench = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SignatureGateTests() => RequireKey(_key);

    public void Dispose()
    {
        _key.Dispose();
        _bench.Dispose();
    }

    private static RepoReference Reference => new() { RepoId = "acme/tiny" };

    private string Signer => "key sha256:" + Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));

    private LockEntry Locked => LockFile.Read(_bench.LockFile)!.Entries.Single();

    private void RequireKey(ECDsa key)
    {
        _bench.Temp.Write("keys/acme.pem", key.ExportSubjectPublicKeyInfoPem());
        _bench.Configure("{\"defaultHub\":\"local\",\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"}},"
            + "\"policy\":{\"signatures\":[{\"repos\":[\"acme/*\"],\"key\":\"keys/acme.pem\"}]}}");
    }

    private Task<string> PushAsync(byte[]? signature, params (string Path, string Text)[] files)
    {
        List<(string, byte[])> all = [.. files.Select(f => (f.Path, System.Text.Encoding.UTF8.GetBytes(f.Text)))];
        if (signature is not null)
            all.Add(("model.sig", signature));
        return _bench.Hub.PushAsync("acme/tiny", "main", all);
    }

    private byte[] Sign(params (string Path, string Text)[] files) => ModelSigner.Sign(
        files.ToDictionary(f => f.Path, f => Digest.Parse(RestoreBench.Sha256(f.Text))), "tiny", _key);

    private static readonly (string Path, string Text)[] Files = [("config.json", "{}"), ("data.txt", "text")];

    [Fact]
    public async Task A_signed_model_enters_and_the_lock_file_records_who_signed_it()
    {
        byte[] signature = Sign(Files);
        await PushAsync(signature, Files);
        await _bench.RestoreAsync(Reference with { Files = new FileSelection(["*.json", "*.txt"], []) });
        Assert.Equal(new LockedSignature(Signer, Digest.Parse(RestoreBench.Sha256(signature))), Locked.Signature);
        Assert.Contains($"info: acme/tiny: 'model.sig' was verified: {Signer}.", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_build_asks_nobody_for_the_signature()
    {
        await PushAsync(Sign(Files), Files);
        await _bench.RestoreAsync(Reference);
        Directory.Delete(_bench.Hub.Folder, recursive: true);
        await _bench.RestoreAsync(_bench.Request(Reference) with { Locked = true });
    }

    [Fact]
    public async Task A_model_without_a_signature_is_refused_before_a_download()
    {
        await PushAsync(signature: null, Files);
        Assert.Equal("WISE6008: acme/tiny: the policy in <temp>/wisehub.json requires a signature of the key in "
            + "<temp>/keys/acme.pem (\"signatures\"), but the commit has no signature file (model.sig, or another name with "
            + ".sig at the top of the repo). Ask the owner to sign the model, or have the policy changed.",
            await _bench.FailureAsync(Reference));
        Assert.False(File.Exists(_bench.BlobPath(RestoreBench.Sha256("text"))));
    }

    [Fact]
    public async Task A_signature_of_another_key_is_refused()
    {
        await PushAsync(Sign(Files), Files);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        RequireKey(other);
        Assert.StartsWith("WISE6033: acme/tiny model.sig is not from an expected signer: ", await _bench.FailureAsync(Reference),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_changed_after_signing_is_refused()
    {
        await PushAsync(Sign(Files), ("config.json", "{}"), ("data.txt", "changed"));
        Assert.StartsWith("WISE6032: acme/tiny model.sig does not match the files: changed after signing: data.txt.",
            await _bench.FailureAsync(Reference), StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task A_file_that_the_signer_did_not_list_is_refused_only_if_it_is_selected()
    {
        await PushAsync(Sign(Files), [.. Files, ("more.txt", "more")]);
        Assert.StartsWith("WISE6032: acme/tiny model.sig does not match the files: not listed in it: more.txt.",
            await _bench.FailureAsync(Reference), StringComparison.Ordinal);
        await _bench.RestoreAsync(Reference with { Files = new FileSelection(["*.json"], []) });
    }

    [Fact]
    public async Task A_lock_file_without_a_signature_is_refused_in_locked_mode()
    {
        await PushAsync(Sign(Files), Files);
        _bench.Configure("{\"defaultHub\":\"local\",\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"}}}");
        await _bench.RestoreAsync(Reference);
        RequireKey(_key);
        Assert.StartsWith("WISE6008: acme/tiny: the policy in <temp>/wisehub.json requires a signature, but "
            + "<temp>/wise.lock.json records none of an expected signer, and locked mode is on.",
            await _bench.FailureAsync(_bench.Request(Reference) with { Locked = true }), StringComparison.Ordinal);
        await _bench.RestoreAsync(Reference);
        Assert.Equal(Signer, Locked.Signature?.Signer);
    }

    [Fact]
    public async Task A_key_file_that_is_missing_is_an_error_with_its_path()
    {
        await PushAsync(Sign(Files), Files);
        File.Delete(_bench.Temp["keys/acme.pem"]);
        Assert.StartsWith("WISE6034: The file <temp>/keys/acme.pem cannot be used for signatures: it does not exist.",
            await _bench.FailureAsync(Reference), StringComparison.Ordinal);
    }

    // The policy names the file only, and its text stays the same.
    [Fact]
    public async Task Another_key_in_the_same_file_is_noticed_by_a_build_without_changes()
    {
        await PushAsync(Sign(Files), Files);
        await _bench.RestoreAsync(Reference);
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Reference)));
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _bench.Temp.Write("keys/acme.pem", other.ExportSubjectPublicKeyInfoPem());
        Assert.Null(_bench.TryRestoreLocally(_bench.Request(Reference)));
        Assert.StartsWith("WISE6033: ", await _bench.FailureAsync(Reference), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_was_verified_against_another_root_is_verified_again()
    {
        using X509Certificate2 own = Root("CN=own", _key);
        await PushAsync(ModelSigner.Sign(Files.ToDictionary(f => f.Path, f => Digest.Parse(RestoreBench.Sha256(f.Text))), "tiny",
            _key, [own]), Files);
        _bench.Temp.Write("keys/root.pem", own.ExportCertificatePem());
        _bench.Configure("{\"defaultHub\":\"local\",\"hubs\":{\"local\":{\"protocol\":\"store\",\"path\":\"hub\"}},"
            + "\"policy\":{\"signatures\":[{\"repos\":[\"acme/*\"],\"certificate\":\"keys/root.pem\"}]}}");
        await _bench.RestoreAsync(Reference);
        await _bench.RestoreAsync(_bench.Request(Reference) with { Locked = true });

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 other = Root("CN=other", key);
        _bench.Temp.Write("keys/root.pem", other.ExportCertificatePem());
        Assert.StartsWith("WISE6008: ", await _bench.FailureAsync(_bench.Request(Reference) with { Locked = true }),
            StringComparison.Ordinal);
        Assert.StartsWith("WISE6033: ", await _bench.FailureAsync(Reference), StringComparison.Ordinal);
    }

    private static X509Certificate2 Root(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    [Fact]
    public async Task A_repo_that_no_rule_names_needs_no_signature()
    {
        await _bench.Hub.PushAsync("other/tiny", Files);
        await _bench.RestoreAsync(new RepoReference { RepoId = "other/tiny" });
    }

    [Fact]
    public async Task Over_a_hub_a_signature_costs_the_request_of_its_file()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Project.Temp.Write("keys/acme.pem", _key.ExportSubjectPublicKeyInfoPem());
        bench.Hub.CreateRepo(HubBench.Id).Commit(new Dictionary<string, byte[]?>
        {
            ["data.bin"] = "text"u8.ToArray(),
            ["model.sig"] = Sign(("data.bin", "text")),
        });
        int without = await RequestsAsync("{}");
        int with = await RequestsAsync("{\"signatures\":[{\"repos\":[\"*\"],\"key\":\"keys/acme.pem\"}]}");
        Assert.Equal(1, with - without);

        async Task<int> RequestsAsync(string policy)
        {
            bench.UsePolicy(policy);
            bench.Hub.Requests.Clear();
            await bench.RestoreAsync(HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) });
            Directory.Delete(bench.Project.Cache, recursive: true);
            File.Delete(bench.Project.LockFile);
            // Without the redirects, which every file has.
            return bench.Hub.Requests.All.Count(
                r => !r.Path.Contains("resolve-cache", StringComparison.Ordinal) && r.Origin == "hub");
        }
    }
}
