namespace WiseHub.Testing;

/// <summary>
/// The whole environment of a client under test. The user's folders are below a folder of the test, so that no test reads or
/// writes the profile of whoever runs it, and no variable of the machine gets in unless the test says so.
/// </summary>
public sealed class TestEnvironment
{
    private static readonly string NoProfile = Path.Combine(Path.GetTempPath(), "wisehub-test-no-profile-"
        + Guid.NewGuid().ToString("N"));

    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <param name="home">The user's home folder; need not be there.</param>
    /// <param name="variables">Further ones.</param>
    public TestEnvironment(string home, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        SetHome(home);
        foreach ((string name, string value) in variables)
            this[name] = value;
    }

    /// <summary>An environment with no variables and a profile that is not there.</summary>
    public static Func<string, string?> Empty { get; } = new TestEnvironment(NoProfile).Read;

    /// <summary>A variable; <c>HOME</c> moves the whole profile on every system.</summary>
    public string this[string name]
    {
        set
        {
            if (name == "HOME")
                SetHome(value);
            else
                _variables[name] = value;
        }
    }

    /// <summary>An environment with some variables and a profile that is not there.</summary>
    public static Func<string, string?> With(params ReadOnlySpan<(string Name, string Value)> variables) =>
        new TestEnvironment(NoProfile, variables).Read;

    /// <summary>An environment by a function, with a profile that is not there.</summary>
    public static Func<string, string?> With(Func<string, string?> variables) => name => variables(name) ?? Empty(name);

    /// <summary>What a client is given.</summary>
    public string? Read(string name) => _variables.GetValueOrDefault(name);

    /// <summary>Lets it find the programs of this machine.</summary>
    public void UsePrograms() => this["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>
    /// Moves the profile of this whole process to a folder that is not there: also code under test that is given no environment,
    /// and processes that it starts, find nothing of the user's. For the module initializer of a test program.
    /// </summary>
    public static void LeaveProfile()
    {
        foreach ((string name, string value) in new TestEnvironment(NoProfile)._variables)
            Environment.SetEnvironmentVariable(name, value);
        foreach (string name in (string[])["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "NETRC"])
            Environment.SetEnvironmentVariable(name, null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Directory.Exists(NoProfile))
                Directory.Delete(NoProfile, recursive: true);
        };
    }

    // As a profile looks on Unix also on Windows, so that tests name files in it once.
    private void SetHome(string home)
    {
        _variables["HOME"] = home;
        if (!OperatingSystem.IsWindows())
            return;
        _variables["USERPROFILE"] = home;
        _variables["APPDATA"] = Path.Combine(home, ".config");
        _variables["LOCALAPPDATA"] = Path.Combine(home, ".cache");
    }
}
