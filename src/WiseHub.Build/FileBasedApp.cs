namespace WiseHub.Build;

/// <summary>The source of a file-based app, whose directives are its project.</summary>
internal static class FileBasedApp
{
    // https://learn.microsoft.com/dotnet/core/sdk/file-based-apps
    private const string Directive = "#:property WiseModel=";

    /// <summary>The line that names the models; without a line if the source cannot be read or names them elsewhere.</summary>
    public static Place Locate(string source)
    {
        try
        {
            int line = 1 + Array.FindIndex(File.ReadAllLines(source),
                l => l.TrimStart().StartsWith(Directive, StringComparison.OrdinalIgnoreCase));
            return new Place(source, line, line == 0 ? 0 : 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Place(source, 0, 0);
        }
    }
}
