using WiseHub.Client.Formats;

namespace WiseHub.Client.Policies;

/// <summary>
/// Decides what may enter a build, by the policies of the user and the project. Each policy is applied, so that none can weaken
/// the other. It reads no file and sends no request; <c>Restoring</c> tells it what is known, as early as it is known.
/// </summary>
/// <param name="policies">The policies.</param>
/// <param name="level">How strictly formats are checked.</param>
internal sealed class Gate(IReadOnlyList<TrustPolicy> policies, FormatLevel level)
{
    /// <summary>The words of <c>Waive</c>, besides those of formats.</summary>
    public const string UnknownWaiver = "unknown";

    // A script runs when a user starts it, and a program of .NET has no interpreter for it.
    private const string ScriptWaiver = "script";

    /// <summary>The words that <c>Waive</c> may have.</summary>
    public static readonly IReadOnlyList<string> Waivers =
        ["pickle", "keras", "savedmodel", "program", ScriptWaiver, UnknownWaiver];

    /// <summary>How strictly formats are checked.</summary>
    public FormatLevel Level => level;

    /// <summary>True if a policy has a rule about licences.</summary>
    public bool HasLicenseRule => policies.Any(p => p.Licenses is not null);

    /// <summary>True if contents must be read.</summary>
    public bool ChecksContents => level != FormatLevel.Off || policies.Any(p => p.Formats is not null);

    /// <summary>The policies with a rule about the signature of a repo.</summary>
    public IEnumerable<(TrustPolicy Policy, SignatureRule[] Rules)> SignatureRules(string repoId) =>
        policies.Select(p => (p, p.Signatures.Where(s => s.Repos.Matches(repoId)).ToArray())).Where(p => p.Item2.Length > 0);

    /// <summary>Checks hub, repo and revision of a reference.</summary>
    public IEnumerable<Violation> CheckReference(RepoReference reference, IEnumerable<string> hubs)
    {
        foreach (TrustPolicy policy in policies)
        {
            if (policy.Hubs is NamePatterns allowed && hubs.FirstOrDefault(h => !allowed.Matches(h)) is string other)
                yield return Broken(policy, PolicyMessages.HubNotAllowed(reference, other, policy));
            if (policy.Repos?.Matches(reference.RepoId) == false)
                yield return Broken(policy, PolicyMessages.RepoNotAllowed(reference, policy));
            if (policy.Pinned && reference.Sha256 is null && !CommitId.IsCommit(reference.Revision ?? ""))
                yield return Broken(policy, PolicyMessages.NotPinned(reference, policy));
        }
    }

    /// <summary>Checks the licences that a commit states; empty if it states none.</summary>
    public IEnumerable<Violation> CheckLicense(RepoReference reference, IReadOnlyList<string> license)
    {
        foreach (TrustPolicy policy in policies)
        {
            if (policy.Licenses is not LicenseRule rule)
                continue;
            if (license.Count == 0 && !rule.AllowsUnstated)
                yield return Broken(policy, PolicyMessages.LicenseNotStated(reference, policy));
            else if (rule.FindRefused(license) is string refused)
                yield return Broken(policy, PolicyMessages.LicenseNotAllowed(reference, refused, policy));
        }
    }

    /// <summary>Checks the sizes of the selected files, as far as they are known.</summary>
    public IEnumerable<Violation> CheckSizes(RepoReference reference, IReadOnlyCollection<(string Path, long Size)> files)
    {
        foreach (TrustPolicy policy in policies)
        {
            if (policy.MaxFileSize is long most
                && files.OrderByDescending(f => f.Size).FirstOrDefault() is { Path: not null } largest && largest.Size > most)
                yield return Broken(policy, PolicyMessages.FileTooLarge(reference, largest.Path, largest.Size, most, policy));
            if (policy.MaxReferenceSize is long whole && files.Sum(f => f.Size) is long sum && sum > whole)
                yield return Broken(policy, PolicyMessages.ReferenceTooLarge(reference, sum, whole, policy));
        }
    }

    /// <summary>Checks what a file is.</summary>
    /// <param name="reference">The reference that selects it.</param>
    /// <param name="path">Its path in the repo.</param>
    /// <param name="verdict">What it is.</param>
    /// <param name="waived">The kind that a waiver of the reference covers; null if none was needed.</param>
    public IEnumerable<Violation> CheckFormat(RepoReference reference, string path, FormatVerdict verdict, out string? waived)
    {
        string? kind = KindOf(verdict);
        waived = kind is not null && reference.Waive.Contains(kind) ? kind : null;
        var broken = new List<Violation>();
        if (kind is not null && waived is null)
        {
            broken.Add(Always(verdict.Risk == FormatRisk.Code ? PolicyMessages.RunsCode(reference, path, verdict, kind)
                : PolicyMessages.NotKnownAsData(reference, path, verdict, kind, FileOfLevel)));
        }
        foreach (TrustPolicy policy in policies)
        {
            if (policy.Formats is IReadOnlyList<string> allowed && waived is null && verdict.Format.Id != FileFormats.Empty.Id
                && !allowed.Contains(verdict.Format.Id))
                broken.Add(Broken(policy, PolicyMessages.FormatNotAllowed(reference, path, verdict, policy)));
        }
        return broken;
    }

    // The kind of danger for which the level needs a waiver; null if the file is fine.
    private string? KindOf(FormatVerdict verdict) => level switch
    {
        FormatLevel.Off => null,
        FormatLevel.Standard => verdict.Risk == FormatRisk.Code && verdict.Format.Waiver != ScriptWaiver
            ? verdict.Format.Waiver : null,
        _ => verdict.Risk switch
        {
            FormatRisk.Code => verdict.Format.Waiver,
            FormatRisk.Unknown => UnknownWaiver,
            _ => null,
        },
    };

    private string FileOfLevel => policies.First(p => p.Level == FormatLevel.Strict).File;

    /// <summary>Turns a failure that no policy asks for, such as a false header, into a violation.</summary>
    public Violation Always(HubException failure) => new(failure, policies.Count > 0 && policies.All(p => p.WarnsOnly));

    private static Violation Broken(TrustPolicy policy, HubException failure) => new(failure, policy.WarnsOnly);
}
