using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using WiseHub.Client.Entries;

namespace WiseHub.Client;

/// <summary>
/// The loaded code of a repo's entries. Dispose it to unload the code, which happens when nothing refers to its values or types
/// any more. Its assembly is in a folder with the repo's files (<see cref="Assembly.Location"/>), where it finds the files it
/// needs.
/// </summary>
public sealed class EntryModule : IDisposable
{
    private readonly EntryCode _code;
    private readonly string _what;
    private readonly IHubLog _log;

    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    internal EntryModule(string path, string what, string directory, IReadOnlyList<HubEntry> entries, IHubLog log) =>
        (_code, _what, Directory, Entries, _log) = (EntryCode.Load(path, what), what, directory, entries, log);

    /// <summary>The folder with the repo's files.</summary>
    public string Directory { get; }

    /// <summary>Its entries.</summary>
    public IReadOnlyList<HubEntry> Entries { get; }

    /// <summary>The assembly <c>hubconf.dll</c>.</summary>
    public Assembly Assembly => _code.Assembly;

    /// <summary>Calls an entry, and awaits the task if it returns one.</summary>
    /// <param name="entry">The name of the entry.</param>
    /// <param name="arguments">Values by parameter name; texts are converted to the parameter's type.</param>
    /// <param name="cancel">Passed to the entry if it has a parameter for it.</param>
    /// <returns>The entry's result; null if it has none.</returns>
    /// <exception cref="HubException">WISE1042, WISE1043 or WISE1049.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    public async Task<object?> InvokeAsync(
        string entry, IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancel = default)
    {
        EntryCatalog.Find(Entries, entry, _what);
        return await _code.InvokeAsync(entry, arguments ?? new Dictionary<string, object?>(), _log.Detail, cancel)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}

/// <summary>The result of loading an entry. Dispose it to unload the entry's code.</summary>
public sealed class LoadedEntry : IDisposable
{
    private readonly EntryModule? _module;

    internal LoadedEntry(HubEntry entry, string commit, string directory, object? value, EntryModule? module) =>
        (Entry, Commit, Directory, Value, _module) = (entry, commit, directory, value, module);

    /// <summary>The entry.</summary>
    public HubEntry Entry { get; }

    /// <summary>The commit of the entry.</summary>
    public string Commit { get; }

    /// <summary>A folder with the entry's files.</summary>
    public string Directory { get; }

    /// <summary>The result of its method; null for an entry with files only.</summary>
    public object? Value { get; }

    /// <inheritdoc/>
    public void Dispose() => _module?.Dispose();
}
