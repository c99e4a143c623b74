using System.Security.Cryptography;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>The signatures in the folder Vectors, and what a verifier says about them.</summary>
internal static class SignatureVectors
{
    public const string Accepted = "accepted";

    /// <summary>A day on which the certificates of the vectors are valid, apart from two that are about that.</summary>
    public static readonly FixedTime June = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    public static string At(string path) => Path.Combine([AppContext.BaseDirectory, "Signatures", "Vectors", .. path.Split('/')]);

    public static byte[] Read(string path) => File.ReadAllBytes(At(path));

    /// <summary>The files of a folder with their sha256, apart from a signature.</summary>
    public static Dictionary<string, Digest> Files(string folder) =>
        Directory.EnumerateFiles(At(folder), "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(At(folder), f).Replace('\\', '/'),
                f => Digest.FromBytes(SHA256.HashData(File.ReadAllBytes(f))))
            .Where(f => f.Key != "model.sig").ToDictionary();

    /// <summary>The code of a failure, or <see cref="Accepted"/>, for a signature of all files.</summary>
    public static string Verdict(string path, SignerRule rule, Dictionary<string, Digest> files)
    {
        try
        {
            VerifiedSignature signature = new SignatureVerifier(null, June).Verify(Read(path), path, [rule]);
            SignatureVerifier.CheckFiles(signature, path, "model.sig", files, files.Keys);
            return Accepted;
        }
        catch (HubException e)
        {
            return e.Code;
        }
    }

    public static KeySigner Key(string name) => new(At($"keys/{name}.pub.pem"));
}
