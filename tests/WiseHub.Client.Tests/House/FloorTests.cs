using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests.House;

/// <summary>
/// The rooms of the library stand on floors: a file refers to its own room and to rooms below it, and to nothing above.
/// </summary>
public sealed class FloorTests : IDisposable
{
    // From the ground up; docs/architecture.md says what each room is for.
    private static readonly string[] Rooms =
    [
        "Localization", "Model", "Files", "Formats", "Signatures", "LockFiles", "Policies", "Store", "Http", "Credentials",
        "Contents", "Cache", "Transfer", "Archives", "Hubs", "Configuration", "Context", "Restoring", "Inventory", "Mirroring",
        "Accounts", "Pushing", "Entries", Roof,
    ];

    private const string Roof = "(root)";

    private readonly CompiledTypes _types = new(typeof(HubClient).Assembly.Location, "/_/src/WiseHub.Client/");

    public void Dispose() => _types.Dispose();

    [Fact]
    public void No_room_depends_on_a_room_above_it()
    {
        IEnumerable<string> upward = _types.Arrows.Where(a => FloorOf(a.To) > FloorOf(a.From))
            .Select(a => $"{a.From} → {a.To} ({a.Type})").Order(StringComparer.Ordinal);
        Assert.Equal("", string.Join('\n', upward));
    }

    [Fact]
    public void Every_folder_is_a_room_and_every_room_is_a_folder()
    {
        string project = RepoFiles.At("src", "WiseHub.Client");
        IEnumerable<string> folders = Directory.EnumerateDirectories(project).Select(f => Path.GetFileName(f))
            .Where(f => f is not ("bin" or "obj"));
        Assert.Equal(Rooms.Where(r => r != Roof).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    // Benches are what tests of several rooms share; House is about the whole; TestHub is about the server of the tests.
    [Fact]
    public void Tests_are_in_the_folders_of_the_rooms() => Assert.Equal(["Benches", "House", "TestHub"],
        Directory.EnumerateDirectories(RepoFiles.At("tests", "WiseHub.Client.Tests")).Select(f => Path.GetFileName(f))
            .Except(Rooms).Except(["bin", "obj", "TestResults"]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_root_folder_contains_only_the_main_classes_of_the_public_API() =>
        Assert.Equal(
            ["AccountClient.cs", "CacheClient.cs", "ClientMessages.cs", "EntryClient.cs", "HubClient.cs", "MirrorClient.cs",
                "Pretrained.cs", "RepoClient.cs", "RunTimeModel.cs"],
            Directory.EnumerateFiles(RepoFiles.At("src", "WiseHub.Client"), "*.cs").Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));

    // The test must see what the compiler sees: calls, fields, signatures, generic arguments, attributes and base types.
    [Fact]
    public void Every_kind_of_reference_between_types_is_detected()
    {
        using var own = new CompiledTypes(typeof(FloorTests).Assembly.Location, "/_/tests/WiseHub.Client.Tests/");
        var seen = new StringBuilder();
        foreach (string type in own.Arrows.Where(a => a.From == "House/ArrowSamples.cs").Select(a => a.Type)
            .Order(StringComparer.Ordinal))
            seen.AppendLine(type);
        Assert.Equal("Arrow\nCompiledTypes\nRefusingFiles\nSampleAttribute\nSampleBase`1\n",
            seen.ToString().ReplaceLineEndings("\n"));
    }

    private static int FloorOf(string file) => Array.IndexOf(Rooms,
        file.Contains('/', StringComparison.Ordinal) ? file[..file.IndexOf('/', StringComparison.Ordinal)] : Roof);
}
