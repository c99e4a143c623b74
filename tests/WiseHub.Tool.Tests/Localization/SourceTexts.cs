using System.Collections.Concurrent;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// The texts of a project as its source has them: each interpolated string whose target is a <see cref="LocalizedText"/>, with
/// its holes numbered. The compiler decides about the target, so no text can be missed because of how it is written.
/// </summary>
internal static class SourceTexts
{
    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        global using Text = WiseHub.Client.LocalizedText;
        """;

    // Compiling takes seconds.
    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<SourceString>>> Projects =
        new(StringComparer.Ordinal);

    private static readonly Lazy<SyntaxTree[]> Library = new(() => [.. Files("WiseHub.Client").Select(Parse)]);

    private sealed record SourceString(ExpressionSyntax Expression, bool IsText)
    {
        public string File => Expression.SyntaxTree.FilePath;
    }

    /// <summary>The keys of the translations that a project needs.</summary>
    /// <param name="project">The name of its folder in src.</param>
    public static IReadOnlyList<string> Keys(string project) =>
    [
        .. Strings(project).Where(e => e.IsText).Select(e => Key(e.Expression)).Where(HasWords).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Sentences of message and help files that are no texts, with their places.</summary>
    public static IReadOnlyList<string> Untranslated(string project) =>
    [
        .. Strings(project).Where(e => IsForPeople(e.File) && !e.IsText && !IsCompared(e.Expression))
            .Where(e => HasSentence(Key(e.Expression))).Select(e => $"{Path.GetFileName(e.File)}: {Key(e.Expression)}"),
    ];

    // The words of a server, by which its responses are recognized.
    private static bool IsCompared(ExpressionSyntax expression) =>
        expression.Parent is ConstantPatternSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression }
        || (expression.Parent?.Parent?.Parent is InvocationExpressionSyntax call
            && call.Expression is MemberAccessExpressionSyntax { Name.Identifier.Text: "Contains" or "StartsWith" });

    private static bool IsForPeople(string file) =>
        Path.GetFileNameWithoutExtension(file) is string name
        && (name.EndsWith("Messages", StringComparison.Ordinal) || name.EndsWith("Help", StringComparison.Ordinal)
            || name == "CommandPages");

    private static IReadOnlyList<SourceString> Strings(string project) =>
        Projects.GetOrAdd(project, p => new(() => [.. Compile(p)])).Value;

    private static IEnumerable<SourceString> Compile(string project)
    {
        // With the sources of the library, because its messages use members that only it sees.
        bool isLibrary = project == "WiseHub.Client";
        SyntaxTree[] own = isLibrary ? Library.Value
            : [.. Files(project).Select(Parse), .. Library.Value.Where(t => IsLinked(project, t.FilePath))];
        CSharpCompilation compilation = CSharpCompilation.Create(project,
            [.. own.Union(Library.Value), CSharpSyntaxTree.ParseText(GlobalUsings, Language)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Where(f => !Path.GetFileName(f).StartsWith("wisehub", StringComparison.OrdinalIgnoreCase))
                .Select(f => MetadataReference.CreateFromFile(f)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        foreach (SyntaxTree tree in own)
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (ExpressionSyntax expression in tree.GetRoot().DescendantNodes().OfType<ExpressionSyntax>())
            {
                // Parts of a sum count as the sum.
                if (!IsString(expression)
                    || expression.Parent is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression }
                    || expression.Ancestors().OfType<AttributeSyntax>().Any())
                    continue;
                yield return new SourceString(expression, IsText(model.GetTypeInfo(expression).ConvertedType)
                    || (expression.Parent is CastExpressionSyntax cast && IsText(model.GetTypeInfo(cast.Type).Type)));
            }
        }
    }

    // The entry host does not refer to the library, and compiles a few of its files itself.
    private static bool IsLinked(string project, string file) => project == "WiseHub.EntryHost"
        && Path.GetFileNameWithoutExtension(file)
            is "EntryArguments" or "EntryCode" or "EntryCodeMessages" or "EntryLoadContext";

    private static SyntaxTree Parse(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(file), Language, file);

    private static bool IsString(ExpressionSyntax expression) => expression is InterpolatedStringExpressionSyntax
        || expression.IsKind(SyntaxKind.StringLiteralExpression)
        || (expression is BinaryExpressionSyntax sum && sum.IsKind(SyntaxKind.AddExpression));

    private static bool IsText(ITypeSymbol? type) => type?.Name == nameof(LocalizedText);

    private static string Key(ExpressionSyntax expression)
    {
        var key = new StringBuilder();
        int holes = 0;
        Add(expression);
        return key.ToString();

        void Add(ExpressionSyntax part)
        {
            switch (part)
            {
                case InterpolatedStringExpressionSyntax text:
                    foreach (InterpolatedStringContentSyntax content in text.Contents)
                    {
                        // Braces are doubled, as in a composite format.
                        if (content is InterpolatedStringTextSyntax literal)
                            key.Append(literal.TextToken.ValueText.Replace("{{", "{", StringComparison.Ordinal)
                                .Replace("}}", "}", StringComparison.Ordinal).Replace("{", "{{", StringComparison.Ordinal)
                                .Replace("}", "}}", StringComparison.Ordinal));
                        else
                            key.Append('{').Append(holes++).Append('}');
                    }
                    break;
                case BinaryExpressionSyntax sum:
                    Add(sum.Left);
                    Add(sum.Right);
                    break;
                case LiteralExpressionSyntax literal:
                    key.Append(literal.Token.ValueText);
                    break;
                default:
                    key.Append('{').Append(holes++).Append('}');
                    break;
            }
        }
    }

    private static bool HasWords(string key) => key.Any(char.IsLetter);

    // Three words of small letters; commands and the words of protocols have fewer or other characters.
    private static bool HasSentence(string key) => !key.StartsWith("wisehub ", StringComparison.Ordinal)
        && key.Split(' ').Count(w => w.Length > 0 && w.All(c => char.IsAsciiLetterLower(c) || c is ',' or '.' or ':')) >= 3;

    private static IEnumerable<string> Files(string project) =>
        RepoFiles.Sources(Path.Combine("src", project)).Select(f => RepoFiles.At(f));
}
