using WiseHub.Client.Contents;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Pushing;

/// <summary>
/// The signature of a push. It lists all files that the branch has after the push, also those that the push does not name,
/// because whoever verifies it has them all.
/// </summary>
internal sealed class PushSignature(
    ClientContext context, IHub hub, RepoReference reference, PushRequest request, ModelSigningKey key, CancellationToken cancel)
    : IDisposable
{
    private DirectoryInfo? _folder;

    /// <summary>Signs the state after a push. If nothing else changes, a right signature of the branch is kept.</summary>
    /// <param name="parent">The state before.</param>
    /// <param name="files">The files of the push, without the signature.</param>
    /// <param name="changes">Their comparison with the branch.</param>
    /// <exception cref="HubException">
    /// WISE5062: the hub does not state the digests of all other files. WISE6032: there is no file to sign, or a path cannot be
    /// listed.
    /// </exception>
    public async Task<LocalFile> MakeAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushChanges changes)
    {
        var digests = files.ToDictionary(f => f.PathInRepo, f => f.Sha256, StringComparer.Ordinal);
        List<TreeEntry> others = [.. changes.Kept.Where(f => f.Path != FolderSigning.FileName && !digests.ContainsKey(f.Path)
            && !SignatureVerifier.IsOfGit(f.Path))];
        if (others.Where(f => f.Sha256 is null).Select(f => f.Path).ToList() is { Count: > 0 } unknown)
            throw PushMessages.NotSignable(request.RepoId, hub.Definition.Name, unknown);
        foreach (TreeEntry other in others)
            digests[other.Path] = other.Sha256!.Value;
        byte[] signature = await FindAsync(parent, changes, digests).ConfigureAwait(false) ?? key.Sign(digests, request.RepoId);
        _folder ??= Directory.CreateTempSubdirectory("wisehub-sign-");
        string path = Path.Combine(_folder.FullName, FolderSigning.FileName);
        await File.WriteAllBytesAsync(path, signature, cancel).ConfigureAwait(false);
        return LocalFile.Read(new PushFile(path, FolderSigning.FileName) { IsTemporary = true },
            new PushMemory(null, context.Log), context.Time, cancel);
    }

    /// <summary>Finds the files that a pushed signature lists otherwise, or not at all. It is not verified here.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="files">The files of the push.</param>
    /// <param name="changes">Their comparison with the branch.</param>
    public static List<string> FindOthers(LocalFile signature, IReadOnlyList<LocalFile> files, PushChanges changes)
    {
        IReadOnlyDictionary<string, Digest> listed;
        try
        {
            byte[] bundle = signature.Size <= SignatureBundle.Largest ? ContendedFiles.OfSystem.Read(signature.SourcePath) : [];
            listed = ModelStatement.Read(SignatureBundle.Read(bundle, "").Payload, "").Files;
        }
        catch (HubException)
        {
            // Another kind of signature.
            return [];
        }
        var after = changes.Kept.ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
        foreach (LocalFile file in files)
            after[file.PathInRepo] = file.Sha256;
        List<string> others = [.. listed.Keys.Where(p => !after.ContainsKey(p)), .. after
            .Where(f => f.Key != FolderSigning.FileName && !SignatureVerifier.IsOfGit(f.Key)
                && !(listed.TryGetValue(f.Key, out Digest digest) && (f.Value ?? digest) == digest)).Select(f => f.Key)];
        others.Sort(Utf8Ordinal.Instance);
        return others;
    }

    public void Dispose()
    {
        if (_folder is not null)
            ContendedFiles.OfSystem.DeleteFolder(_folder.FullName);
    }

    // Each signature has other bytes. A push that changes nothing must not make a commit.
    private async Task<byte[]?> FindAsync(PushBase parent, PushChanges changes, Dictionary<string, Digest> digests)
    {
        TreeEntry? known = parent.Files.FirstOrDefault(f => f.Path == FolderSigning.FileName);
        if (known is null || request.Force || changes.Sent.Count > 0
            || changes.Deleted.Any(f => f.Path != FolderSigning.FileName))
            return null;
        using HubRun run = context.BeginRun();
        byte[] there = await new FileBeginning(context, run, cancel)
            .ReadAsync(hub, reference, parent.Commit!, known, SignatureBundle.Largest).ConfigureAwait(false);
        return key.HasSigned(there, digests) ? there : null;
    }
}
