using System.Globalization;
using System.Text;

namespace UseModel;

/// <summary>Splits a text into the character n-grams that the classifier uses.</summary>
/// <remarks>
/// A word is a run of letters and apostrophes; everything else separates words. Every word is lower-cased and put between two
/// boundaries, so that "Wo ist" gives, for order 2: _w wo o_ _i is st t_.
/// No Unicode normalisation form is applied, because it requires ICU, which does nothing in a program with invariant globalisation.
/// Texts are expected with composed letters, as from keyboards and the web.
/// </remarks>
internal static class NGrams
{
    /// <summary>Stands for the beginning and the end of a word. It is not a letter, so no n-gram needs escaping in vocab.txt.</summary>
    public const char Boundary = '_';

    /// <summary>All n-grams of the text with one of the given lengths, in the order of the text, repeated ones included.</summary>
    public static List<string> Of(string text, IReadOnlyList<int> orders)
    {
        List<string> grams = [];
        StringBuilder word = new();
        // The start of each character of the word: n-grams count characters, and some characters are two chars long.
        List<int> starts = [];

        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsPartOfWord(rune))
            {
                EndWord();
                continue;
            }
            if (word.Length == 0)
            {
                starts.Add(0);
                word.Append(Boundary);
            }
            starts.Add(word.Length);
            word.Append(rune.Value == '’' ? "'" : Rune.ToLowerInvariant(rune).ToString());
        }
        EndWord();
        return grams;

        void EndWord()
        {
            if (word.Length == 0)
                return;
            starts.Add(word.Length);
            word.Append(Boundary);
            starts.Add(word.Length);
            string padded = word.ToString();
            foreach (int order in orders)
            {
                for (int i = 0; i + order < starts.Count; i++)
                {
                    string gram = padded[starts[i]..starts[i + order]];
                    if (gram is not [Boundary])
                        grams.Add(gram);
                }
            }
            word.Clear();
            starts.Clear();
        }
    }

    private static bool IsPartOfWord(Rune rune) =>
        Rune.IsLetter(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        || rune.Value is '\'' or '’';
}
