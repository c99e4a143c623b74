using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub cache dir</c>.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var dir = new Command("dir", "Prints the root of the cache: WISEHUB_CACHE, else the user's cache folder.");
        dir.SetAction(_ =>
        {
            // Without the configuration: a mistake in wisehub.json must not hide where the cache is.
            using var client = new HubClient();
            Console.Out.WriteLine(client.CacheRoot);
            return ExitCodes.Done;
        });
        return new Command("cache", "Works with the cache of this machine.") { dir };
    }
}
