using System.ComponentModel;
using System.Diagnostics;
using WiseHub.Client;
using WiseHub.Client.Files;

namespace WiseHub.Tool.Commands;

/// <summary>Runs git in a folder. Nothing in the repository may name a program that it starts.</summary>
internal sealed class GitFolder(string folder, CancellationToken cancel)
{
    /// <summary>The root of the working tree.</summary>
    /// <exception cref="HubException">WISE1091: git is missing, or the folder is not in a repository.</exception>
    public async Task<string> RootAsync()
    {
        (int exit, byte[] output, string errors) = await RunAsync("rev-parse", "--show-toplevel").ConfigureAwait(false);
        string root = System.Text.Encoding.UTF8.GetString(output).TrimEnd('\r', '\n');
        return exit == 0 && root.Length > 0 ? Path.GetFullPath(root) : throw ProjectMessages.NotInRepository(folder, errors);
    }

    /// <summary>
    /// The versions of an unmerged file: 1 the common ancestor, 2 ours, 3 theirs. Empty if the file is merged, or there is no
    /// git or no repository.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, byte[]>> StagesAsync(string name)
    {
        var stages = new Dictionary<int, byte[]>();
        if (FindGit() is null)
            return stages;
        (int exit, byte[] output, _) =
            await RunAsync("--literal-pathspecs", "ls-files", "--unmerged", "-z", "--", name).ConfigureAwait(false);
        // <mode> <object> <stage>\t<path>
        foreach (string line in exit != 0 ? [] : System.Text.Encoding.UTF8.GetString(output).Split('\0',
            StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t')[0].Split(' ') is not [_, string id, [char digit]] || digit is < '1' or > '3')
                continue;
            (int shown, byte[] content, string errors) = await RunAsync("cat-file", "blob", id).ConfigureAwait(false);
            stages[digit - '0'] = shown == 0 ? content : throw ProjectMessages.GitFailed(folder, errors);
        }
        return stages;
    }

    /// <summary>Sets a value in the configuration of the repository.</summary>
    /// <exception cref="HubException">WISE1091.</exception>
    public async Task SetAsync(string key, string value)
    {
        (int exit, _, string errors) = await RunAsync("config", "--local", key, value).ConfigureAwait(false);
        if (exit != 0)
            throw ProjectMessages.GitFailed(folder, errors);
    }

    private static string? FindGit() => Programs.Find("git", Environment.GetEnvironmentVariable);

    private async Task<(int ExitCode, byte[] Output, string Errors)> RunAsync(params string[] arguments)
    {
        string git = FindGit() ?? throw ProjectMessages.NoGit();
        // The repository could name a program for fsmonitor.
        ProcessStartInfo start = Programs.DescribeRedirected(git, ["-C", folder, "-c", "core.fsmonitor=false", .. arguments],
            Environment.GetEnvironmentVariable);
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            using var output = new MemoryStream();
            Task copied = process.StandardOutput.BaseStream.CopyToAsync(output, cancel);
            string errors = await process.StandardError.ReadToEndAsync(cancel).ConfigureAwait(false);
            await copied.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return (process.ExitCode, output.ToArray(), errors.Trim());
        }
        catch (Win32Exception e)
        {
            throw ProjectMessages.GitFailed(folder, e.Message);
        }
    }
}
