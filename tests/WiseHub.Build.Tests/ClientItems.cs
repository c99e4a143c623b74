using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace WiseHub.Build.Tests;

/// <summary>The item that the targets describe for all task calls.</summary>
internal static class ClientItems
{
    /// <summary>The item of a project <c>App.csproj</c>, with a configuration, a lock file and a cache in its folder.</summary>
    public static ITaskItem Of(string folder, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem("WiseHub");
        item.SetMetadata("ProjectFile", Path.Combine(folder, "App.csproj"));
        item.SetMetadata("ConfigFile", Path.Combine(folder, "wisehub.json"));
        item.SetMetadata("LockFile", Path.Combine(folder, "wise.lock.json"));
        item.SetMetadata("CacheDirectory", Path.Combine(folder, "cache"));
        foreach ((string name, string value) in metadata)
            item.SetMetadata(name, value);
        return item;
    }
}
