using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Pushing;
using WiseHub.Client.Signatures;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// Signs the files of a folder (OpenSSF Model Signing 1.0, https://github.com/ossf/model-signing-spec): those that a push of the
/// folder sends, apart from the signature itself and files of git.
/// </summary>
public static class FolderSigning
{
    /// <summary>The usual name of a signature, at the top of the repo.</summary>
    public const string FileName = "model.sig";

    /// <summary>Signs a folder. A signature of the same files by the same key stays as it is.</summary>
    /// <param name="folder">The folder of the model.</param>
    /// <param name="key">The key.</param>
    /// <param name="signatureFile">The signature; null = <c>model.sig</c> in the folder. An existing file is replaced.</param>
    /// <param name="cancel">Ends it; nothing is written.</param>
    /// <exception cref="HubException">
    /// WISE5003: a file changes meanwhile. WISE5004: the folder does not exist, has no files, or has a link that cannot be
    /// followed. WISE6032: a path cannot be listed. WISE6034: the key is not usable. Or a code of the file system.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<SignedFolder> SignAsync(string folder, SigningKey key, string? signatureFile = null,
        CancellationToken cancel = default) => Task.Run(async () =>
    {
        using ModelSigningKey signer = ModelSigningKey.Read(key);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)),
            target = Path.GetFullPath(signatureFile ?? Path.Combine(full, FileName));
        List<PushFile> sources = [.. PushSet.FromFolder(full).Where(f => Path.GetFullPath(f.SourcePath) != target)];
        List<LocalFile> files = await FileHashing.ReadAsync(sources, new PushMemory(null, SilentLog.Instance), SilentLog.Instance,
            TimeProvider.System, cancel).ConfigureAwait(false);
        var digests = files.ToDictionary(f => f.PathInRepo, f => f.Sha256, StringComparer.Ordinal);
        try
        {
            bool isSigned = File.Exists(target) && signer.HasSigned(ContendedFiles.OfSystem.Read(target), digests);
            if (!isSigned)
                AtomicFile.Write(target, signer.Sign(digests, Path.GetFileName(full)));
            return new SignedFolder(target, signer.Signer, files.Count, files.Sum(f => f.Size), !isSigned);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PushMessages.SignatureNotWritten(target));
        }
    }, cancel);
}
