namespace WiseHub.Tool.Tests;

/// <summary>The built assembly with entries, <c>tests/WiseHub.TestEntries</c>.</summary>
internal static class TestEntries
{
    public static string PathOf(string name) => Path.Combine(ToolWorkspace.Metadata("TestEntries"), name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));
}
