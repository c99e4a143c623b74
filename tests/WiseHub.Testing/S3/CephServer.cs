using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Testing.S3;

/// <summary>Ceph's S3 gateway: signatures, rights, quotas and conditional writes are real.</summary>
public sealed class CephServer()
    : S3Server("ceph.sh", ports: 11, "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "setsid")
{
    public const string AccessKey = "CEPHKEY", SecretKey = "CEPHSECRET";

    /// <summary>The same gateway over HTTPS, with a certificate that only <see cref="CertificateFile"/> vouches for.</summary>
    public Uri SecureEndpoint => new($"https://127.0.0.1:{Port + 1}");

    public string CertificateFile => Path.Combine(Folder, "tls.pem");

    /// <summary>Runs radosgw-admin.</summary>
    public async Task AdminAsync(string arguments)
    {
        string status = await CommandAsync("admin " + arguments);
        if (status != "0")
            throw new InvalidOperationException($"radosgw-admin {arguments}: {status}: "
                + $"{await File.ReadAllTextAsync(Path.Combine(Folder, "admin.out"))}");
    }

    /// <summary>Another user, with keys made of the name.</summary>
    public Task AddUserAsync(string name) =>
        AdminAsync($"user create --uid={name} --display-name={name} --access-key={name}KEY --secret={name}SECRET");

    /// <summary>Another gateway to the same data.</summary>
    /// <returns>Its port and process.</returns>
    public async Task<(int Port, int Pid)> AddGatewayAsync()
    {
        int port = FreePorts(1);
        return (port, int.Parse(await CommandAsync($"gateway {port}"), CultureInfo.InvariantCulture));
    }

    protected override void Prepare(TempFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=WiseHub test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(2));
        folder.Write("tls.pem", certificate.ExportCertificatePem());
        folder.Write("tls.key", key.ExportPkcs8PrivateKeyPem());
    }
}
