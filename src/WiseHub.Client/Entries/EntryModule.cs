using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using WiseHub.Client.Entries;

namespace WiseHub.Client;

/// <summary>
/// The loaded code of a repo's entries. Disposing lets it go; it is gone once nothing holds a value or type of it any more.
/// Its assembly lies in a folder with the repo's files (<see cref="Assembly.Location"/>), where it finds what it needs.
/// </summary>
public sealed class EntryModule : IDisposable
{
    private readonly string _what;
    private readonly IHubLog _log;
    private EntryLoadContext? _context;
    private Type? _class;

    private EntryModule(
        EntryLoadContext context, Type type, string what, string directory, IReadOnlyList<HubEntry> entries, IHubLog log)
    {
        (_context, _class, _what, Directory, Entries, _log) = (context, type, what, directory, entries, log);
    }

    /// <summary>The folder with the repo's files.</summary>
    public string Directory { get; }

    /// <summary>Its entries.</summary>
    public IReadOnlyList<HubEntry> Entries { get; }

    /// <summary>The assembly, which is <c>hubconf.dll</c>.</summary>
    public Assembly Assembly => Class.Assembly;

    private Type Class => _class ?? throw new ObjectDisposedException(nameof(EntryModule));

    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    internal static EntryModule Load(string path, string what, string directory, IReadOnlyList<HubEntry> entries, IHubLog log)
    {
        var context = new EntryLoadContext(Path.GetDirectoryName(path)!);
        try
        {
            Assembly assembly = context.LoadFromAssemblyPath(path);
            Type type = assembly.GetTypes().Single(t => t is { IsPublic: true, Name: HubConfAssembly.ClassName });
            return new EntryModule(context, type, what, directory, entries, log);
        }
        catch (Exception e)
            when (e is FileNotFoundException or FileLoadException or BadImageFormatException or ReflectionTypeLoadException)
        {
            // The text only: the exception may hold what is to be let go.
            string reason = e is ReflectionTypeLoadException types
                ? types.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message : e.Message;
            context.Unload();
            throw new HubException(WiseCodes.EntryDependencyMissing,
                $"{what} cannot be loaded: {reason} Add what is missing to your program, or beside it in the repo.");
        }
    }

    /// <summary>Calls an entry and, where it gives a task, waits for it.</summary>
    /// <param name="entry">Its name.</param>
    /// <param name="arguments">Values by parameter name; a text becomes what the parameter wants.</param>
    /// <param name="cancel">Given to the entry where it has a parameter for it.</param>
    /// <returns>What it gives; null for nothing.</returns>
    /// <exception cref="HubException">WISE1042, WISE1043 or WISE1049.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    public async Task<object?> InvokeAsync(
        string entry, IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancel = default)
    {
        EntryCatalog.Find(Entries, entry, _what);
        MethodInfo method = Class.GetMethod(entry, BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)!;
        object?[] values = EntryArguments.Bind(method, arguments ?? new Dictionary<string, object?>(), _what, cancel);
        string failure;
        try
        {
            return await ResultAsync(
                method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, values, null)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
        // Code of strangers throws what it wants. As text: the exception would keep that code alive.
        catch (Exception e)
        {
            failure = $"{e.GetType().Name}: {e.Message}";
            _log.Detail(e.ToString());
        }
        throw new HubException(WiseCodes.EntryFailed, $"{_what}: the entry '{entry}' failed with {failure.TrimEnd('.')}. "
            + "That is a failure of the repo's own code; ask its owner.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context?.Unload();
        (_context, _class) = (null, null);
    }

    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    private static async Task<object?> ResultAsync(object? value)
    {
        // Both kinds of ValueTask have AsTask.
        if (value is ValueTask
            || (value?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            value = value.GetType().GetMethod(nameof(ValueTask.AsTask))!
                .Invoke(value, BindingFlags.DoNotWrapExceptions, null, null, null);
        if (value is not Task task)
            return value;
        await task.ConfigureAwait(false);
        // What follows must not run inside of the repo's code, which has just ended the task: it could not be unloaded
        // before all that is done.
        await Task.Yield();
        PropertyInfo? result = task.GetType().GetProperty(nameof(Task<>.Result));
        return result is null || result.PropertyType.Name == "VoidTaskResult" ? null : result.GetValue(task);
    }
}

/// <summary>What loading an entry gave. Disposing lets the code go that made it.</summary>
public sealed class LoadedEntry : IDisposable
{
    private readonly EntryModule? _module;

    internal LoadedEntry(HubEntry entry, string commit, string directory, object? value, EntryModule? module) =>
        (Entry, Commit, Directory, Value, _module) = (entry, commit, directory, value, module);

    /// <summary>The entry.</summary>
    public HubEntry Entry { get; }

    /// <summary>The commit that it is of.</summary>
    public string Commit { get; }

    /// <summary>A folder with its files.</summary>
    public string Directory { get; }

    /// <summary>What its method gave; null for an entry that is files only.</summary>
    public object? Value { get; }

    /// <inheritdoc/>
    public void Dispose() => _module?.Dispose();
}
