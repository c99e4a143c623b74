using System.Globalization;

namespace WiseHub.Build;

/// <summary>The identifiers of the accessor.</summary>
internal static class AccessorNames
{
    // Members that every class inherits, and the names that the generated code uses inside its classes.
    private static readonly string[] Always =
        ["Equals", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString", "Finalize", "Directory",
            "ModelFile", "EmbeddedFile"];

    // The reserved keywords (https://learn.microsoft.com/dotnet/csharp/language-reference/keywords), all lower case. They cannot
    // clash with member names, which begin in upper case.
    private static readonly HashSet<string> Keywords = new(
        ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else "
            + "enum event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is "
            + "lock long namespace new null object operator out override params private protected public readonly ref return "
            + "sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked "
            + "unsafe ushort using virtual void volatile while").Split(' '), StringComparer.Ordinal);

    /// <summary>The names that no member of a class may have.</summary>
    /// <param name="more">The name of the class itself, and its own members.</param>
    public static HashSet<string> NewScope(params string[] more) => new([.. Always, .. more], StringComparer.Ordinal);

    /// <summary>The name, or the name with a number if another member has it.</summary>
    public static string Unique(string name, HashSet<string> taken)
    {
        string unique = name;
        for (int n = 2; !taken.Add(unique); n++)
            unique = name + "_" + n.ToString(CultureInfo.InvariantCulture);
        return unique;
    }

    /// <summary>
    /// A namespace that compiles. The SDK's default only replaces the spaces of the project's name, so it may be <c>my-app</c> or
    /// <c>2048.class</c>. The result is the namespace that <c>dotnet new</c> writes into the sources of such a project.
    /// </summary>
    public static string Namespace(string rootNamespace) =>
        string.Join('.', rootNamespace.Trim().Split('.').Where(part => part.Length > 0).Select(part =>
        {
            string name = string.Concat(part.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '_'));
            return char.IsDigit(name[0]) ? "_" + name : Keywords.Contains(name) ? "@" + name : name;
        }));
}
