using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// Doc comments name only existing codes, and a member that lists its codes lists all that it throws itself.
/// </summary>
public sealed partial class ExceptionDocumentationTests
{
    private static readonly Dictionary<string, string> CodeOf = typeof(WiseCodes).GetFields().Where(f => f.IsLiteral)
        .ToDictionary(f => f.Name, f => (string)f.GetRawConstantValue()!);

    [Theory]
    [InlineData("src/WiseHub.Build")]
    [InlineData("src/WiseHub.Client")]
    [InlineData("src/WiseHub.EntryHost")]
    [InlineData("src/WiseHub.Tool")]
    public void Doc_comments_name_only_existing_codes(string folder) =>
        Assert.Equal([],
            Read(folder).SelectMany(f => f.Lines.Where(l => l.TrimStart().StartsWith("///", StringComparison.Ordinal))
                .SelectMany(l => Code().Matches(l)).Select(m => m.Value).Except(CodeOf.Values).Select(c => $"{f.Name}: {c}")));

    [Theory]
    [InlineData("src/WiseHub.Build")]
    [InlineData("src/WiseHub.EntryHost")]
    [InlineData("src/WiseHub.Tool")]
    public void A_member_that_documents_codes_documents_all_that_it_throws(string folder) =>
        Assert.Equal([], Read(folder).SelectMany(f => Missing(f.Lines, MessagesOf("src")).Select(m => $"{f.Name}: {m}")));

    [Fact]
    public void The_check_detects_an_outdated_list_of_codes() =>
        Assert.Equal(["Read: WISE1004", "Next: WISE2002", "Last: WISE1003"], Missing("""
        internal static class Sample
        {
            /// <exception cref="HubException">WISE1008: the text is not a number.</exception>
            public static int Read(string text) =>
                int.TryParse(text, out int value) ? value : throw new HubException(WiseCodes.InvalidValue, text);

            /// <exception cref="HubException">
            /// WISE2001 to WISE2001, or any WISE100x code.
            /// </exception>
            public static void Next()
            {
                if (Count > 1)
                    throw Wrong("x");
                throw new HubException(WiseCodes.HubUnreachable, "");
            }

            /// <exception cref="HubException">WISE2002.</exception>
            public static void Last() => throw SampleMessages.Bad("x");

            // Not listed, and nothing is promised.
            public static void Other() => throw new HubException(WiseCodes.InvalidAlias, "");

            private static HubException Wrong(string text) =>
                Count > 2 ? new(WiseCodes.RepoNotFound, text) : new(WiseCodes.InvalidAlias, text);
        }
        """.Split('\n'), new Dictionary<string, string>
        {
            ["SampleMessages.Bad"] = "    public static HubException Bad(string text) => new(WiseCodes.MalformedRepoId, text);",
            ["SampleMessages.Unused"] = "    public static HubException Unused() => new(WiseCodes.DiskFull, \"\");",
        }));

    private static IEnumerable<(string Name, string[] Lines)> Read(string folder) =>
        RepoFiles.Sources(folder).Select(f => (Path.GetFileName(f), File.ReadAllLines(RepoFiles.At(f))));

    // The messages of a room are in a class of their own, so that a member throws what another file makes.
    private static Dictionary<string, string> MessagesOf(string folder) =>
        Read(folder).Where(f => f.Name.EndsWith("Messages.cs", StringComparison.Ordinal))
            .SelectMany(f => Makers(Members(f.Lines)).Select(m => (Name: $"{f.Name[..^3]}.{m.Name}", m.Body)))
            .DistinctBy(m => m.Name).ToDictionary(m => m.Name, m => m.Body);

    private static IEnumerable<(string Name, string Body)> Makers(
        IEnumerable<(string Name, string Comment, string Body)> members) =>
        members.Where(m => m.Body.Contains($"HubException {m.Name}(", StringComparison.Ordinal)).Select(m => (m.Name, m.Body));

    // The layout of the sources is the formatter's: a member begins at one level of indentation, behind its comment.
    private static IEnumerable<string> Missing(string[] lines, Dictionary<string, string> messages)
    {
        List<(string Name, string Comment, string Body)> members = [.. Members(lines)];
        (string Name, string Body)[] makers =
            [.. Makers(members).DistinctBy(m => m.Name), .. messages.Select(m => (m.Key, m.Value))];
        foreach ((string name, string comment, string body) in members)
        {
            if (Promise().Match(comment) is not { Success: true } promise)
                continue;
            string thrown = body
                + string.Concat(makers.Where(m => m.Name != name && Regex.IsMatch(body, $@"\b{Regex.Escape(m.Name)}\("))
                    .Select(m => m.Body));
            foreach (string code in Thrown().Matches(thrown).Select(m => CodeOf[m.Groups[1].Value]).Distinct()
                .Where(c => !Names(promise.Value, c)))
                yield return $"{name}: {code}";
        }
    }

    private static IEnumerable<(string Name, string Comment, string Body)> Members(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!Declaration().IsMatch(lines[i]))
                continue;
            int comment = i;
            while (comment > 0 && CommentOrAttribute().IsMatch(lines[comment - 1]))
                comment--;
            int end = i + 1;
            while (end < lines.Length && !Declaration().IsMatch(lines[end]) && !CommentOrAttribute().IsMatch(lines[end]))
                end++;
            yield return (MemberName().Match(lines[i]).Groups[1].Value,
                string.Join('\n', lines[comment..i].Select(l => l.Trim().TrimStart('/'))), string.Join('\n', lines[i..end]));
        }
    }

    private static bool Names(string promise, string code) =>
        Range().Matches(promise).Any(r => string.CompareOrdinal(r.Groups[1].Value, code) <= 0
            && string.CompareOrdinal(code, r.Groups[2].Value is { Length: > 0 } last ? last : r.Groups[1].Value) <= 0)
        || Enumerable.Range(1, 3).Any(n => promise.Contains(code[..^n] + new string('x', n), StringComparison.Ordinal));

    [GeneratedRegex(@"WISE\d{4}")]
    private static partial Regex Code();

    [GeneratedRegex(@"<exception cref=""HubException"">.*?</exception>", RegexOptions.Singleline)]
    private static partial Regex Promise();

    [GeneratedRegex(@"new(?: HubException)?\(WiseCodes\.(\w+)")]
    private static partial Regex Thrown();

    [GeneratedRegex(@"(WISE\d{4})(?:\s+to\s+(WISE\d{4}))?")]
    private static partial Regex Range();

    [GeneratedRegex(@"^    (?:public|private|protected|internal|static)\b")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^    (?://|\[)")]
    private static partial Regex CommentOrAttribute();

    [GeneratedRegex(@"(\w+)(?:<\w+(?:, \w+)*>)?(?:\(| =>| \{|$)")]
    private static partial Regex MemberName();
}
