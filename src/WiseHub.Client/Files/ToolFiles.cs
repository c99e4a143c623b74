using System.Collections.Frozen;

namespace WiseHub.Client.Files;

/// <summary>
/// Files that tools obey without being asked to: an editor, a build, a package manager, a shell or a test runner reads them
/// because of their name, in the folder where somebody works or above it, and they can make it run a program or go to another
/// server. docs/file-names.md has the list and the reasons.
/// </summary>
internal static class ToolFiles
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
    [
        // MSBuild, NuGet, the .NET SDK and its analyzers.
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Solution.props",
        "Directory.Solution.targets", "Directory.Build.rsp", "MSBuild.rsp", "global.json", "nuget.config", "dotnet-tools.json",
        ".editorconfig", ".globalconfig", "omnisharp.json",
        // This product.
        "wisehub.json", "wise.lock.json",
        // Shells and tool version managers.
        ".env", ".envrc", ".tool-versions", "mise.toml", ".mise.toml",
        // Package managers and compilers of other languages.
        ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml", "bunfig.toml", "pip.conf", "uv.toml",
        "rust-toolchain", "rust-toolchain.toml", ".bazelrc",
        // Python runs these by their name, or reads plug-ins to run from them.
        "conftest.py", "sitecustomize.py", "usercustomize.py", "pytest.ini", "tox.ini", "mypy.ini", ".pylintrc", "pylintrc",
        // Editors and agents.
        ".dir-locals.el", ".exrc", ".vimrc", ".nvimrc", ".nvim.lua", ".mcp.json", "AGENTS.md", "CLAUDE.md", ".cursorrules",
        // Desktops.
        "desktop.ini", "autorun.inf", ".directory",
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Folders = FrozenSet.ToFrozenSet(
    [
        ".vs", ".vscode", ".idea", ".fleet", ".zed", ".vim", ".devcontainer", ".cursor", ".claude", ".config",
        ".cargo", ".yarn", ".mvn", ".bundle",
    ], StringComparer.OrdinalIgnoreCase);

    // git, git-lfs, programs that run on git's hooks and CI systems look for these at the top of a repository alone.
    private static readonly FrozenSet<string> OfTop = FrozenSet.ToFrozenSet(
    [
        ".gitmodules", ".lfsconfig", ".husky", ".pre-commit-config.yaml", "lefthook.yml",
        ".github", ".gitea", ".forgejo", ".circleci", ".buildkite", ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml",
        "Jenkinsfile",
    ], StringComparer.OrdinalIgnoreCase);

    // MSBuild imports X.csproj.user by itself; a desktop follows the others when it only shows their folder.
    private static readonly string[] Endings =
        [".user", ".sln.targets", ".scf", ".lnk", ".url", ".library-ms", ".searchConnector-ms"];

    // What the SDK's default globs take into a project at any depth.
    private static readonly string[] Sources = [".cs", ".vb", ".resx", ".razor", ".cshtml", ".xaml"];

    private const int NamesShown = 20;

    /// <summary>Refuses files that tools would obey where they are about to land, unless the user named them.</summary>
    /// <param name="reference">Says which files the user named.</param>
    /// <param name="paths">The files that are about to land, with <c>/</c>.</param>
    /// <param name="folder">Where they land.</param>
    /// <param name="exclude">The option that leaves files out (<see cref="HubClientOptions.ExcludeOption"/>).</param>
    /// <exception cref="HubException">WISE3017.</exception>
    public static void Check(RepoReference reference, IEnumerable<string> paths, string folder, string exclude)
    {
        string[] all = [.. paths.Where(p => !reference.AsksByName(p))];
        bool hasSources = all.Any(IsCompiled);
        // Few repos have such files, and only these need a look at the folder.
        if (!hasSources && !all.Any(p => IsObeyed(p, atTop: true)))
            return;
        string? repository = WorkingFolder.RepositoryOf(folder), project = WorkingFolder.ProjectOf(folder);
        if (repository is null && project is null)
            return;
        bool atTop = repository is not null && Path.GetRelativePath(repository, folder) == ".";
        IEnumerable<string> obeyed = all.Where(p => IsObeyed(p, atTop) || (project is not null && IsCompiled(p)));
        string[] bad = [.. obeyed.Order(Utf8Ordinal.Instance)];
        if (bad.Length == 0)
            return;
        string names = string.Join(", ", bad.Take(NamesShown).Select(p => $"'{PathRules.Printable(p)}'"));
        throw new HubException(WiseCodes.ObeyedByTools,
            $"{reference}: tools that work in {repository ?? Path.GetDirectoryName(project)} would obey what the repo puts into "
            + $"{folder}: {names}{(bad.Length > NamesShown ? $" and {bad.Length - NamesShown} more" : "")}. "
            + $"Nothing was put there. Leave these files out with {exclude}, choose a folder outside, or, "
            + "for a file that you trust, name its whole path.")
        { Reference = reference };
    }

    /// <summary>True when some tool would obey the file in a folder where somebody works.</summary>
    /// <param name="path">The path below that folder, with <c>/</c>.</param>
    /// <param name="atTop">The folder is the top of a repository.</param>
    public static bool IsObeyed(string path, bool atTop)
    {
        ReadOnlySpan<char> rest = path;
        ReadOnlySpan<char> first = rest.IndexOf('/') is >= 0 and int end ? rest[..end] : rest;
        if (atTop && OfTop.GetAlternateLookup<ReadOnlySpan<char>>().Contains(first))
            return true;
        FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> folders = Folders.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int slash; (slash = rest.IndexOf('/')) >= 0; rest = rest[(slash + 1)..])
        {
            if (folders.Contains(rest[..slash]) || PathNames.IsShortName(rest[..slash]))
                return true;
        }
        return Names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(rest)
            || rest.StartsWith(".env.", StringComparison.OrdinalIgnoreCase)
            || EndsInAny(rest, Endings) || PathNames.IsShortName(rest);
    }

    /// <summary>True when the SDK compiles the file as soon as it lies anywhere below a project.</summary>
    public static bool IsCompiled(string path) => EndsInAny(path, Sources);

    private static bool EndsInAny(ReadOnlySpan<char> name, string[] endings)
    {
        foreach (string ending in endings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
