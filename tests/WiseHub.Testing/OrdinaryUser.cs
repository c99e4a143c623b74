using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace WiseHub.Testing;

/// <summary>Somebody whom the rights of files bind: root reads everything, and CI is often root.</summary>
public static partial class OrdinaryUser
{
    private const uint Root = 0, Nobody = 65534;

    /// <summary>Runs something in a thread that looks at files as an ordinary user does. It must stay in that thread.</summary>
    public static void Run(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!Environment.IsPrivilegedProcess)
        {
            action();
            return;
        }
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Only Linux gives a thread a user of its own for files.");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            _ = SetFileUser(Nobody);
            try
            {
                action();
            }
            // Told in the caller's thread.
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _ = SetFileUser(Root);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint user);
}
