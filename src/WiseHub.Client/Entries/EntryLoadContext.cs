using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;

namespace WiseHub.Client.Entries;

/// <summary>
/// Where the code of one repo runs: what this program has is shared with it, its other assemblies come from its own folder, so
/// that two repos with assemblies of one name never meet, and all of it goes when nothing holds it any more.
/// </summary>
/// <param name="folder">The folder of <c>hubconf.dll</c>.</param>
internal sealed class EntryLoadContext(string folder) : AssemblyLoadContext("hubconf", isCollectible: true)
{
    /// <summary>Says whether this program has an assembly of that simple name.</summary>
    public static bool IsInProgram(string name) =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
            .Any(p => Path.GetFileNameWithoutExtension(p) == name)
        || Default.Assemblies.Any(a => a.GetName().Name == name);

    [UnconditionalSuppressMessage("Trimming", "IL2026",
        Justification = "Whoever makes one of these is marked RequiresUnreferencedCode.")]
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return !IsInProgram(assemblyName.Name!) && File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
