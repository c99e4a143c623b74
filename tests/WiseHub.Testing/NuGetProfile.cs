namespace WiseHub.Testing;

/// <summary>A home folder for <c>dotnet</c> that is new to NuGet.</summary>
public static class NuGetProfile
{
    /// <summary>
    /// Makes a home folder in which NuGet has nothing to migrate. In one that it does not know, it sets the mode of every folder
    /// above its configuration to 755, <c>/tmp</c> included: after that no other user of the machine can make a temporary file.
    /// </summary>
    /// <param name="home">The folder; made when it is not there.</param>
    public static void Make(string home)
    {
        string done = Directory.CreateDirectory(Path.Combine(home, ".local", "share", "NuGet", "Migrations")).FullName;
        File.WriteAllText(Path.Combine(done, "1"), "");
    }
}
