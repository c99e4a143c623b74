using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace WiseHub.Client.Files;

/// <summary>
/// Windows' Restart Manager, which lists the programs that have a file open. It can take seconds, so it is only used for errors.
/// </summary>
[SupportedOSPlatform("windows")]
internal static partial class RestartManager
{
    // RM_PROCESS_INFO: a process id and start time, 256 characters of the program's name, 64 of a service, four numbers.
    private const int InfoSize = 668, NameAt = 12, NameCharacters = 256;

    // CCH_RM_SESSION_KEY and a zero.
    private const int KeyCharacters = 33;

    // A message lists at most this many.
    private const int MostPrograms = 4;

    /// <summary>Name and process id of each program; null if unknown.</summary>
    public static string? UsersOf(string path)
    {
        try
        {
            return RmStartSession(out uint session, 0, new byte[KeyCharacters * sizeof(char)]) == 0 ? Ask(session, path) : null;
        }
        // The smallest editions of Windows Server Core do not have it.
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static string? Ask(uint session, string path)
    {
        try
        {
            byte[] found = new byte[InfoSize * MostPrograms];
            uint count = MostPrograms;
            if (RmRegisterResources(session, 1, [path], 0, 0, 0, 0) != 0
                || RmGetList(session, out uint _, ref count, found, out uint _) != 0 || count == 0)
                return null;
            return string.Join(" and ",
                Enumerable.Range(0, (int)count).Select(i => Describe(found.AsSpan(i * InfoSize, InfoSize))));
        }
        finally
        {
            // A failure to end the session does not affect the result.
            _ = RmEndSession(session);
        }
    }

    private static string Describe(ReadOnlySpan<byte> program)
    {
        string name = Encoding.Unicode.GetString(program.Slice(NameAt, NameCharacters * sizeof(char)));
        return (Text)$"{PathRules.Printable(name.Split('\0')[0])} (process {BinaryPrimitives.ReadInt32LittleEndian(program)})";
    }

    [LibraryImport("rstrtmgr", EntryPoint = "RmStartSession")]
    private static partial int RmStartSession(out uint session, uint flags, [Out] byte[] key);

    [LibraryImport("rstrtmgr", EntryPoint = "RmRegisterResources", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int RmRegisterResources(
        uint session, uint files, string[] paths, uint programs, nint processes, uint services, nint names);

    [LibraryImport("rstrtmgr", EntryPoint = "RmGetList")]
    private static partial int RmGetList(uint session, out uint needed, ref uint count, [Out] byte[] found, out uint reasons);

    [LibraryImport("rstrtmgr", EntryPoint = "RmEndSession")]
    private static partial int RmEndSession(uint session);
}
