namespace WiseHub.Tool.Tests;

/// <summary>
/// The tool as the tests start it: <c>dotnet wisehub.dll</c> beside them, or the native program that the environment variable
/// <c>WISEHUB_TEST_TOOL</c> names. Both forms pass the same tests.
/// </summary>
internal static class ToolProgram
{
    /// <summary>The path of the native program, or null.</summary>
    public static string? Native { get; } =
        Environment.GetEnvironmentVariable("WISEHUB_TEST_TOOL") is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>The program that is started.</summary>
    public static string FileName => Native ?? "dotnet";

    /// <summary>Its arguments before those of the tool.</summary>
    public static IReadOnlyList<string> FirstArguments { get; } =
        Native is null ? [Path.Combine(AppContext.BaseDirectory, "wisehub.dll")] : [];

    /// <summary>The program with these arguments, for a program that starts it.</summary>
    public static IReadOnlyList<string> Command { get; } = [FileName, .. FirstArguments];
}
