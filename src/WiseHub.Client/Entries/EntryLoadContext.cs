using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace WiseHub.Client.Entries;

/// <summary>
/// The load context for the code of one repo. It shares the program's assemblies and loads others from its own folder, so that
/// assemblies with the same name in two repos do not conflict. It is unloaded when nothing refers to it any more.
/// </summary>
/// <param name="folder">The folder of <c>hubconf.dll</c>.</param>
internal sealed class EntryLoadContext(string folder) : AssemblyLoadContext("hubconf", isCollectible: true)
{
    /// <summary>The assemblies that this program does not have, by their simple names.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<string> names) =>
        [.. names.Where(n => !IsInProgram(n)).Order(StringComparer.Ordinal)];

    private static bool IsInProgram(string name) =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
            .Any(p => Path.GetFileNameWithoutExtension(p) == name)
        || Default.Assemblies.Any(a => a.GetName().Name == name);

    [UnconditionalSuppressMessage("Trimming", "IL2026",
        Justification = "The creators of this class are marked RequiresUnreferencedCode.")]
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return !IsInProgram(assemblyName.Name!) && File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
