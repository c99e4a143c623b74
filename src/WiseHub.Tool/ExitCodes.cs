namespace WiseHub.Tool;

/// <summary>The exit codes of the process (docs/tool.md).</summary>
internal static class ExitCodes
{
    public const int Done = 0, Failed = 1, Usage = 2;

    // 128 + SIGINT, as shells do.
    public const int Cancelled = 130;
}
