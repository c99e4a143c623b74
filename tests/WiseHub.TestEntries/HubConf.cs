using System.Runtime.CompilerServices;

namespace Acme.Models;

/// <summary>
/// Entries for the tests. Whoever only looks at them must not find the file that running anything of this
/// assembly leaves beside it.
/// </summary>
public static class HubConf
{
    static HubConf() => Leave("class");

    /// <summary>
    /// Builds a tiny model, like <see cref="List{T}"/>.
    /// </summary>
    /// <param name="layers">How many layers.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="pretrained">Reads weights.bin.</param>
    /// <returns>A text.</returns>
    public static string Tiny(int layers, string name = "tiny", bool pretrained = false) =>
        $"{name}:{layers}:{(pretrained ? File.ReadAllText(Path.Combine(Folder, "weights.bin")) : "random")}";

    /// <summary>Takes what a command line can say.</summary>
    public static string Kinds(double factor, DayOfWeek day, Uri? from = null, long? most = null, params string[] names) =>
        FormattableString.Invariant($"{factor} {day} {from} {most} {string.Join('+', names)}");

    /// <summary>Gives something of this assembly, later.</summary>
    public static async Task<object> LaterAsync(CancellationToken cancel)
    {
        await Task.Yield();
        cancel.ThrowIfCancellationRequested();
        return new Model();
    }

    /// <summary>Fails.</summary>
    public static void Fails() => throw new OutOfModelsException();

    /// <summary>No entry, because it is not public.</summary>
    internal static void Hidden()
    {
    }

    /// <summary>No entry, because it is generic.</summary>
    public static T Generic<T>(T value) => value;

    /// <summary>No entry, because it is a property.</summary>
    public static string Folder => Path.GetDirectoryName(typeof(HubConf).Assembly.Location)!;

    private static void Leave(string what) => File.WriteAllText(Path.Combine(Folder, $"ran-{what}"), what);

    // CA2255: to run as soon as the assembly is loaded is the point of it here.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Initialise() => Leave("module");
#pragma warning restore CA2255
}

/// <summary>A type of this assembly.</summary>
public sealed class Model;

/// <summary>An exception of this assembly.</summary>
public sealed class OutOfModelsException() : Exception("no models left");
