namespace WiseHub.Client;

/// <summary>Names derived from hub names, and the name of the file that declares hubs.</summary>
internal static class HubNames
{
    /// <summary>The name of the configuration file.</summary>
    public const string ConfigFile = "wisehub.json";

    /// <summary>
    /// A hub name as a part of an environment variable: upper case, with <c>_</c> for all characters except letters and digits.
    /// </summary>
    public static string ForEnvironment(string hub)
    {
        char[] name = hub.ToCharArray();
        for (int i = 0; i < name.Length; i++)
            name[i] = char.IsAsciiLetterOrDigit(name[i]) ? char.ToUpperInvariant(name[i]) : '_';
        return new string(name);
    }
}
