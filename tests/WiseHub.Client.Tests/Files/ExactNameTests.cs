using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Names that are equal on a disk of Windows or macOS, which a fake simulates.</summary>
public sealed class ExactNameTests : IDisposable
{
    private const string First = "1111111111111111111111111111111111111111", Second = "2222222222222222222222222222222222222222";

    private readonly TempFolder _temp = new();

    // Finds a path by the names in its folders, as a disk does that sets case and composition aside.
    private ExactNames Insensitive => new(Exists, Names);

    private bool Exists(string path)
    {
        string folder = _temp.Path;
        foreach (string part in Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar))
        {
            if (!Directory.Exists(folder) || Names(folder).FirstOrDefault(n => PathRules.AreOne(n, part)) is not string name)
                return false;
            folder = Path.Combine(folder, name);
        }
        return true;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e));

    [Theory]
    [InlineData("models/acme/Case", null)]
    [InlineData("models/acme/case", "models/acme/Case")]
    [InlineData("models/ACME/Case", "models/acme/Case")]
    [InlineData("models/ACME/new", "models/acme")]
    [InlineData("models/acme/new", null)]
    [InlineData("datasets/acme/case", null)]
    [InlineData("models/acme/Case/refs/main", "models/acme/Case/refs/Main")]
    [InlineData("models/acme/Case/refs/fe\u0301", "models/acme/Case/refs/f\u00e9")]
    [InlineData("models/acme/Case/refs/f\u00e9", null)]
    public void An_existing_name_in_another_spelling_is_found(string asked, string? there)
    {
        _temp.Write("models/acme/Case/refs/Main", "");
        _temp.Write("models/acme/Case/refs/f\u00e9", "");
        Assert.Equal(there, Insensitive.FindOther(_temp.Path, asked));
    }

    [Fact]
    public void On_a_disk_that_decomposes_names_both_forms_are_one_spelling()
    {
        _temp.Write("refs/fe\u0301", "");
        Assert.Null(Insensitive.FindOther(_temp.Path, "refs/f\u00e9"));
    }

    [Fact]
    public void A_case_sensitive_disk_is_checked_once()
    {
        _temp.Write("models/acme/Case/refs/main", "");
        int looks = 0;
        var names = new ExactNames(path =>
        {
            looks++;
            return path == _temp["models"];
        }, _ => throw new InvalidOperationException("Nothing needs to be listed."));
        Assert.Equal((null, 1), (names.FindOther(_temp.Path, "models/acme/case/refs/main"), looks));
        Assert.Equal((Path.Combine(_temp.Path, "models", "acme", "case"), 2),
            (names.Locate(_temp.Path, "models/acme/case"), looks));
    }

    [Fact]
    public void In_a_cache_two_repos_that_differ_only_by_case_stay_separate()
    {
        var store = new RepoStore(_temp.Path, isCache: true, Insensitive);
        store.WriteRef(RepoType.Model, "acme/Case", "main", First);
        Assert.Null(store.ReadRef(RepoType.Model, "acme/case", "main"));
        store.WriteRef(RepoType.Model, "acme/case", "main", Second);
        store.WriteRef(RepoType.Model, "Acme/other", "main", Second);
        Assert.Equal((First, Second, Second), (store.ReadRef(RepoType.Model, "acme/Case", "main"),
            store.ReadRef(RepoType.Model, "acme/case", "main"), store.ReadRef(RepoType.Model, "Acme/other", "main")));
        string[] repos = [.. new DirectoryInfo(_temp["models"]).EnumerateDirectories()
            .SelectMany(o => o.EnumerateDirectories().Select(r => RepoStore.IdOf(o, r)!)).Order(StringComparer.Ordinal)];
        Assert.Equal(["Acme/other", "acme/Case", "acme/case"], repos);
    }

    [Fact]
    public void In_a_cache_branches_that_differ_by_case_or_composition_stay_separate()
    {
        var store = new RepoStore(_temp.Path, isCache: true, Insensitive);
        (string Name, string Commit)[] refs = [("Main", First), ("main", Second), ("f\u00e9", First), ("fe\u0301", Second),
            ("ge\u0301", First), ("g\u00e9", Second), ("Fix/a", First), ("fix/a", Second), ("fix/b", First)];
        foreach ((string name, string commit) in refs)
            store.WriteRef(RepoType.Model, "acme/x", name, commit);
        Assert.Equal(refs.Select(r => r.Commit), refs.Select(r => store.ReadRef(RepoType.Model, "acme/x", r.Name)));
    }

    [Theory]
    [InlineData("case")]
    [InlineData("main~1")]
    [InlineData("x~00000000")]
    public void A_suffix_that_is_not_the_names_own_mark_is_kept(string name) => Assert.Equal(name, ExactNames.WithoutMark(name));

    [Fact]
    [Needs(Need.Windows)]
    public async Task A_push_never_replaces_a_repo_or_branch_whose_name_differs_by_case()
    {
        using var bench = new RestoreBench();
        await bench.Hub.PushAsync("acme/Case", ("a", "hello"));
        string before = TempFolder.Tree(bench.Hub.Folder);
        var e = await Assert.ThrowsAsync<HubException>(() => bench.Hub.PushAsync("acme/case", ("a", "other")));
        Assert.StartsWith("WISE3071: acme/case: the hub 'built' (", $"{e.Code}: {e.Message}", StringComparison.Ordinal);
        Assert.Equal(before, TempFolder.Tree(bench.Hub.Folder));
        e = await Assert.ThrowsAsync<HubException>(() => bench.RestoreAsync(new RepoReference { RepoId = "acme/case" }));
        Assert.StartsWith("WISE2002: ", $"{e.Code}: {e.Message}", StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<HubException>(
            () => bench.RestoreAsync(new RepoReference { RepoId = "acme/Case", Revision = "Main" }));
        Assert.StartsWith("WISE2003: ", $"{e.Code}: {e.Message}", StringComparison.Ordinal);
    }

    public void Dispose() => _temp.Dispose();
}
