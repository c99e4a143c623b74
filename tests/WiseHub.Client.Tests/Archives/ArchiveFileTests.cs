using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using WiseHub.Client.Archives;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Archives are untrusted: anything but plain files below one folder is an error before a file is read.
/// </summary>
public sealed class ArchiveFileTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private static byte[] Zip(params (string Name, string Text)[] files) => Zip(zip =>
    {
        foreach ((string name, string text) in files)
        {
            using Stream entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.UTF8.GetBytes(text));
        }
    });

    private static byte[] Zip(Action<ZipArchive> fill)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
            fill(zip);
        return memory.ToArray();
    }

    private static byte[] Tar(params TarEntry[] entries)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
                tar.WriteEntry(entry);
        }
        return memory.ToArray();
    }

    private static PaxTarEntry TarFile(string name, string text) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(content);
        return memory.ToArray();
    }

    private ArchiveFile Open(byte[] bytes, ArchiveRules? rules = null) => ArchiveFile.Open(_temp.Write("archive", bytes),
        "the archive", rules ?? new ArchiveRules(), _temp.Path, TestContext.Current.CancellationToken);

    private string Failure(byte[] bytes, ArchiveRules? rules = null)
    {
        var e = Assert.Throws<HubException>(() => Open(bytes, rules).Dispose());
        Assert.Equal(["archive"], Directory.EnumerateFiles(_temp.Path).Select(Path.GetFileName));
        return $"{e.Code}: {e.Message}";
    }

    private static string Read(ArchiveFile archive, string path)
    {
        using var reader = new StreamReader(archive.OpenEntry(archive.Find(path)!));
        return reader.ReadToEnd();
    }

    private static string Contents(ArchiveFile archive) =>
        string.Join("; ", archive.Entries.Select(e => $"{e.Path} {e.Size} {Read(archive, e.Path)}"));

    public static TheoryData<string> Kinds => ["zip", "tar", "tar.gz"];

    private static byte[] Pack(string kind, params (string Name, string Text)[] files)
    {
        byte[] Tarred() => Tar([.. files.Select(f => TarFile(f.Name, f.Text))]);
        return kind == "zip" ? Zip(files) : kind == "tar" ? Tarred() : Gzip(Tarred());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_files_of_an_archive_are_listed_and_read(string kind)
    {
        using (ArchiveFile archive = Open(Pack(kind, ("top/a.txt", "one"), ("top/sub/b.txt", ""), ("top/ü.txt", "three"))))
            Assert.Equal("top/a.txt 3 one; top/sub/b.txt 0 ; top/ü.txt 5 three", Contents(archive));

        Assert.Equal(["archive"], Directory.EnumerateFiles(_temp.Path).Select(Path.GetFileName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_archive_without_entries_is_an_empty_list(string kind)
    {
        using ArchiveFile archive = Open(kind == "zip" ? Zip() : kind == "tar" ? new byte[1024] : Gzip(new byte[1024]));

        Assert.Empty(archive.Entries);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Files_of_an_archive_can_be_read_in_parallel(string kind)
    {
        string[] texts = [.. Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), 200_000 + i))];
        using ArchiveFile archive = Open(Pack(kind, [.. texts.Select((t, i) => ($"{i}", t))]));

        string[] read = await Task.WhenAll(archive.Entries.Select(e => Task.Run(() => Read(archive, e.Path))));

        Assert.Equal(texts, read);
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\a")]
    [InlineData("C:/a")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    public void A_hostile_entry_name_is_listed_unchanged_and_checked_only_on_selection(string name)
    {
        using ArchiveFile zip = Open(Zip(("good", "1"), (name, "2"))),
            tar = Open(Gzip(Tar(TarFile("good", "1"), TarFile(name, "2"))));

        Assert.Equal(["good", name], zip.Entries.Select(e => e.Path));
        Assert.Equal(["good", name], tar.Entries.Select(e => e.Path));
        Assert.NotNull(PathRules.Reject(name));
    }

    [Fact]
    public void The_tar_reader_of_DotNet_rejects_a_name_with_a_line_feed() =>
        Assert.StartsWith("WISE3030: ", Failure(Tar(TarFile("a\nb", "1"))), StringComparison.Ordinal);

    [Fact]
    public void Names_that_are_not_UTF_8_are_listed_once_and_are_not_duplicates()
    {
        byte[] zip = Zip(("good", "1"), ("x0y", "2"), ("x1y", "3"));
        // In the entries and in the list at the end.
        foreach ((string name, byte other) in (ReadOnlySpan<(string, byte)>)[("x0y", 0xE9), ("x1y", 0xE8)])
        {
            byte[] bytes = Encoding.ASCII.GetBytes(name);
            for (int at; (at = zip.AsSpan().IndexOf(bytes)) >= 0;)
                zip[at + 1] = other;
        }

        using ArchiveFile archive = Open(zip);

        Assert.Equal(["good", "x\uFFFDy"], archive.Entries.Select(e => e.Path));
        Assert.Equal("it is not UTF-8 ('\uFFFD' marks the other bytes)", PathRules.Reject("x\uFFFDy"));
    }

    [Fact]
    public void The_leading_dot_slash_of_tar_names_is_removed()
    {
        using ArchiveFile archive = Open(Tar(new PaxTarEntry(TarEntryType.Directory, "./"), TarFile("./a/b", "1")));

        Assert.Equal("a/b 1 1", Contents(archive));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Two_entries_of_one_name_are_an_error(string kind) => Assert.Equal(
        "WISE3004: the archive has two entries 'a'"
        + ", and it is unclear which one is meant. Ask its author for an archive without duplicates.",
            Failure(Pack(kind, ("a", "1"), ("a", "2"))));

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "a link")]
    [InlineData(TarEntryType.HardLink, "a link")]
    [InlineData(TarEntryType.CharacterDevice, "a device, a pipe or a sparse file")]
    [InlineData(TarEntryType.Fifo, "a device, a pipe or a sparse file")]
    public void A_link_or_device_in_a_tar_is_an_error_unless_it_is_skipped(TarEntryType type, string kind)
    {
        var link = new PaxTarEntry(type, "l");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            link.LinkName = "/etc/passwd";
        byte[] tar = Tar(TarFile("a", "1"), link);

        Assert.Equal($"WISE3032: the archive: the entry 'l' is {kind}, which is never unpacked. "
            + "Ask its author for an archive of regular files.", Failure(tar));
        using ArchiveFile archive = Open(tar, new ArchiveRules { SkipLinks = true });
        Assert.Equal(("a 1 1", "l"), (Contents(archive), Assert.Single(archive.Skipped).Path));
    }

    [Fact]
    public void A_link_in_a_zip_is_an_error_unless_it_is_skipped()
    {
        byte[] zip = Zip(z =>
        {
            ZipArchiveEntry entry = z.CreateEntry("l");
            entry.ExternalAttributes = 0xA1FF << 16;
            using Stream content = entry.Open();
            content.Write("/etc/passwd"u8);
        });

        Assert.Equal("WISE3032: the archive: the entry 'l' is a link, which is never unpacked. "
            + "Ask its author for an archive of regular files.", Failure(zip));
        using ArchiveFile archive = Open(zip, new ArchiveRules { SkipLinks = true });
        Assert.Equal((0, "l"), (archive.Entries.Count, Assert.Single(archive.Skipped).Path));
    }

    [Theory]
    [InlineData("zip", "WISE3031: the archive: it has more than 2 entries"
        + ", which looks like a decompression bomb; none of its files were kept. If you trust it, unpack it yourself and push "
        + "the files into a store.")]
    [InlineData("tar", "WISE3031: the archive: it has more than 2 entries"
        + ", which looks like a decompression bomb; none of its files were kept. If you trust it, unpack it yourself and push "
        + "the files into a store.")]
    public void Too_many_entries_are_reported_as_a_decompression_bomb(string kind, string expected) =>
        Assert.Equal(expected, Failure(Pack(kind, ("a", "1"), ("b", "2"), ("c", "3")), new ArchiveRules { MostEntries = 2 }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Too_many_unpacked_bytes_are_reported_as_a_decompression_bomb(string kind) => Assert.Equal(
        "WISE3031: the archive: it unpacks to more than 10 B"
        + ", which looks like a decompression bomb; none of its files were kept. If you trust it, unpack it yourself and push "
        + "the files into a store.",
        Failure(Pack(kind, ("a", "123456"), ("b", "123456")), new ArchiveRules { MostBytes = 10 }));

    [Theory]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    public void A_high_compression_ratio_is_reported_as_a_decompression_bomb(string kind)
    {
        byte[] bomb = Pack(kind, ("zeros", new string('0', 1_000_000)));

        Assert.StartsWith("WISE3031: the archive: its ", Failure(bomb, new ArchiveRules { RatioFrom = 100_000, MostRatio = 20 }),
            StringComparison.Ordinal);
        Open(bomb).Dispose();
    }

    [Fact]
    public void A_zip_with_a_wrong_entry_count_is_damaged()
    {
        byte[] zip = Zip(("a", "1"), ("b", "2"));
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 22 + 10), 1);

        Assert.StartsWith("WISE3030: the archive is not a complete, readable archive: ", Failure(zip),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, "'a' is longer than the 4 bytes in the archive's file list")]
    [InlineData(6, "'a' ends after 5 of the 6 bytes in the archive's file list")]
    public void A_file_whose_length_differs_from_the_listed_one_is_an_error(int stated, string reason)
    {
        byte[] zip = Zip(z =>
        {
            using Stream content = z.CreateEntry("a", CompressionLevel.NoCompression).Open();
            content.Write("12345"u8);
        });
        int central = zip.AsSpan().LastIndexOf("PK\x1\x2"u8);
        BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(central + 24), stated);
        using ArchiveFile archive = Open(zip);

        var e = Assert.Throws<HubException>(() => Read(archive, "a"));

        Assert.Equal("WISE3030", e.Code);
        Assert.Equal($"the archive is not a complete, readable archive: {reason}. "
            + "None of its files were kept. Try again; if the error stays, tell its author, or take the files from another "
            + "hub.", e.Message);
    }

    [Fact]
    public void A_file_with_a_wrong_checksum_is_an_error()
    {
        byte[] zip = Zip(z =>
        {
            using Stream content = z.CreateEntry("a", CompressionLevel.NoCompression).Open();
            content.Write("12345"u8);
        });
        zip[zip.AsSpan().IndexOf("12345"u8)] ^= 1;
        using ArchiveFile archive = Open(zip);

        Assert.Contains("the checksum of 'a' is wrong", Assert.Throws<HubException>(() => Read(archive, "a")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_archive_truncated_at_any_byte_is_an_error(string kind)
    {
        byte[] whole = Pack(kind, ("a", "one"), ("b", new string('2', 2000)));

        // The second block of zeros of a tar may be missing; in a gzip it is a few bits before the eight bytes of
        // checksum and length.
        for (int length = 0; length < whole.Length - (kind == "tar" ? 512 : kind == "zip" ? 1 : 24);
            length += kind == "tar" ? 97 : 13)
            Assert.StartsWith("WISE3030: the archive is not a complete, readable archive: ", Failure(whole[..length]),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_never_yields_wrong_bytes()
    {
        byte[] whole = Pack("zip", ("a", "one"), ("b", new string('2', 2000)));
        var random = new Random(4);
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                using ArchiveFile archive = Open(damaged);
                foreach (ArchiveEntry entry in archive.Entries)
                    Assert.Contains(Read(archive, entry.Path), (string[])["one", new string('2', 2000)]);
            }
            catch (HubException e)
            {
                Assert.Contains(e.Code, (string[])[WiseCodes.ArchiveUnreadable, WiseCodes.HostileFileName,
                    WiseCodes.ArchiveEntryRefused, WiseCodes.ArchiveTooLarge, WiseCodes.CollidingFileNames]);
            }
        }
    }

    [Fact]
    public void An_encrypted_file_is_an_error()
    {
        byte[] zip = Zip(("a", "12345"));
        zip[zip.AsSpan().LastIndexOf("PK\x1\x2"u8) + 8] |= 1;

        Assert.StartsWith("WISE3030: the archive is not a complete, readable archive: 'a' is encrypted. ", Failure(zip),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><html>", "it is a web page")]
    [InlineData("", "it is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "it is not a .zip, .tar or .tar.gz file")]
    public void The_error_says_what_a_file_that_is_not_an_archive_is(string text, string reason) => Assert.StartsWith(
        $"WISE3030: the archive is not a complete, readable archive: {reason}. ", Failure(Encoding.UTF8.GetBytes(text)),
        StringComparison.Ordinal);

    [Fact]
    public void The_comment_written_by_git_archive_is_read()
    {
        string commit = new('a', 40);
        byte[] zip = Zip(z => z.Comment = commit);
        byte[] tar = Tar(
            new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = commit }), TarFile("a", "1"));

        using ArchiveFile zipped = Open(zip), tarred = Open(Gzip(tar));

        Assert.Equal((commit, commit), (zipped.Comment, tarred.Comment));
    }
}
