namespace WiseHub.Testing;

/// <summary>Names that git takes for a branch or a tag (https://git-scm.com/docs/git-check-ref-format).</summary>
internal static class RefNames
{
    public static bool IsValid(string name) =>
        name.Length > 0 && name != "@" && name[0] != '-' && !name.StartsWith("refs/", StringComparison.Ordinal)
            && !name.EndsWith('.') && !name.Contains("..", StringComparison.Ordinal)
            && !name.Contains("@{", StringComparison.Ordinal)
            && !name.Any(c => c is <= ' ' or '\x7f' or '~' or '^' or ':' or '?' or '*' or '[' or '\\')
            && name.Split('/').All(p => p.Length > 0 && p[0] != '.' && !p.EndsWith(".lock", StringComparison.Ordinal));
}
