using System.Runtime.CompilerServices;
using WiseHub.Testing;

namespace WiseHub.Extensions.Hosting.Tests;

internal static class TestProfile
{
    // CA2255: a test program is no library; before any test runs is the only time that is early enough.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Leave() => TestEnvironment.LeaveProfile();
#pragma warning restore CA2255
}
