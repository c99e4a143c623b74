using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class LockFileTests
{
    private static readonly string CommitA = new('a', 40), CommitB = new('b', 64), Sha1 = new('1', 64), Sha2 = new('2', 64);

    private static readonly LockEntry Second = new(
        new LockKey(RepoType.Model, "acme/tiny", "local", "main", null), CommitA,
        [new FileSelection(["*.json", "模*"], ["x"]), FileSelection.All],
        [new LockedFile("a 'b'&c/é.json", 0, Digest.Parse(Sha1)), new LockedFile("模型/😀.bin", 13, Digest.Parse(Sha2))]);

    private static readonly LockEntry First = new(
        new LockKey(RepoType.Dataset, "gpt2", "second;local", null, "zh"), CommitB, [FileSelection.All],
        [new LockedFile("x", long.MaxValue, Digest.Parse(Sha1))]);

    private static string Text(LockFile file) => Encoding.UTF8.GetString(file.ToBytes());

    private const string All = "\"selections\":[{}]";
    private const string Both = "\"selections\":[{\"allow\":[\"*.json\",\"模*\"],\"ignore\":[\"x\"]},{}]";

    [Fact]
    public void The_bytes_are_these() => Assert.Equal(
        $$$"""
        {"version":1,"references":[
        {"repoType":"dataset","repoId":"gpt2","hub":"second;local","config":"zh","commit":"{{{CommitB}}}",{{{All}}},"files":[
        {"path":"x","size":9223372036854775807,"sha256":"{{{Sha1}}}"}]},
        {"repoType":"model","repoId":"acme/tiny","hub":"local","revision":"main","commit":"{{{CommitA}}}",{{{Both}}},"files":[
        {"path":"a 'b'&c/é.json","size":0,"sha256":"{{{Sha1}}}"},
        {"path":"模型/\uD83D\uDE00.bin","size":13,"sha256":"{{{Sha2}}}"}]}]}

        """.ReplaceLineEndings("\n"), Text(LockFile.Empty.With([Second, First])));

    [Fact]
    public void An_empty_one_is_valid_too() =>
        Assert.Empty(LockFile.Parse(Encoding.UTF8.GetBytes(Text(LockFile.Empty)), "f").Entries);

    [Fact]
    public void What_is_read_is_written_again_byte_for_byte()
    {
        byte[] bytes = LockFile.Empty.With([First, Second]).ToBytes();
        Assert.Equal(bytes, LockFile.Parse(bytes, "f").ToBytes());
    }

    [Fact]
    public void Entries_and_files_are_sorted_by_their_bytes_however_they_stood()
    {
        string file(string path) => $$"""{"path":"{{path}}","size":1,"sha256":"{{Sha1}}"}""";
        string entry(string id) => $$"""
            {"repoType":"model","repoId":"{{id}}","hub":"h","commit":"{{CommitA}}",
             "files":[{{file("\uffff")}},{{file("😀")}},{{file("a-b")}},{{file("a/b")}}]}
            """;
        LockFile read = LockFile.Parse(
            Encoding.UTF8.GetBytes($$"""{"version":1,"references":[{{entry("b/a")}},{{entry("a/b")}},{{entry("B/a")}}]}"""), "f");
        Assert.Equal(["B/a", "a/b", "b/a"], read.Entries.Select(e => e.Key.RepoId));
        Assert.Equal(["a-b", "a/b", "\uffff", "😀"], read.Entries[0].Files.Select(f => f.Path));
    }

    [Fact]
    public void Entries_of_one_repo_are_sorted_by_revision_and_configuration()
    {
        LockEntry of(string? revision, string? config) => First with
        {
            Key = new LockKey(RepoType.Model, "a/b", "h", revision, config),
        };
        LockEntry[] sorted = [of(null, null), of(null, "A"), of("A", null), of("dev", "en"), of("main", "zh")];
        Assert.Equal(sorted, LockFile.Empty.With(sorted.Reverse()).Entries);
    }

    [Theory]
    [InlineData("", "*.bin", "{\"ignore\":[\"*.bin\"]}")]
    [InlineData("*.bin", "", "{\"allow\":[\"*.bin\"]}")]
    public void A_selection_with_one_kind_of_patterns_is_read_again(string allow, string ignore, string text)
    {
        byte[] bytes = LockFile.Empty.With([First with { Selections = [new FileSelection([allow], [ignore])] }]).ToBytes();
        Assert.Contains($"\"selections\":[{text}]", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(bytes, LockFile.Parse(bytes, "f").ToBytes());
    }

    [Fact]
    public void A_key_says_in_messages_what_it_stands_for()
    {
        Assert.Equal("dataset gpt2 from second;local at the default branch, configuration zh", First.Key.ToString());
        Assert.Equal("model acme/tiny from local at main", Second.Key.ToString());
    }

    [Fact]
    public void A_commit_is_kept_when_only_later_hubs_differ_and_all_entries_agree()
    {
        LockEntry at(string hub, string commit) => Second with { Key = Second.Key with { Hub = hub }, Commit = commit };
        LockKey wanted = Second.Key with { Hub = "local;c" };
        LockEntry a = at("local;a", CommitA), same = at("local;b", CommitA), other = at("local;b", CommitB);
        Assert.Equal(a, LockFile.Empty.With([a, same]).FindSameOrigin(wanted));
        Assert.Null(LockFile.Empty.With([a, other]).FindSameOrigin(wanted));
        Assert.Null(LockFile.Empty.With([at("a;local", CommitA)]).FindSameOrigin(wanted));
        Assert.Null(LockFile.Empty.FindSameOrigin(wanted));
    }

    [Fact]
    public void Entries_that_differ_in_anything_but_the_repo_are_alike()
    {
        LockEntry cased = First with { Key = Second.Key with { RepoId = "ACME/tiny" } };
        LockEntry revision = First with { Key = Second.Key with { Revision = "dev" } };
        Assert.Equal([cased, revision], LockFile.Empty.With([First, Second, cased, revision]).FindAlike(Second.Key));
    }

    [Fact]
    public void A_byte_order_mark_and_white_space_do_not_matter()
    {
        byte[] bytes = [.. Encoding.UTF8.Preamble,
            .. Encoding.UTF8.GetBytes(Text(LockFile.Empty.With([First])).Replace("\n", " \r\n\t", StringComparison.Ordinal))];
        Assert.Equal(Text(LockFile.Empty.With([First])), Text(LockFile.Parse(bytes, "f")));
    }

    [Fact]
    public void With_adds_and_replaces_and_removes_nothing()
    {
        LockEntry moved = Second with { Commit = CommitB };
        Assert.Equal([First, moved], LockFile.Empty.With([Second, First]).With([moved]).Entries);
    }

    [Fact]
    public void Keep_removes_all_others() =>
        Assert.Equal([First], LockFile.Empty.With([First, Second]).Keep(new HashSet<LockKey> { First.Key }).Entries);

    [Fact]
    public void A_reference_is_found_by_the_whole_of_its_key()
    {
        LockFile file = LockFile.Empty.With([First, Second]);
        Assert.Equal(Second, file.Find(new LockKey(RepoType.Model, "acme/tiny", "local", "main", null)));
        Assert.All(
            [
                Second.Key with { RepoType = RepoType.Dataset }, Second.Key with { RepoId = "acme/Tiny" },
                Second.Key with { Hub = "local;second" }, Second.Key with { Revision = null }, Second.Key with { Config = "" },
            ], key => Assert.Null(file.Find(key)));
    }

    [Fact]
    public void Where_there_is_no_file_nothing_is_read()
    {
        using var temp = new TempFolder();
        Assert.Null(LockFile.Read(temp["no/wise.lock.json"]));
    }

    [Fact]
    public void A_folder_in_its_place_is_an_error_with_a_code()
    {
        using var temp = new TempFolder();
        Assert.Equal(WiseCodes.LockUnreadable, Assert.Throws<HubException>(() => LockFile.Read(temp.Path)).Code);
    }
}
