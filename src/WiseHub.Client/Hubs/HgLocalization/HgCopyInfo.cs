using WiseHub.Client.Hubs.HgLocalization;

namespace WiseHub.Client;

/// <summary>One dataset or model of an hg_localization store or bucket (docs/protocols/hg-localization.md).</summary>
/// <param name="Type">Dataset or model.</param>
/// <param name="Id">The id.</param>
/// <param name="Config">The configuration of a dataset; null for the default one.</param>
/// <param name="Revision">The revision, as it was written; null for the default one.</param>
/// <param name="IsPublic">The copy can be read, or was read, without credentials.</param>
/// <param name="IdIsGuessed">
/// The id was derived from a folder name, which has <c>_</c> for <c>/</c>, and may be wrong.
/// </param>
public sealed record HgCopyInfo(RepoType Type, string Id, string? Config, string? Revision, bool IsPublic, bool IdIsGuessed)
{
    internal static HgCopyInfo FromFolders(RepoType type, string[] folders, HgLayout layout, bool isPublic) =>
        new(type, HgCopyName.Guess(folders[0]),
            type == RepoType.Dataset && folders[1] != layout.DefaultConfig ? folders[1] : null,
            folders[^1] == layout.DefaultRevision ? null : folders[^1], isPublic,
            IdIsGuessed: folders[0].Contains('_', StringComparison.Ordinal));

    internal HgCopyName Name => new(Type, Id, Config, Revision);

    internal static IReadOnlyList<HgCopyInfo> Sorted(IEnumerable<HgCopyInfo> copies) =>
        [.. copies.OrderBy(c => c.Id, StringComparer.Ordinal).ThenBy(c => c.Config, StringComparer.Ordinal)
            .ThenBy(c => c.Revision, StringComparer.Ordinal).ThenBy(c => c.IsPublic ? 0 : 1)];
}
