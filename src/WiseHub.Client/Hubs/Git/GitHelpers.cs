using System.ComponentModel;
using System.Diagnostics;
using WiseHub.Client.Credentials;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The credential helpers of git, run by <c>git credential fill</c> (git-credential(1)). They must not prompt the user, neither
/// on the terminal nor in a window; a helper that waits for input is stopped.
/// </summary>
internal sealed class GitHelpers(Func<string, string?> environment, IHubLog log) : ISecretSource
{
    // A helper that starts another program (gh, a key ring) takes well below a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // The variables that git and its helpers need. Those of a surrounding git (GIT_DIR in a hook) must not redirect it.
    private static readonly string[] Passed = ["PATH", "HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
        "GIT_EXEC_PATH", "USER", "LOGNAME", "LANG", "TMPDIR", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA",
        "PROGRAMDATA", "SystemRoot", "TEMP", "TMP", "PATHEXT", "COMSPEC"];

    public SecretReach Reach => SecretReach.TrustedOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        if (kind != SecretKind.Token || hub.Settings?.AsksCredentialHelper(origin) != true
            || Programs.Find("git", environment) is not string git)
            return null;
        Dictionary<string, string> response = Ask(git, $"protocol={origin.Scheme}\nhost={origin.Authority}\n\n");
        return response.TryGetValue("password", out string? password)
            ? Secret.Read(password, (Text)$"git's credential helper", response.GetValueOrDefault("username")) : null;
    }

    private Dictionary<string, string> Ask(string git, string request)
    {
        ProcessStartInfo start = Programs.DescribeRedirected(git,
            ["-c", "credential.interactive=false", "credential", "fill"], environment);
        start.Environment.Clear();
        foreach (string name in Passed)
        {
            if (environment(name) is string value)
                start.Environment[name] = value;
        }
        Programs.Protect(start, environment);
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        // Set but empty: otherwise git would use core.askPass.
        start.Environment["GIT_ASKPASS"] = "";
        start.Environment["SSH_ASKPASS"] = "";
        start.Environment["GCM_INTERACTIVE"] = "never";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            process.StandardInput.Write(request);
            process.StandardInput.Close();
            if (!Task.WhenAll(output, errors).Wait(Patience) || !process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                log.Detail((Text)$"git's credential helper did not answer within {Patience.TotalSeconds} s and was stopped.");
                return [];
            }
            // Another exit code: no helper knows the host, and git may not prompt.
            return process.ExitCode == 0 ? Parse(output.Result) : [];
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            log.Detail((Text)$"git's credential helper cannot be run: {e.Message}");
            return [];
        }
    }

    private static Dictionary<string, string> Parse(string response)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in response.Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals)
                values[line[..equals]] = line[(equals + 1)..].TrimEnd('\r');
        }
        return values;
    }
}
