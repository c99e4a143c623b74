using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Remembers what has passed a policy: <c>gates/&lt;sha256&gt;</c>, an empty file. The digest covers the references, their
/// entries in the lock file, and the policy, so a build without changes takes one look and judges nothing again.
/// </summary>
internal sealed class GateMarks(string root, IHubLog log)
{
    public string Folder { get; } = Path.Combine(root, "gates");

    public bool Has(Digest passed) => File.Exists(PathOf(passed));

    /// <summary>Remembers; a read-only cache makes the next build judge again.</summary>
    public void Add(Digest passed)
    {
        try
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(PathOf(passed), []);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            log.Detail((Text)$"{PathOf(passed)} could not be written, so the next build checks the policy again: {e.Message}");
        }
    }

    private string PathOf(Digest passed) => Path.Combine(Folder, passed.Hex);
}
