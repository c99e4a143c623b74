using System.Diagnostics;
using System.Runtime.Versioning;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The files of a folder that a push selects.</summary>
public sealed class PushSetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Root => _folder["set"];

    private string[] Pushed(string pathInRepo = "", string allow = "", string ignore = "") =>
        [.. PushSet.FromFolder(Root, pathInRepo, new FileSelection(allow.Split(';'), ignore.Split(';')))
            .Select(f => f.PathInRepo)];

    private HubException Refused(string allow = "", string ignore = "") =>
        Assert.Throws<HubException>(() => Pushed(allow: allow, ignore: ignore));

    private void Write(params string[] paths)
    {
        foreach (string path in paths)
            _folder.Write(Path.Combine("set", path), path);
    }

    [Fact]
    public void Folders_are_kept_and_paths_are_sorted_by_their_UTF_8_bytes()
    {
        Write("b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "\uFF21.txt", "\U0001F600.txt", "Z.txt", ".hidden");
        Assert.Equal([".hidden", "Z.txt", "a.txt", "a/b/c.txt", "a/z.txt", "b.txt", "\uFF21.txt", "\U0001F600.txt"], Pushed());
        Assert.All(PushSet.FromFolder(Root), f => Assert.Equal(f.PathInRepo, File.ReadAllText(f.SourcePath)));
    }

    [Fact]
    public void A_relative_folder_gives_absolute_sources_and_the_same_paths_in_the_repo()
    {
        Write("sub/b.txt");
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), Root);
        Assert.Equal([new PushFile(Path.Combine(Root, "sub", "b.txt"), "sub/b.txt")], PushSet.FromFolder(relative + "/"));
    }

    [Fact]
    public void Git_folders_client_caches_and_files_of_this_product_are_left_out()
    {
        Write("wise.lock.json", "sub/wisehub.json", "Sub/Wise.Lock.json", ".git/config", "sub/.git",
            "sub/.cache/huggingface/download/a.lock", ".cache/huggingface", ".cache/other/kept", ".github/workflows/ci.yml",
            ".gitattributes", ".gitignore",
            "x.git/kept", "my.git.folder/kept", "huggingface/kept", ".cache2/huggingface/kept");
        Assert.Equal([".cache/other/kept", ".cache2/huggingface/kept", ".gitattributes", ".github/workflows/ci.yml", ".gitignore",
            "huggingface/kept", "my.git.folder/kept", "x.git/kept"], Pushed());
    }

    [Fact]
    public void A_folder_whose_own_path_has_git_in_it_is_pushed()
    {
        _folder.Write(".git/hooks/set/a.txt", "a");
        Assert.Equal(["a.txt"], PushSet.FromFolder(_folder[".git/hooks/set"]).Select(f => f.PathInRepo));
    }

    [Theory]
    [InlineData("*.bin", "", new[] { "a.bin", "sub/b.bin", "sub/deep/c.bin" })]
    [InlineData("sub/*", "", new[] { "sub/b.bin", "sub/b.txt", "sub/deep/c.bin" })]
    [InlineData("sub/", "*.txt", new[] { "sub/b.bin", "sub/deep/c.bin" })]
    [InlineData("", "sub/", new[] { "a.bin", "sub.txt" })]
    [InlineData("", "su?/b*;*/deep/c.bin", new[] { "a.bin", "sub.txt" })]
    [InlineData("sub\\b.txt", "", new[] { "sub/b.txt" })]
    public void Patterns_match_paths_relative_to_the_pushed_folder(string allow, string ignore, string[] pushed)
    {
        Write("a.bin", "sub.txt", "sub/b.bin", "sub/b.txt", "sub/deep/c.bin");
        Assert.Equal(pushed, Pushed("at/there", allow, ignore).Select(p => p["at/there/".Length..]));
    }

    [Theory]
    [InlineData("", "a")]
    [InlineData(".", "a")]
    [InlineData("./", "a")]
    [InlineData("x", "x/a")]
    [InlineData("./x/y/", "x/y/a")]
    [InlineData("x\\y", "x/y/a")]
    public void The_folder_in_the_repo_can_be_written_in_several_ways(string pathInRepo, string path)
    {
        Write("a");
        Assert.Equal([path], Pushed(pathInRepo));
        Assert.Equal(path, PushSet.FromFile(Path.Combine(Root, "a"), pathInRepo.Length == 0 ? "" : pathInRepo + "/").PathInRepo);
    }

    [Theory]
    [InlineData("../x", "it has the part '..'")]
    [InlineData("/x", "it is absolute")]
    [InlineData("/", "it is absolute")]
    [InlineData("a//b", "it has an empty part")]
    [InlineData("C:/x", "it has the character ':', which Windows does not allow")]
    public void An_invalid_path_in_the_repo_is_an_error(string pathInRepo, string reason)
    {
        Write("a");
        string message =
            $"The path '{pathInRepo}' in the repo cannot be used: {reason}. Write a path below the top of the repo, with '/'.";
        foreach (HubException e in (HubException[])[Assert.Throws<HubException>(() => Pushed(pathInRepo)),
            Assert.Throws<HubException>(() => PushSet.FromFile("a", pathInRepo))])
            Assert.Equal((WiseCodes.InvalidPush, message), (e.Code, e.Message));
    }

    [Theory]
    [InlineData("", "a.bin")]
    [InlineData("x/", "x/a.bin")]
    [InlineData("x", "x")]
    [InlineData("x/model.bin", "x/model.bin")]
    public void A_file_gets_the_given_path_or_its_own_name(string pathInRepo, string path)
    {
        Write("a.bin");
        string file = Path.Combine(Root, "a.bin");
        Assert.Equal([new PushFile(file, path)], PushSet.From(file, pathInRepo));
    }

    [Fact]
    public void Pushing_one_file_that_the_patterns_exclude_is_an_error()
    {
        Write("a.bin");
        string file = Path.Combine(Root, "a.bin");
        HubException e = Assert.Throws<HubException>(() => PushSet.From(file, "", new FileSelection(["*.txt"], [])));
        Assert.Equal((WiseCodes.InvalidPush,
            $"{file} is not selected by *.txt. Correct the patterns, or omit them for a single file."), (e.Code, e.Message));
    }

    [Fact]
    public void Missing_empty_and_fully_ignored_folders_have_different_errors()
    {
        Assert.Equal($"{Root} does not exist. Correct the path.", Refused().Message);
        Directory.CreateDirectory(Path.Combine(Root, "empty"));
        Write(".git/config");
        Assert.Equal(
            $"The folder {Root} has no files to push. Correct the path, or add files to it first.", Refused().Message);
        Write("b.txt", "a.txt", "sub/c.txt");
        HubException e = Refused("*.bin", "sub/*");
        Assert.Equal((WiseCodes.InvalidPush, $"No file in the folder {Root} is selected by *.bin without sub/*; it has a.txt, "
            + "b.txt, sub/. Patterns are case-sensitive, match the whole path below the folder, and * crosses '/'."),
            (e.Code, e.Message));
        e = Assert.Throws<HubException>(() => PushSet.FromFolder(Path.Combine(Root, "a.txt")));
        Assert.Equal($"{Path.Combine(Root, "a.txt")} is not a folder. Correct the path.", e.Message);
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void Links_to_files_are_pushed_as_the_content_of_their_targets()
    {
        Write("blobs/1");
        string outside = _folder.Write("outside", "content outside");
        File.CreateSymbolicLink(Path.Combine(Root, "inside.bin"), Path.Combine("blobs", "1"));
        File.CreateSymbolicLink(Path.Combine(Root, "outside.bin"), outside);
        Assert.Equal(["blobs/1", "inside.bin", "outside.bin"], Pushed());
        Assert.Equal("content outside",
            File.ReadAllText(PushSet.FromFolder(Root).Single(f => f.PathInRepo == "outside.bin").SourcePath));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_link_to_a_folder_inside_is_followed_even_if_the_root_is_a_link()
    {
        Write("data/a.bin", "data/sub/b.bin");
        Directory.CreateSymbolicLink(Path.Combine(Root, "latest"), "data");
        string[] expected = ["data/a.bin", "data/sub/b.bin", "latest/a.bin", "latest/sub/b.bin"];
        Assert.Equal(expected, Pushed());
        Directory.CreateSymbolicLink(_folder["alias"], Root);
        Assert.Equal(expected, PushSet.FromFolder(_folder["alias"]).Select(f => f.PathInRepo));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void A_link_to_a_folder_outside_is_an_error_unless_it_is_excluded()
    {
        Write("a.txt");
        _folder.Write("set2/secret.txt", "secret");
        Directory.CreateSymbolicLink(Path.Combine(Root, "more"), _folder["set2"]);
        HubException e = Refused();
        Assert.Equal((WiseCodes.InvalidPush, $"{Root} cannot be pushed: the link 'more' leads to the folder {_folder["set2"]}, "
            + "which is outside. Exclude it with an ignore pattern such as 'more/*', or replace it by what it should be."),
            (e.Code, e.Message));
        Assert.Equal(["a.txt"], Pushed(ignore: "more/*"));
        Assert.Equal(["a.txt"], Pushed(ignore: "more"));
    }

    [Theory]
    [InlineData("a/b/up", "..")]
    [InlineData("a/b/up", ".")]
    [InlineData("a/b/up", "../..")]
    [InlineData("up", ".")]
    [Needs(Need.SymbolicLinks)]
    public void A_link_to_a_parent_folder_is_an_error(string link, string target)
    {
        Write("a/b/c.txt");
        Directory.CreateSymbolicLink(Path.Combine(Root, link), target);
        string folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.Combine(Root, link))!, target));
        Assert.Equal($"{Root} cannot be pushed: the link '{link}' leads to its own parent folder "
            + $"{Path.TrimEndingDirectorySeparator(folder)}. Exclude it with an ignore pattern such as "
            + $"'{link}/*', or replace it by what it should be.", Refused().Message);
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public void Two_links_that_form_a_cycle_are_an_error()
    {
        Write("a/x", "b/y");
        Directory.CreateSymbolicLink(Path.Combine(Root, "a/to-b"), "../b");
        Directory.CreateSymbolicLink(Path.Combine(Root, "b/to-a"), "../a");
        Assert.Equal($"{Root} cannot be pushed: the link 'a/to-b/to-a' leads to its own parent folder "
            + $"{Path.Combine(Root, "a")}. Exclude it with an ignore pattern such as 'a/to-b/to-a/*', "
            + "or replace it by what it should be.", Refused().Message);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("link.bin")]
    [Needs(Need.SymbolicLinks)]
    public void A_broken_link_is_an_error_unless_it_is_excluded(string target)
    {
        Write("a.txt");
        File.CreateSymbolicLink(Path.Combine(Root, "link.bin"), target);
        Assert.StartsWith($"{Root} cannot be pushed: the link 'link.bin' leads to no file ({target}). ", Refused().Message,
            StringComparison.Ordinal);
        Assert.Equal(["a.txt"], Pushed(allow: "*.txt"));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    [Needs(Need.OrdinaryUser)]
    public void An_unreadable_folder_is_an_error_unless_a_pattern_excludes_it()
    {
        Write("a.txt", "private/b.txt");
        File.SetUnixFileMode(Path.Combine(Root, "private"), UnixFileMode.None);
        try
        {
            HubException e = null!;
            OrdinaryUser.Run(() => e = Refused());
            Assert.Equal((WiseCodes.NoPermission, $"The files of {Root} cannot be listed: Access to the path "
                + $"'{Path.Combine(Root, "private")}' is denied. "
                + "Give this user read permission, or exclude it with an ignore pattern."), (e.Code, e.Message));
            OrdinaryUser.Run(() => Assert.Equal(["a.txt"], Pushed(ignore: "private/*")));
        }
        finally
        {
            File.SetUnixFileMode(Path.Combine(Root, "private"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Two_files_for_one_path_are_an_error_naming_both()
    {
        var one = new PushFile("/out/a.bin", "model.bin");
        Assert.Equal([new PushFile("/out/b.bin", "b.bin"), one],
            PushSet.Combine([one, new PushFile("/out/b.bin", "b.bin"), one]));
        HubException e = Assert.Throws<HubException>(() => PushSet.Combine([one, new PushFile("/other/a.bin", "model.bin")]));
        Assert.Equal((WiseCodes.InvalidPush, "Two files have the path 'model.bin' in the repo: /out/a.bin and /other/a.bin. "
            + "Give one of them another path, or omit it."), (e.Code, e.Message));
    }

    [Fact]
    [Needs(Need.Unix, Because = "there are no pipes with names in folders.")]
    public void Pushing_a_named_pipe_in_a_folder_is_an_error_without_blocking()
    {
        Directory.CreateDirectory(Root);
        string pipe = Path.Combine(Root, "pipe");
        using (Process made = Process.Start("mkfifo", [pipe]))
            made.WaitForExit();
        IReadOnlyList<PushFile> files = PushSet.FromFolder(Root);
        HubException e = Assert.Throws<HubException>(() => Contents.LocalFile.Read(files[0],
            new Contents.PushMemory(null, SilentLog.Instance), TimeProvider.System, CancellationToken.None));
        Assert.Equal((WiseCodes.InvalidPush, $"{pipe} is not a file. Correct the list of files to push."), (e.Code, e.Message));
    }
}
