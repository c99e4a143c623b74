namespace WiseHub.Client;

/// <summary>Says whether a name can be used on every system: no <c>..</c>, nothing absolute, no drive, no device name, no control character.</summary>
public static class PathNames
{
    /// <summary>Why a relative path with <c>/</c> cannot be used, or null when it can.</summary>
    public static string? Reject(string path) => PathRules.Reject(path);

    /// <summary>Why a name cannot be one folder or file name, or null when it can.</summary>
    public static string? RejectSegment(string segment) => PathRules.Reject(segment) ?? PathRules.RejectSegment(segment);
}
