using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>The references of projects, as their own evaluation lists them, in a temporary folder.</summary>
internal sealed class UsedReferences : IDisposable
{
    /// <summary>The folder for <see cref="HubClient.ReadLockUse"/>.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("wisehub-use-").FullName;

    /// <summary>Lists the references of a project or solution in one configuration. Contacts no hub.</summary>
    public Task<(int ExitCode, string Errors)> CollectAsync(
        string project, string configuration, bool isQuiet, CancellationToken cancel) =>
        BuildCommand.RunAsync(project, "_WiseListReferences",
            [$"-p:Configuration={configuration}", $"-p:_WiseListFolder={Folder}"], isQuiet, cancel);

    /// <summary>The same in some configurations, without output.</summary>
    /// <exception cref="HubException">WISE1089: the build failed. WISE1001, WISE1103.</exception>
    public async Task<IReadOnlyList<UsedReference>> ListAsync(
        string project, IEnumerable<string> configurations, CancellationToken cancel)
    {
        foreach (string configuration in configurations)
        {
            (int exit, string errors) = await CollectAsync(project, configuration, isQuiet: true, cancel).ConfigureAwait(false);
            if (exit != ExitCodes.Done)
                throw ProjectMessages.NotEvaluated(project, errors);
        }
        return HubClient.ReadLockUse(Folder);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
