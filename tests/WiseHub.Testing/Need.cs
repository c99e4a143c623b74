using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace WiseHub.Testing;

/// <summary>What a test can need, for <see cref="NeedsAttribute"/>.</summary>
public static class Need
{
    /// <summary>Linux: strace, mounts, <c>/proc</c>, <c>/dev/shm</c>.</summary>
    public const string Linux = "Linux";

    /// <summary>A Unix: mode bits, named pipes in folders, shell scripts as programs.</summary>
    public const string Unix = "Unix";

    /// <summary>Windows.</summary>
    public const string Windows = "Windows";

    /// <summary>A <c>git</c> on PATH.</summary>
    public const string Git = "git";

    /// <summary><c>git-lfs</c> on PATH.</summary>
    public const string GitLfs = "git-lfs";

    /// <summary><c>strace</c>, and the right to trace.</summary>
    public const string Strace = "strace";

    /// <summary>Node.js and npm.</summary>
    public const string Node = "node";

    /// <summary><c>nginx</c>.</summary>
    public const string Nginx = "nginx";

    /// <summary><c>script</c> of util-linux, which gives a program a terminal.</summary>
    public const string Script = "script";

    /// <summary><c>gcc</c>, which links native code of .NET.</summary>
    public const string Gcc = "gcc";

    /// <summary>A real <c>dotnet</c> on PATH, with an SDK.</summary>
    public const string Sdk = "sdk";

    /// <summary>The right to make symbolic links, which Windows gives only to some.</summary>
    public const string SymbolicLinks = "symlinks";

    /// <summary>The name <c>localhost</c> leads to this machine: not in a chroot without <c>/etc/hosts</c>.</summary>
    public const string Localhost = "localhost";

    /// <summary>Certificates can be made with their keys: not under Wine.</summary>
    public const string Certificates = "certificates";

    /// <summary>Root on Linux: mounts, other users.</summary>
    public const string Root = "root";

    /// <summary>A thread or process whose file access is limited by mode bits (see <see cref="OrdinaryUser"/>).</summary>
    public const string OrdinaryUser = "ordinary-user";

    /// <summary>Debian's <c>chromium</c>, a browser that tests control.</summary>
    public const string Chromium = "chromium";

    /// <summary>A system for which ONNX Runtime has native code: not macOS on Intel, and not musl.</summary>
    public const string OnnxRuntime = "onnxruntime";

    private static readonly ConcurrentDictionary<string, Lazy<string?>> Found = new(StringComparer.Ordinal);

    /// <summary>Whether this is about the system as a whole.</summary>
    public static bool IsSystem(string need) => need is Linux or Unix or Windows;

    /// <summary>Whether this machine has it.</summary>
    public static bool IsHere(string need) => WhyMissing(need) is null;

    /// <summary>A sentence that says what is missing; null where nothing is.</summary>
    public static string? WhyMissing(string need) => Found.GetOrAdd(need, n => new Lazy<string?>(() => Look(n))).Value;

    private static string? Look(string need) => need switch
    {
        Linux => OperatingSystem.IsLinux() ? null : "This test is for Linux.",
        Unix => !OperatingSystem.IsWindows() ? null : "This test is for Linux and macOS.",
        Windows => OperatingSystem.IsWindows() ? null : "This test is for Windows.",
        Node => MissingProgram("node") ?? MissingProgram("npm"),
        Sdk => MissingProgram("dotnet"),
        Strace => MissingProgram("strace"),
        Root => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? null : "Only root on Linux can do this.",
        OrdinaryUser => !OperatingSystem.IsWindows() && (OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) ? null
            : "This system has no mode bits, or this process is root and cannot give a thread another user.",
        Localhost => HasLocalhost() ? null : "The name 'localhost' is not known here.",
        Certificates => CanMakeCertificates() ? null : "This system cannot make a certificate with its key.",
        OnnxRuntime => RuntimeInformation.RuntimeIdentifier is "osx-x64" || RuntimeInformation.RuntimeIdentifier.Contains("musl",
            StringComparison.Ordinal) ? "ONNX Runtime has no native code for this system." : null,
        SymbolicLinks => CanLink() ? null : "This user may not make symbolic links.",
        Git or GitLfs or Nginx or Script or Gcc or Chromium => MissingProgram(need),
        _ => throw new ArgumentException($"'{need}' is not one of the needs that tests can name.", nameof(need)),
    };

    private static string? MissingProgram(string program)
    {
        string name = OperatingSystem.IsWindows() && !program.Contains('.', StringComparison.Ordinal)
            ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified).Any(f => File.Exists(Path.Combine(f, name))) ? null
            : $"'{program}' is not installed.";
    }

    private static bool HasLocalhost()
    {
        try
        {
            return Dns.GetHostAddresses("localhost").Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool CanMakeCertificates()
    {
        try
        {
            FileServer.SelfSigned().Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool CanLink()
    {
        using var temp = new TempFolder();
        temp.Write("target", "x");
        try
        {
            File.CreateSymbolicLink(temp["link"], temp["target"]);
            // Wine says yes to a link that nothing can be read through.
            return new FileInfo(temp["link"]).LinkTarget is not null && File.ReadAllText(temp["link"]) == "x";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
