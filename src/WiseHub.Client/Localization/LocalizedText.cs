using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace WiseHub.Client;

/// <summary>
/// A text for people, written in English as an interpolated string and shown in the language of the process: that of the
/// environment variable <c>WISEHUB_LANG</c> (<c>en</c> or <c>zh</c>), or else <see cref="CultureInfo.CurrentUICulture"/>. The
/// languages are English and Chinese; every other one, and a text without a translation, is shown in English.
/// </summary>
/// <remarks>
/// The English text with its holes numbered, <c>"{0} has no file '{1}'."</c>, is the key of the translation, as in GNU gettext.
/// So the text stays where it is said, and a changed text cannot keep an outdated translation.
/// </remarks>
[InterpolatedStringHandler]
public sealed class LocalizedText
{
    private readonly StringBuilder _english;
    private readonly StringBuilder? _key;
    private readonly List<object?>? _values;
    private readonly string _language;

    /// <summary>Begins a text; the compiler calls it for an interpolated string.</summary>
    /// <param name="literalLength">The number of characters outside the holes.</param>
    /// <param name="formattedCount">The number of holes.</param>
    public LocalizedText(int literalLength, int formattedCount)
    {
        // About the length of a name, as System.Runtime.CompilerServices.DefaultInterpolatedStringHandler guesses it.
        const int guessedLength = 11;
        _english = new StringBuilder(literalLength + formattedCount * guessedLength);
        _language = Languages.Current();
        if (_language == Languages.English)
            return;
        _key = new StringBuilder(literalLength + formattedCount * 3);
        _values = new List<object?>(formattedCount);
    }

    /// <summary>Appends the text between two holes.</summary>
    /// <param name="value">The text.</param>
    public void AppendLiteral(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _english.Append(value);
        _key?.Append(value).Replace("{", "{{", _key.Length - value.Length, value.Length)
            .Replace("}", "}}", _key.Length - value.Length, value.Length);
    }

    /// <summary>Appends the value of a hole.</summary>
    /// <param name="value">The value.</param>
    public void AppendFormatted(string? value)
    {
        _english.Append(value);
        if (_key is null)
            return;
        _key.Append('{').Append(CultureInfo.InvariantCulture, $"{_values!.Count}").Append('}');
        _values.Add(value);
    }

    /// <inheritdoc cref="AppendFormatted(string)"/>
    public void AppendFormatted(ReadOnlySpan<char> value) => AppendFormatted(value.ToString());

    /// <inheritdoc cref="AppendFormatted(string)"/>
    /// <typeparam name="T">The type of the value.</typeparam>
    public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

    /// <inheritdoc cref="AppendFormatted(string)"/>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">The format of <see cref="IFormattable"/>. It is no part of the translation's key.</param>
    public void AppendFormatted<T>(T value, string? format) => AppendFormatted(
        value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString());

    /// <summary>The text in the language that the process had when the text was made.</summary>
    public override string ToString() =>
        _key is not null && Languages.Translate(_language, _key.ToString()) is string translated
            ? string.Format(CultureInfo.InvariantCulture, translated, [.. _values!])
            : _english.ToString();

    /// <summary>Turns an interpolated string into a text, where its target would else be a <see cref="string"/>.</summary>
    /// <param name="text">The interpolated string.</param>
    public static LocalizedText Of(LocalizedText text) => text;

    /// <summary>The same as <see cref="ToString"/>.</summary>
    /// <param name="text">The text, or null.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator string?(LocalizedText? text) => text?.ToString();

    /// <summary>
    /// Adds the translations of a library: its embedded resource <c>Localization/zh.json</c>, a JSON object of English texts and
    /// their translations.
    /// </summary>
    /// <param name="assembly">The library.</param>
    public static void AddTranslations(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        Languages.Add(assembly);
    }
}
