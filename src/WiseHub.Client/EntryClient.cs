using System.Diagnostics.CodeAnalysis;
using WiseHub.Client.Context;
using WiseHub.Client.Entries;

namespace WiseHub.Client;

/// <summary>
/// Entry points that repos offer to programs by <c>hubconf.json</c>, <c>hubconf.dll</c> and <c>hubconf.py</c>; see
/// <see cref="HubClient.Entries"/>.
/// </summary>
public sealed class EntryClient
{
    private readonly EntryRepo _repo;

    internal EntryClient(ClientContext context, Func<RestoreRequest, CancellationToken, Task<RestoreResult>> restore) =>
        _repo = new(context, restore);

    /// <summary>Lists the entries of a repo. Runs no code of the repo, and resolves a branch on each call.</summary>
    /// <exception cref="HubException">WISE1044: it has no entries; WISE1045, WISE1046, or any code of a restore.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<EntryList> ListAsync(EntryRequest request, CancellationToken cancel = default) =>
        _repo.ListAsync(request, cancel);

    /// <summary>Describes an entry. Runs no code of the repo.</summary>
    /// <exception cref="HubException">WISE1043: there is no such entry; else as <see cref="ListAsync"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HubEntry> HelpAsync(EntryRequest request, string entry, CancellationToken cancel = default) =>
        _repo.HelpAsync(request, entry, cancel);

    /// <summary>
    /// Downloads and verifies the files of an entry, or the code of all entries, and runs no code: for programs that run it in a
    /// process of its own, as <c>wisehub</c> does. Whether that process has all dependencies is for the caller to check.
    /// </summary>
    /// <param name="request">The repo.</param>
    /// <param name="entry">The name of the entry; null for the code of all entries.</param>
    /// <param name="arguments">The names of the arguments that the entry will get.</param>
    /// <param name="trust">Permission to run the code, which is downloaded only with it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE1042, WISE1043, WISE1047, WISE3014 or WISE3050, else as <see cref="ListAsync"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<FetchedEntries> FetchAsync(EntryRequest request, string? entry = null, IEnumerable<string>? arguments = null,
        EntryTrust trust = EntryTrust.None, CancellationToken cancel = default) =>
        _repo.FetchAsync(request, entry, [.. arguments ?? []], trust, cancel);

    /// <summary>Loads <c>hubconf.dll</c> into this process, after checking its dependencies.</summary>
    /// <exception cref="HubException">
    /// WISE1047: <paramref name="trust"/> does not allow it; WISE1048, WISE3050, else as <see cref="ListAsync"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    public Task<EntryModule> ImportAsync(
        EntryRequest request, EntryTrust trust = EntryTrust.None, CancellationToken cancel = default) =>
        _repo.ImportAsync(request, trust, cancel);

    /// <summary>Loads an entry: downloads its files and, if it is code, calls it.</summary>
    /// <param name="request">The repo.</param>
    /// <param name="entry">The name of the entry.</param>
    /// <param name="arguments">Values by parameter name; texts are converted to the parameter's type.</param>
    /// <param name="trust">Permission to run code.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE1042, WISE1043, WISE1047, WISE1048, WISE1049 or WISE3050, else as <see cref="ListAsync"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    public Task<LoadedEntry> LoadAsync(EntryRequest request, string entry, IReadOnlyDictionary<string, object?>? arguments = null,
        EntryTrust trust = EntryTrust.None, CancellationToken cancel = default) =>
        _repo.LoadAsync(request, entry, arguments ?? new Dictionary<string, object?>(), trust, cancel);
}
