using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>The messages of <c>wisehub bom</c>.</summary>
internal static class BomMessages
{
    public static HubException TwoSubjects(string subject) => new(WiseCodes.WrongUsage,
        $"Both {subject} and --lock are given. Name a project or repo, or a lock file.");

    public static HubException HalfProvenance() => new(WiseCodes.WrongUsage,
        $"--provenance and --published belong together: the file to write, and the folder whose files it is about.");

    public static HubException RepoOptions() => new(WiseCodes.WrongUsage,
        $"--hub, --type and --revision are for a repo. The lock file of a project has its own.");

    public static HubException NoLockFile(string file) => new(WiseCodes.BomNotWritten,
        $"{file} does not exist. Name the lock file, or make it with 'wisehub restore'.");
}
