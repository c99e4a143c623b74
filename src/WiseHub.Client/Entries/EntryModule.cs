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

    /// <summary>The assembly <c>hubconf.dll</c>.</summary>
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
            // Only the text: the exception may refer to the code to be unloaded.
            string reason = e is ReflectionTypeLoadException types
                ? types.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message : e.Message;
            context.Unload();
            throw EntryMessages.NotLoaded(what, reason);
        }
    }

    /// <summary>Calls an entry, and awaits the task if it returns one.</summary>
    /// <param name="entry">The name of the entry.</param>
    /// <param name="arguments">Values by parameter name; texts are converted to the parameter's type.</param>
    /// <param name="cancel">Passed to the entry if it has a parameter for it.</param>
    /// <returns>The entry's result; null if it has none.</returns>
    /// <exception cref="HubException">WISE1042, WISE1043 or WISE1049.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
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
        // A repo's code may throw any exception. Only its text is kept, because the exception would keep the code loaded.
        catch (Exception e)
        {
            failure = $"{e.GetType().Name}: {e.Message}";
            _log.Detail(e.ToString());
        }
        throw EntryMessages.Failed(_what, entry, failure);
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
        // Both ValueTask types have AsTask.
        if (value is ValueTask
            || (value?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            value = value.GetType().GetMethod(nameof(ValueTask.AsTask))!
                .Invoke(value, BindingFlags.DoNotWrapExceptions, null, null, null);
        if (value is not Task task)
            return value;
        await task.ConfigureAwait(false);
        // The continuation must not run inside the repo's code that has just completed the task, because the code could not be
        // unloaded until it returns.
        await Task.Yield();
        PropertyInfo? result = task.GetType().GetProperty(nameof(Task<>.Result));
        return result is null || result.PropertyType.Name == "VoidTaskResult" ? null : result.GetValue(task);
    }
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
