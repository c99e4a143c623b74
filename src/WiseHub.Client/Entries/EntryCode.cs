using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace WiseHub.Client.Entries;

/// <summary>
/// The loaded code of a repo, in this process or in the one that the tool starts for it: finds the class with the entries and
/// calls them. It is unloaded after it is disposed, when nothing refers to its values or types any more.
/// </summary>
internal sealed class EntryCode : IDisposable
{
    /// <summary>The class with the entries as public static methods, in any namespace.</summary>
    public const string ClassName = "HubConf";

    public const string RunsForeignCode =
        "The code of a repo is unknown when a program is trimmed or compiled ahead of time.";

    private readonly string _what;
    private EntryLoadContext? _context;
    private Type? _class;

    private EntryCode(EntryLoadContext context, Type type, string what) => (_context, _class, _what) = (context, type, what);

    /// <summary>The assembly <c>hubconf.dll</c>.</summary>
    public Assembly Assembly => Class.Assembly;

    private Type Class => _class ?? throw new ObjectDisposedException(nameof(EntryCode));

    /// <summary>Loads a DLL and finds its class.</summary>
    /// <param name="path">The DLL.</param>
    /// <param name="what">The repo, for messages.</param>
    /// <exception cref="HubException">WISE1048.</exception>
    [RequiresUnreferencedCode(RunsForeignCode)]
    public static EntryCode Load(string path, string what)
    {
        var context = new EntryLoadContext(Path.GetDirectoryName(path)!);
        try
        {
            Assembly assembly = context.LoadFromAssemblyPath(path);
            return new EntryCode(context, assembly.GetTypes().Single(t => t is { IsPublic: true, Name: ClassName }), what);
        }
        catch (Exception e)
            when (e is FileNotFoundException or FileLoadException or BadImageFormatException or ReflectionTypeLoadException)
        {
            // Only the text: the exception may refer to the code to be unloaded.
            string reason = e is ReflectionTypeLoadException types
                ? types.LoaderExceptions.FirstOrDefault()?.Message ?? e.Message : e.Message;
            context.Unload();
            throw EntryCodeMessages.NotLoaded(what, reason);
        }
    }

    /// <summary>Calls an entry, and awaits the task if it returns one.</summary>
    /// <param name="entry">The name of an entry that the assembly has.</param>
    /// <param name="arguments">Values by parameter name; texts are converted to the parameter's type.</param>
    /// <param name="detail">Gets the stack trace of a failure.</param>
    /// <param name="cancel">Passed to the entry if it has a parameter for it.</param>
    /// <exception cref="HubException">WISE1042 or WISE1049.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    [RequiresUnreferencedCode(RunsForeignCode)]
    public async Task<object?> InvokeAsync(
        string entry, IReadOnlyDictionary<string, object?> arguments, Action<string> detail, CancellationToken cancel)
    {
        MethodInfo method = Class.GetMethod(entry, BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)!;
        object?[] values = EntryArguments.Bind(method, arguments, _what, cancel);
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
            failure = Describe(e);
            detail(e.ToString());
        }
        throw EntryCodeMessages.Failed(_what, entry, failure);
    }

    /// <summary>An exception of a repo's code, for <see cref="EntryCodeMessages.Failed"/>.</summary>
    public static string Describe(Exception e) => $"{e.GetType().Name}: {e.Message}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _context?.Unload();
        (_context, _class) = (null, null);
    }

    [RequiresUnreferencedCode(RunsForeignCode)]
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
