using WiseHub.Client.Http;
using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client;

/// <summary>The transfer agent of git-lfs.</summary>
public static class GitLfsExtensions
{
    /// <summary>
    /// Serves as a transfer agent of git-lfs (https://github.com/git-lfs/git-lfs/blob/main/docs/custom-transfers.md): uploads
    /// files in parts, as Hugging Face requires above 5 GB. Reports a failed file to git-lfs, which continues with the others.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="input">The requests of git-lfs.</param>
    /// <param name="output">The responses to it.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <returns>False if git-lfs requested anything but uploads.</returns>
    /// <exception cref="HubException">WISE5042: the input does not come from git-lfs.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<bool> ServeGitLfsAsync(
        this IHubClient client, TextReader input, TextWriter output, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        using HubHttp http = client.Context.NewHttp("git-lfs");
        return await new LfsTransferAgent(http, client.Context.Time, input, output).RunAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Configures a program as the transfer agent <c>multipart</c> of a git repository on this machine; see <see
    /// cref="ServeGitLfsAsync"/>.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="folder">The repository, or a folder in it.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <exception cref="HubException">WISE1026: git is missing; WISE5043: the folder is not in a git repository.</exception>
    public static Task EnableLargeFilesAsync(
        this IHubClient client, string folder, string program, IReadOnlyList<string> arguments,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return LfsTransferAgent.EnableAsync(new GitTool(client.Context.Environment), folder, program, arguments, cancel);
    }
}
