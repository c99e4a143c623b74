using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Checks the names and switches of a project without references, where no restore does it. It runs only if the project has text
/// that looks like something of this package.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CheckWiseProject : WiseTask
{
    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        Settings.CheckSwitches();
        CheckProject();
    }
}
