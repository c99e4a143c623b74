using System.Text;

namespace WiseHub.Client.Inventory;

/// <summary>Text of a hub that must be written as JSON or in a URL.</summary>
internal static class Unicode
{
    /// <summary>Replaces surrogates without a partner by U+FFFD. A card can contain them, and JSON writers refuse them.</summary>
    public static string Repair(string text)
    {
        bool isValid = true;
        for (int i = 0; i < text.Length && isValid; i++)
        {
            if (char.IsSurrogate(text[i]))
                isValid = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]);
        }
        return isValid ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }
}
