using System.Runtime.CompilerServices;
using WiseHub.Client;

namespace WiseHub;

/// <summary>Makes the translations of an assembly known before its first text is made.</summary>
internal static class Translations
{
#pragma warning disable CA2255 // No other code of an assembly always runs before its first text.
    [ModuleInitializer]
    internal static void Add() => LocalizedText.AddTranslations(typeof(Translations).Assembly);
#pragma warning restore CA2255
}
