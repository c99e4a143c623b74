using System.Collections.Frozen;

namespace WiseHub.Client.Files;

/// <summary>
/// Files that tools obey unasked: an editor, a build, a package manager, a shell or a test runner reads them because of their
/// name, in a working folder or above it, and they can make it run a program or contact another server. docs/file-names.md
/// has the list and the reasons.
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
        // Python executes these by name, or reads plug-ins to execute from them.
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

    // git, git-lfs, runners of git hooks and CI systems read these only at the top of a repository.
    private static readonly FrozenSet<string> OfTop = FrozenSet.ToFrozenSet(
    [
        ".gitmodules", ".lfsconfig", ".husky", ".pre-commit-config.yaml", "lefthook.yml",
        ".github", ".gitea", ".forgejo", ".circleci", ".buildkite", ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml",
        "Jenkinsfile",
    ], StringComparer.OrdinalIgnoreCase);

    // MSBuild imports X.csproj.user by itself; a desktop follows the others when it shows their folder.
    private static readonly string[] Endings =
        [".user", ".sln.targets", ".scf", ".lnk", ".url", ".library-ms", ".searchConnector-ms"];

    // Files of these types are part of a project through the SDK's default globs, at any depth.
    private static readonly string[] Sources = [".cs", ".vb", ".resx", ".razor", ".cshtml", ".xaml"];

    /// <summary>Refuses files that tools would obey in the target folder, unless the user named them.</summary>
    /// <param name="reference">The reference, which may name files.</param>
    /// <param name="paths">The files to write, with <c>/</c>.</param>
    /// <param name="folder">The target folder.</param>
    /// <param name="exclude">The option that excludes files (<see cref="HubClientOptions.ExcludeOption"/>).</param>
    /// <exception cref="HubException">WISE3017.</exception>
    public static void Check(RepoReference reference, IEnumerable<string> paths, string folder, string exclude)
    {
        string[] all = [.. paths.Where(p => !reference.AsksByName(p))];
        bool hasSources = all.Any(IsCompiled);
        // Few repos have such files, and only these require a look at the folder.
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
        throw FileMessages.ObeyedByTools(reference, repository ?? Path.GetDirectoryName(project)!, folder, bad, exclude);
    }

    /// <summary>True when some tool would obey the file in a working folder.</summary>
    /// <param name="path">The path below that folder, with <c>/</c>.</param>
    /// <param name="atTop">True if that folder is the top of a repository.</param>
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

    /// <summary>True when the SDK compiles the file wherever it is below a project.</summary>
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
