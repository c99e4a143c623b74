using System.Text;

namespace WiseHub.Client.Tests;

/// <summary>A lock file is read or refused, whatever a merge or an editor left in it.</summary>
public sealed class LockFileFuzzTests
{
    private static readonly byte[] Lock = LockFile.Empty.With([new LockEntry(
        new LockKey(RepoType.Model, "acme/tiny", "huggingface", "main", null), new string('a', 40),
        [FileSelection.All, new FileSelection(["*.json"], ["x"])],
        [new LockedFile("a/b.bin", 3, Digest.Parse(new string('1', 64))) { Waived = "pickle" },
            new LockedFile("config.json", 2, Digest.Parse(new string('2', 64)))])
    {
        License = ["mit"],
        Gate = "manual",
        Signature = new LockedSignature("key sha256:1", Digest.Parse(new string('3', 64))),
    }]).ToBytes();

    private static readonly byte[][] Words = [.. ((string[])["null", "true", "-1", "1e999", "\"\"", "{}", "[]", "[[[[",
        "\"..\"", "\"\\ud800\"", "99999999999999999999", "\n<<<<<<< ours\n", "\n=======\n", "\n>>>>>>> theirs\n"])
        .Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Any_lock_file_is_read_or_refused() => MutatedInputs.Try([Lock], Words,
        input => LockFile.Parse(input, "wise.lock.json"), code => code.StartsWith("WISE40", StringComparison.Ordinal));
}
