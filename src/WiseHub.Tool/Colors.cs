namespace WiseHub.Tool;

/// <summary>Red errors and yellow warnings, on a terminal that shows colours, unless the user has refused them.</summary>
internal static class Colors
{
    private const string Red = "\u001b[31m", Yellow = "\u001b[33m", Reset = "\u001b[0m";

    public static string Error(TextWriter writer, string text) => AreOn(writer) ? Red + text + Reset : text;

    public static string Warning(TextWriter writer, string text) => AreOn(writer) ? Yellow + text + Reset : text;

    /// <summary>Whether text to a writer may have colours: only the terminal behind standard error gets them.</summary>
    public static bool AreOn(TextWriter writer) =>
        ReferenceEquals(writer, Console.Error) && !Console.IsErrorRedirected
        && AreWanted(Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"),
            OperatingSystem.IsWindows())
        // On Windows, opening the console also switches its escape sequences on, if it has them.
        && (!OperatingSystem.IsWindows() || TerminalLog.OpenConsole() is not null);

    /// <summary>Whether the environment wants colours: https://no-color.org and the terminal type.</summary>
    public static bool AreWanted(string? noColor, string? term, bool isWindows) =>
        string.IsNullOrEmpty(noColor) && term != "dumb" && (isWindows || !string.IsNullOrEmpty(term));
}
