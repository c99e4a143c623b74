namespace WiseHub.Client;

/// <summary>Names that are made from the names of hubs, and the file that declares hubs.</summary>
internal static class HubNames
{
    /// <summary>The name of the configuration file.</summary>
    public const string ConfigFile = "wisehub.json";

    /// <summary>
    /// A hub name as part of an environment variable: upper case, and <c>_</c> for every character that is not a letter or digit.
    /// </summary>
    public static string ForEnvironment(string hub)
    {
        char[] name = hub.ToCharArray();
        for (int i = 0; i < name.Length; i++)
            name[i] = char.IsAsciiLetterOrDigit(name[i]) ? char.ToUpperInvariant(name[i]) : '_';
        return new string(name);
    }
}
