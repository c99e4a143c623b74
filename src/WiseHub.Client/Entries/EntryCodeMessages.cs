namespace WiseHub.Client.Entries;

/// <summary>The messages about loading and calling the code of a repo. <c>repo</c> is the reference as users see it.</summary>
internal static class EntryCodeMessages
{
    public static HubException UnknownParameter(string repo, string entry, string parameter) => new(WiseCodes.EntryArgument,
        $"{repo}: the entry '{entry}' has no parameter '{parameter}'.");

    public static HubException MissingArgument(string repo, string entry, string parameter) => new(WiseCodes.EntryArgument,
        $"{repo}: the entry '{entry}' needs '{parameter}'. Write {parameter}=value.");

    public static HubException WrongType(string repo, string entry, string parameter, Type type, object? value) =>
        new(WiseCodes.EntryArgument,
            $"{repo}: '{parameter}' of the entry '{entry}' is a {type.Name}, and {Show(value)} cannot be converted to it.");

    public static HubException NotLoaded(string repo, string reason) => new(WiseCodes.EntryDependencyMissing,
        $"{repo} cannot be loaded: {reason} What is missing must be in the program that loads it, or beside it in the repo.");

    public static HubException Failed(string repo, string entry, string failure) => new(WiseCodes.EntryFailed,
        $"{repo}: the entry '{entry}' failed with {failure.TrimEnd('.')}. The error is in the repo's own code; ask its owner.");

    public static HubException Tampered(string repo, string path) => new(WiseCodes.VerificationFailed,
        $"{repo}: {path} was changed after the download, so it was not loaded. Delete it, and load the entry again.");

    private static string Show(object? value) =>
        value is string text ? $"'{text}'" : value is null ? "null" : (Text)$"a {value.GetType().Name}";
}
