using YamlDotNet.Core;

namespace WiseHub.Client;

/// <summary>What readers of the YAML of a card have in common.</summary>
public static class CardYaml
{
    /// <summary>
    /// True for an exception that YamlDotNet throws at malformed text. Some are not its own, for example at an open list that is
    /// followed by a tag (<c>a: [&lt;b&gt;</c>).
    /// </summary>
    /// <param name="e">The exception.</param>
    public static bool IsMalformed(Exception e) =>
        e is YamlException or InvalidOperationException or ArgumentException or FormatException;
}
