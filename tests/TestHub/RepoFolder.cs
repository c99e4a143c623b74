using WiseHub.Testing;

namespace WiseHub.TestHubHost;

/// <summary>Makes repos of folders.</summary>
internal static class RepoFolder
{
    private static readonly string[] Plurals = ["models", "datasets", "spaces", "codes"];

    public static void Load(TestHub hub, DirectoryInfo root)
    {
        if (!root.Exists)
            throw new UsageException($"--repos {root.FullName}: there is no such folder.");
        int count = 0;
        foreach (string plural in Plurals.Where(p => Directory.Exists(Path.Combine(root.FullName, p))))
        {
            foreach (string owner in Directory.EnumerateDirectories(Path.Combine(root.FullName, plural))
                .Order(StringComparer.Ordinal))
            {
                foreach (string repo in Directory.EnumerateDirectories(owner).Order(StringComparer.Ordinal))
                {
                    hub.CreateRepo($"{Path.GetFileName(owner)}/{Path.GetFileName(repo)}", plural[..^1]).CommitFolder(repo);
                    count++;
                }
            }
        }
        if (count == 0)
            throw new UsageException($"--repos {root.FullName}: there is no repo in it. Put files at "
                + "<models|datasets|spaces|codes>/<owner>/<name>/.");
    }
}
