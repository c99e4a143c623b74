using System.Diagnostics;
using System.Globalization;
using WiseHub.Client;

// ensure|find ALIAS MANIFEST SHA256: prints the folder of the model; "find" prints nothing if a file is missing.
if (args is not ["ensure" or "find", string alias, string manifest, string sha256])
{
    await Console.Error.WriteLineAsync("usage: ensure|find ALIAS MANIFEST SHA256");
    return 2;
}
var model = new RunTimeModel(alias, manifest, sha256);
long start = Stopwatch.GetTimestamp();
try
{
    string? folder = args[0] == "find" ? model.TryFind() : await model.EnsureAsync();
    Console.WriteLine(folder);
    if (Environment.GetEnvironmentVariable("TEST_MODEL_TIMES") is { Length: > 0 })
    {
        // The first call compiles the code; the second shows what the work takes.
        long again = Stopwatch.GetTimestamp();
        model.TryFind();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"first {Stopwatch.GetElapsedTime(start, again).TotalMilliseconds:0.0} ms, second "
            + $"{Stopwatch.GetElapsedTime(again).TotalMilliseconds:0.0} ms"));
    }
    return 0;
}
catch (HubException e)
{
    await Console.Error.WriteLineAsync($"{e.Code}: {e.Message}");
    return 1;
}
