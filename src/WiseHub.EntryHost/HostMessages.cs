using System.Runtime.InteropServices;
using WiseHub.Client;

namespace WiseHub.EntryHost;

/// <summary>The messages of this program only.</summary>
internal static class HostMessages
{
    public static HubException DependencyMissing(string repo, string assembly, IEnumerable<string> missing) =>
        new(WiseCodes.EntryDependencyMissing,
            $"{repo}: {assembly} needs {string.Join(", ", missing)}, which neither {RuntimeInformation.FrameworkDescription} nor "
            + $"the repo has. Ask the owner of the repo to add them there.");
}
