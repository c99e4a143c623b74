namespace WiseHub.Testing;

/// <summary>The sources that the tests run from, found from the test's own folder upward, so that no path is compiled in.</summary>
public static class RepositoryFiles
{
    private static readonly string[] NotSources = ["bin", "obj", "artifacts", "TestResults"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Copies what the packages are made of: builds there disturb neither the running test's own build nor a developer's.</summary>
    public static void CopyPackageSources(string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (string file in Directory.EnumerateFiles(Root).Where(f => Path.GetExtension(f) is ".props" or ".targets" or ".json" or ".md" or ".config" or ".editorconfig" or ""))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        foreach (string folder in (string[])["build", "buildTransitive", "buildMultiTargeting", "docs", "src"])
            CopyFolder(Path.Combine(Root, folder), Path.Combine(destination, folder));
    }

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (string file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(source).Where(f => !NotSources.Contains(Path.GetFileName(f))))
            CopyFolder(folder, Path.Combine(destination, Path.GetFileName(folder)));
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "WiseHub.Build.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"WiseHub.Build.sln is not above {AppContext.BaseDirectory}: run the tests from a clone.");
    }
}
