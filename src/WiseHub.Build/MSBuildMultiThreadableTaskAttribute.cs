// MSBuild matches this attribute by name and namespace. So a DLL compiled against an old Framework still runs in-process under
// -mt (docs/protocols/msbuild.md#tasks-in-the-process-of-msbuild).
namespace Microsoft.Build.Framework;

/// <summary>Marks a task that uses no process-wide state and may share a process with other projects.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;
