using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// The signed statement: which files the model has (https://github.com/ossf/model-signing-spec, predicate
/// <c>https://model_signing/signature/v1.0</c>).
/// </summary>
internal sealed class ModelStatement
{
    public const string StatementType = "https://in-toto.io/Statement/v1";

    public const string PredicateType = "https://model_signing/signature/v1.0";

    /// <summary>The name of the file of a model that is one file, in version 1.1 of model_signing and before.</summary>
    public const string OnlyFile = ".";

    private const string OldPredicate = "https://model_signing/Digests/v0.1";

    private ModelStatement(Dictionary<string, Digest> files, List<string> ignoredPaths)
    {
        Files = files;
        IgnoredPaths = ignoredPaths;
    }

    public IReadOnlyDictionary<string, Digest> Files { get; }

    public IReadOnlyList<string> IgnoredPaths { get; }

    /// <summary>Reads a statement whose signature was verified.</summary>
    /// <param name="payload">The signed bytes.</param>
    /// <param name="name">The name of the signature file for messages.</param>
    /// <exception cref="HubException">
    /// WISE6030: malformed, or it contradicts itself. WISE6035: another kind or version of statement, or another hash than
    /// sha256.
    /// </exception>
    public static ModelStatement Read(byte[] payload, string name)
    {
        using var json = new SignatureJson(payload, SignatureMessages.StatementIn(name), WiseCodes.SignatureMalformed,
            SignatureMessages.SignAgain);
        string type = json.RequiredString(json.Root, "_type"), predicateType = json.RequiredString(json.Root, "predicateType");
        if (predicateType == OldPredicate)
            throw SignatureMessages.NotSupported(name, SignatureMessages.OldStatement);
        if (type != StatementType || predicateType != PredicateType)
        {
            throw SignatureMessages.NotSupported(name,
                SignatureMessages.OtherStatement(PathRules.Printable(type != StatementType ? type : predicateType)));
        }
        JsonElement predicate = json.RequiredObject(json.Root, "predicate");
        List<string> ignored = ReadSerialization(json, json.RequiredObject(predicate, "serialization"), name);
        Digest root = ReadRoot(json, name);
        var files = new Dictionary<string, Digest>(StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (JsonElement resource in json.Objects(predicate, "resources"))
        {
            string path = json.RequiredString(resource, "name");
            if (!IsCanonical(path))
                throw json.Wrong(SignatureMessages.NameNotCanonical(PathRules.Printable(path)), resource);
            if (json.RequiredString(resource, "algorithm") != "sha256")
                throw json.Wrong(SignatureMessages.OtherAlgorithm, resource);
            Digest digest = ReadDigest(json, resource, "digest");
            if (!files.TryAdd(path, digest))
                throw json.Wrong(SignatureMessages.ListedTwice(PathRules.Printable(path)), resource);
            hash.AppendData(Convert.FromHexString(digest.Hex));
        }
        if (files.Count == 0)
            throw SignatureMessages.Malformed(name, SignatureMessages.NoFiles);
        if (files.ContainsKey(OnlyFile) && files.Count > 1)
            throw SignatureMessages.Malformed(name, SignatureMessages.NameNotCanonical(OnlyFile));
        return Digest.FromBytes(hash.GetHashAndReset()) == root ? new ModelStatement(files, ignored)
            : throw SignatureMessages.Malformed(name, SignatureMessages.RootDiffers);
    }

    /// <summary>Says whether a payload, which nobody vouches for, seems to be of version 0.2 of model_signing.</summary>
    public static bool LooksOld(ReadOnlySpan<byte> payload) => payload.IndexOf(Encoding.ASCII.GetBytes(OldPredicate)) >= 0;

    /// <summary>Says whether a path is written in the one way that lists use.</summary>
    public static bool IsCanonical(string path) =>
        path == OnlyFile
        || (!path.Any(char.IsControl) && path.Split('/').All(p => p is not ("" or "." or "..")));

    private static List<string> ReadSerialization(SignatureJson json, JsonElement serialization, string name)
    {
        string method = json.RequiredString(serialization, "method"), hashType = json.RequiredString(serialization, "hash_type");
        if (method == "shards")
            throw SignatureMessages.NotSupported(name, SignatureMessages.Shards);
        if (method != "files")
            throw SignatureMessages.NotSupported(name, SignatureMessages.OtherMethod(PathRules.Printable(method)));
        if (hashType != "sha256")
            throw SignatureMessages.NotSupported(name, SignatureMessages.OtherHash(PathRules.Printable(hashType)));
        // What this part says decides what a digest means; elsewhere, unknown keys only add something.
        json.OnlyKeys(serialization, ["method", "hash_type", "allow_symlinks", "ignore_paths"]);
        return [.. json.Strings(serialization, "ignore_paths")];
    }

    private static Digest ReadRoot(SignatureJson json, string name)
    {
        JsonElement[] subjects = [.. json.Objects(json.Root, "subject").Take(2)];
        return subjects.Length == 1 ? ReadDigest(json, json.RequiredObject(subjects[0], "digest"), "sha256")
            : throw SignatureMessages.Malformed(name, SignatureMessages.NotOneSubject);
    }

    private static Digest ReadDigest(SignatureJson json, JsonElement element, string key)
    {
        string text = json.RequiredString(element, key);
        return text.AsSpan().IndexOfAnyExcept(Digest.LowerHex) < 0 && Digest.TryParse(text, out Digest digest) ? digest
            : throw json.Wrong(SignatureMessages.NotLowerSha256(key), element);
    }
}
