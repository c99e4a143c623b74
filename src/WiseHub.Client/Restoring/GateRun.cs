using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Formats;
using WiseHub.Client.Hubs;
using WiseHub.Client.Policies;
using WiseHub.Client.Signatures;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Applies the policies to a restore: to references before a request, to commits before a byte moves, to the first bytes of a
/// file before more are requested, and to all files before the lock file is written.
/// </summary>
internal sealed class GateRun
{
    // Another version of these rules judges again what an earlier one let in.
    private const string RulesVersion = "1";

    // Configuration files of models have a few kB; those with templates and vocabularies are larger.
    private const long LargestConfiguration = 4 << 20;

    private const string SignatureName = "model.sig", SignatureEnding = ".sig", CardName = "README.md";

    private readonly ClientContext _context;
    private readonly RestoreRequest _request;
    private readonly Gate _gate;
    private readonly List<TrustPolicy> _policies;
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private readonly List<HubException> _broken = [];

    // By digest and path: equal bytes under another name may get another verdict.
    private readonly ConcurrentDictionary<string, FormatVerdict> _verdicts = new(StringComparer.Ordinal);

    public GateRun(ClientContext context, RestoreRequest request)
    {
        (_context, _request) = (context, request);
        _policies = request.PassesGate ? [.. context.Config.Policies] : [];
        FormatLevel level = !request.PassesGate ? FormatLevel.Off
            : TrustPolicy.LevelOf(_policies) ?? (request.LockFilePath is null ? FormatLevel.Off : FormatLevel.Standard);
        _gate = new Gate(_policies, level);
    }

    /// <summary>False if nothing is checked.</summary>
    public bool IsActive => _policies.Count > 0 || _gate.ChecksContents;

    /// <summary>The mistakes of a reference that show without a request. Those of a policy that only warns are logged.</summary>
    public IReadOnlyList<HubException> CheckReference(RepoReference reference, IEnumerable<IHub> hubs)
    {
        var mistakes = new List<HubException>();
        foreach (string kind in reference.Waive.Where(w => !Gate.Waivers.Contains(w)))
            mistakes.Add(PolicyMessages.UnknownWaiver(reference, kind, Gate.Waivers));
        foreach (Violation violation in _gate.CheckReference(reference, hubs.Select(h => h.Definition.Name)))
        {
            if (violation.WarnsOnly)
                Warn(violation.Failure);
            else
                mistakes.Add(violation.Failure);
        }
        return mistakes;
    }

    /// <summary>
    /// Says whether the locked files of these references have passed this policy before. One hash and one look at the file
    /// system.
    /// </summary>
    public bool HasPassed(LockFile locked, IReadOnlyList<RestoreGroup> groups) =>
        !IsActive || _context.Store.Gates.Has(KeyOf(locked, groups));

    /// <summary>
    /// Remembers that a restore passed. One with warnings of a policy is judged again, so that the next build repeats them.
    /// </summary>
    public void Remember(LockFile locked, IReadOnlyList<RestoreGroup> groups)
    {
        if (IsActive && _warned.Count == 0 && groups.All(g => g.Failure is null))
            _context.Store.Gates.Add(KeyOf(locked, groups));
    }

    /// <summary>Checks what is known of the commits: licences, sizes, signatures.</summary>
    /// <exception cref="HubException">A policy is violated.</exception>
    /// <exception cref="AggregateException">More than one violation.</exception>
    public async Task CheckCommitsAsync(
        List<RestoreGroup> groups, HubRun run, Fetching fetching, Resolving resolving, CancellationToken cancel)
    {
        if (_policies.Count == 0)
            return;
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
        {
            await CheckLicenseAsync(group, run, cancel).ConfigureAwait(false);
            foreach (RepoReference reference in group.References)
                Add(_gate.CheckSizes(reference, SizesOf(group, reference)));
            await CheckSignatureAsync(group, fetching, resolving, cancel).ConfigureAwait(false);
        }
        ThrowBroken();
    }

    /// <summary>Judges the first bytes of a content for all references that want it; null if there is nothing to judge.</summary>
    public ContentJudge? JudgeOf(IReadOnlyList<FileUse> users) => !_gate.ChecksContents ? null
        : (beginning, size) =>
        {
            foreach ((RestoreGroup group, TreeEntry file) in users)
            {
                if (Judge(group, file, beginning, size) is HubException refused)
                    return refused;
            }
            return null;
        };

    private HubException? Judge(RestoreGroup group, TreeEntry file, ReadOnlySpan<byte> beginning, long? size)
    {
        bool isWhole = size is long known && beginning.Length >= known;
        if (FormatJudge.FromBeginning(file.Path, beginning, size ?? long.MaxValue) is not FormatVerdict verdict)
            return null;
        if (isWhole && file.Sha256 is Digest digest)
            _verdicts[KeyOf(digest, file.Path)] = verdict;
        HeaderFault? fault = _gate.Level == FormatLevel.Off || size is null ? null
            : ModelHeaderCheck.OfBeginning(file.Path, beginning, size.Value);
        foreach (RepoReference reference in group.References.Where(r => IsWanted(r, file.Path)))
        {
            IEnumerable<Violation> broken = _gate.CheckFormat(reference, file.Path, verdict, out string? waived);
            if (fault is not null && waived is null)
                broken = broken.Append(_gate.Always(PolicyMessages.HeaderFalse(reference, file.Path, fault)));
            if (broken.FirstOrDefault(v => !v.WarnsOnly) is Violation first)
                return first.Failure;
        }
        return null;
    }

    /// <summary>
    /// Checks all files of a restore, which are in the store by now. Nothing of them was placed or written to the lock file yet.
    /// </summary>
    /// <exception cref="HubException">A rule is broken.</exception>
    /// <exception cref="AggregateException">More than one is.</exception>
    public void CheckContents(List<RestoreGroup> groups, LockFile? locked, Func<RestoreGroup, IReadOnlyList<string>> licenseOf,
        CancellationToken cancel)
    {
        if (!IsActive)
            return;
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null))
        {
            LockEntry? before = group.Entry ?? locked?.Find(group.Key);
            if (group.LicenseIsInCard)
                Add(group.References.SelectMany(r => _gate.CheckLicense(r, licenseOf(group))));
            if (group.Verified is VerifiedModel verified)
                CheckSignedFiles(group, verified);
            foreach (RepoReference reference in group.References)
            {
                Add(_gate.CheckSizes(reference, SizesOf(group, reference)));
                if (_gate.ChecksContents && !_request.LockOnly.Contains(reference))
                    CheckContents(group, reference, before, cancel);
            }
        }
        ThrowBroken();
    }

    private void CheckContents(RestoreGroup group, RepoReference reference, LockEntry? before, CancellationToken cancel)
    {
        Dictionary<string, LockedFile> lockedFiles = before?.Files.ToDictionary(f => f.Path, StringComparer.Ordinal) ?? [];
        var used = new HashSet<string>(StringComparer.Ordinal);
        Dictionary<string, TreeEntry> files = group.Select(reference).ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (TreeEntry file in files.Values.OrderBy(f => f.Path, Utf8Ordinal.Instance))
        {
            cancel.ThrowIfCancellationRequested();
            if (file is not { Sha256: Digest digest, Size: long size })
                continue;
            FormatVerdict verdict = VerdictOf(file.Path, digest, cancel);
            Add(_gate.CheckFormat(reference, file.Path, verdict, out string? waived));
            if (waived is not null)
            {
                used.Add(waived);
                group.Waived[file.Path] = waived;
                if (!IsCovered(lockedFiles.GetValueOrDefault(file.Path), digest, waived))
                    Add([_gate.Always(PolicyMessages.WaiverForOtherBytes(reference, file.Path, waived, _request.LockFilePath))]);
            }
            else if (_gate.Level != FormatLevel.Off)
            {
                CheckHeader(group, reference, file.Path, digest, size, files);
                WarnOfCode(reference, file.Path, digest, size);
            }
        }
        // A program at run time has only a part of the files that a build judged.
        if (_gate.Level != FormatLevel.Off && _request.Manifest is null)
        {
            Add(reference.Waive.Where(w => !used.Contains(w))
                .Select(w => _gate.Always(PolicyMessages.WaiverUnused(reference, w))));
        }
    }

    // A waiver covers the bytes that somebody has looked at. The first build with it records them.
    private bool IsCovered(LockedFile? before, Digest digest, string kind) => _request.Manifest is not null
        || (_request.Locked ? before is not null && before.Sha256 == digest && before.Waived == kind
            : before?.Waived is null || before.Sha256 == digest || _request.RenewWaivers);

    private FormatVerdict VerdictOf(string path, Digest digest, CancellationToken cancel)
    {
        string key = KeyOf(digest, path);
        if (_verdicts.TryGetValue(key, out FormatVerdict? known))
            return known;
        // The whole file, although its beginning may seem enough: a zip can lie behind other data.
        using FileStream file = Open(digest);
        return _verdicts[key] = FormatJudge.OfFile(path, file, cancel);
    }

    private void CheckHeader(RestoreGroup group, RepoReference reference, string path, Digest digest, long size,
        Dictionary<string, TreeEntry> selected)
    {
        if (!ModelHeaderCheck.MayHave(path, _verdicts[KeyOf(digest, path)].Format.Id))
            return;
        if (!group.Headers.TryGetValue(path, out HeaderInspection? inspection))
        {
            using FileStream file = Open(digest);
            group.Headers[path] = inspection = ModelHeaderCheck.Inspect(path, file, size);
        }
        if (inspection.Fault is HeaderFault fault)
            Add([_gate.Always(PolicyMessages.HeaderFalse(reference, path, fault))]);
        // The index of weights that are not selected says nothing about what is.
        if (ModelHeaderCheck.IsIndex(path) && !inspection.Companions.Any(c => selected.ContainsKey(c.Path)))
            return;
        List<string> missing = [.. inspection.Companions.Where(c => !selected.ContainsKey(c.Path)).Select(c => c.Path)];
        if (missing.Count > 0)
        {
            bool areInRepo = group.Tree is null || missing.TrueForAll(m => group.Tree.Any(f => f.Path == m));
            Add([_gate.Always(PolicyMessages.CompanionMissing(reference, path, missing, areInRepo))]);
        }
        foreach (Companion companion in inspection.Companions)
        {
            if (companion.End is long end && selected.GetValueOrDefault(companion.Path)?.Size is long has && has < end)
                Add([_gate.Always(PolicyMessages.CompanionTooShort(reference, path, companion.Path, end, has))]);
        }
    }

    private void WarnOfCode(RepoReference reference, string path, Digest digest, long size)
    {
        if (size > LargestConfiguration || !CodeReferences.MayHave(path))
            return;
        byte[] content = ContendedFiles.OfSystem.Read(_context.Store.Blobs.PathOf(digest));
        foreach (CodeReference found in CodeReferences.Of(path, content))
        {
            (string code, Text message) = found.Kind switch
            {
                CodeReferenceKind.OwnCode =>
                    (WiseCodes.NamesOwnCode, PolicyMessages.OwnCode(reference, path, found.Detail)),
                CodeReferenceKind.OtherRepo =>
                    (WiseCodes.NamesCodeOfOtherRepo, PolicyMessages.CodeOfOtherRepo(reference, path, found.Detail)),
                _ => (WiseCodes.SuspiciousTemplate, PolicyMessages.SuspiciousTemplate(reference, path, found.Detail)),
            };
            if (_said.Add(message))
                _context.Log.Warning(code, message, reference);
        }
    }

    // Once for the same bytes, unlike a broken rule of a policy that only warns.
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    private async Task CheckLicenseAsync(RestoreGroup group, HubRun run, CancellationToken cancel)
    {
        if (!_gate.HasLicenseRule)
            return;
        IReadOnlyList<string> license = group.Entry?.License ?? group.Facts?.License ?? [];
        if (license.Count == 0 && !_request.Locked && _context.Reaches(group.Origin.Definition))
        {
            group.Facts = await run.Open(group.Origin, group.First, group.Commit).FactsAsync(mayAsk: true, cancel)
                .ConfigureAwait(false) ?? group.Facts;
            license = group.Facts?.License ?? [];
        }
        group.LicenseIsInCard = license.Count == 0 && !_request.Locked && group.Files.ContainsKey(CardName);
        if (!group.LicenseIsInCard)
            Add(group.References.SelectMany(r => _gate.CheckLicense(r, license)));
    }

    private async Task CheckSignatureAsync(
        RestoreGroup group, Fetching fetching, Resolving resolving, CancellationToken cancel)
    {
        foreach ((TrustPolicy policy, SignatureRule[] rules) in _gate.SignatureRules(group.Key.RepoId))
        {
            group.Signature = group.Entry?.Signature;
            if (group.Signature is LockedSignature known && Array.Exists(rules, r => r.IsOf(known)))
                continue;
            try
            {
                await VerifyAsync(group, policy, rules, fetching, resolving, cancel).ConfigureAwait(false);
            }
            catch (HubException e) when (WiseCodes.IsTrust(e.Code))
            {
                // The signature is no file of the project that an editor could open.
                Add([new Violation(new HubException(e.Code, e.Message, e.InnerException)
                { Reference = e.Reference ?? group.First, Details = e.Details }, policy.WarnsOnly)]);
            }
        }
    }

    private async Task VerifyAsync(RestoreGroup group, TrustPolicy policy, SignatureRule[] rules, Fetching fetching,
        Resolving resolving, CancellationToken cancel)
    {
        if (_request.Locked)
            throw PolicyMessages.SignatureNotLocked(group.First, policy, _request.LockFilePath);
        await resolving.ListAsync(group).ConfigureAwait(false);
        TreeEntry[] candidates = [.. group.Tree!.Where(f => !f.Path.Contains('/', StringComparison.Ordinal)
            && f.Path.EndsWith(SignatureEnding, StringComparison.Ordinal)).OrderBy(f => f.Path, Utf8Ordinal.Instance)];
        if ((Array.Find(candidates, f => f.Path == SignatureName) ?? candidates.FirstOrDefault()) is not TreeEntry file)
        {
            throw PolicyMessages.SignatureMissing(
                group.First, policy, string.Join((Text)$" or ", rules.Select(r => (string)r.Signer.Describe())));
        }
        TrustRoot? root = policy.TrustRoot is string path ? ReadTrustRoot(path) : null;
        string name = $"{group.First} {PathRules.Printable(file.Path)}";
        byte[] bundle = await fetching.ReadAsync(group, file, SignatureBundle.Largest, cancel).ConfigureAwait(false);
        VerifiedSignature signature =
            new SignatureVerifier(root, _context.Time).Verify(bundle, name, [.. rules.Select(r => r.Signer)]);
        group.Verified = new VerifiedModel(signature, name, file.Path);
        group.Signature = new LockedSignature(signature.Signer, signature.Bundle);
        CheckSignedFiles(group, group.Verified);
        _context.Log.Info(PolicyMessages.SignatureVerified(group.First, file.Path, signature.Signer));
        int open = group.Files.Values.Count(f => f.Sha256 is null);
        if (open > 0)
            _context.Log.Info(PolicyMessages.SignatureCheckedLater(group.First, open));
    }

    private static TrustRoot ReadTrustRoot(string path)
    {
        try
        {
            return TrustRoot.Read(ContendedFiles.OfSystem.Read(path), path);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw SignatureMessages.TrustRootMalformed(path, e.Message);
        }
    }

    private void CheckSignedFiles(RestoreGroup group, VerifiedModel model)
    {
        Dictionary<string, Digest> selected = group.Files.Values.Where(f => f.Sha256 is not null)
            .ToDictionary(f => f.Path, f => f.Sha256!.Value, StringComparer.Ordinal);
        try
        {
            SignatureVerifier.CheckFiles(
                model.Signature, model.Name, model.Path, selected, [.. group.Tree!.Select(f => f.Path)]);
        }
        catch (HubException e) when (WiseCodes.IsTrust(e.Code))
        {
            Add([_gate.Always(e.About(group.First))]);
        }
    }

    private static List<(string Path, long Size)> SizesOf(RestoreGroup group, RepoReference reference) =>
        [.. group.Select(reference).Where(f => f.Size is not null).Select(f => (f.Path, f.Size!.Value))];

    private bool IsWanted(RepoReference reference, string path) =>
        !_request.LockOnly.Contains(reference) && reference.Files.Matches(path);

    private void Add(IEnumerable<Violation> violations)
    {
        foreach (Violation violation in violations)
        {
            if (violation.WarnsOnly)
                Warn(violation.Failure);
            else if (_said.Add(violation.Failure.Message))
                _broken.Add(violation.Failure);
        }
    }

    private void Warn(HubException failure)
    {
        if (_warned.Add(failure.Message))
            _context.Log.Warning(failure.Code, failure.Message, failure.Reference);
    }

    private void ThrowBroken()
    {
        List<HubException> broken = [.. _broken];
        _broken.Clear();
        RestoreFailures.Throw(broken);
    }

    private FileStream Open(Digest digest) =>
        new(ContendedFiles.OfSystem.OpenRead(_context.Store.Blobs.PathOf(digest)), FileAccess.Read);

    // A file that cannot be read is reported by the check that needs it.
    private static string? ContentOf(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(ContendedFiles.OfSystem.Read(file)));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return null;
        }
    }

    private static string KeyOf(Digest digest, string path) => $"{digest.Hex} {path}";

    private Digest KeyOf(LockFile locked, IReadOnlyList<RestoreGroup> groups)
    {
        // Without generic buffers and formats, whose code is compiled at run time: that would take longer than the rest.
        byte[] text = new byte[1 << 16];
        int length = 0;
        void Add(string? part)
        {
            part ??= "";
            int most = length + Encoding.UTF8.GetMaxByteCount(part.Length) + 1;
            if (text.Length < most)
                Array.Resize(ref text, Math.Max(most, text.Length * 2));
            length += Encoding.UTF8.GetBytes(part, 0, part.Length, text, length);
            text[length++] = (byte)'\n';
        }
        Add(RulesVersion);
        Add(_gate.Level == FormatLevel.Strict ? "strict" : _gate.Level == FormatLevel.Standard ? "standard" : "off");
        foreach (TrustPolicy policy in _policies)
        {
            Add(policy.File);
            Add(policy.Text);
            // The policy names them only. Another key in the same file is another policy.
            foreach (string file in policy.TrustedFiles)
                Add(ContentOf(file));
        }
        foreach (RestoreGroup group in groups)
        {
            foreach (RepoReference reference in group.References)
            {
                Add(reference.Files.Key);
                foreach (string kind in reference.Waive)
                    Add(kind);
                Add(null);
                Add(_request.LockOnly.Contains(reference) ? "locked only" : "");
            }
            // Only its own entries: projects that share a lock file do not disturb each other.
            if (locked.Find(group.Key) is not LockEntry entry)
                continue;
            Add(group.Key.RepoType.ToText());
            Add(group.Key.RepoId);
            Add(group.Key.Hub);
            Add(group.Key.Revision);
            Add(group.Key.Config);
            Add(entry.Commit);
            foreach (string license in entry.License)
                Add(license);
            Add(null);
            Add(entry.Signature?.Signer);
            foreach (LockedFile file in entry.Files)
            {
                Add(file.Path);
                Add(file.Sha256.Hex);
                Add(file.Waived);
            }
        }
        return Digest.FromBytes(SHA256.HashData(text.AsSpan(0, length)));
    }
}
