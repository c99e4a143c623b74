// The name and namespace are MSBuild's own: the engine matches the attribute by name, so that one DLL compiled against an old
// Framework still runs in-process under -mt (docs/protocols/msbuild.md#tasks-in-the-process-of-msbuild).
namespace Microsoft.Build.Framework;

/// <summary>Says that a task uses no process-wide state and may share a process with other projects.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
