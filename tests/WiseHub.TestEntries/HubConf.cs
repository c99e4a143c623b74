using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Acme.Models;

/// <summary>
/// Entries for the tests. Whoever only looks at them must not find the file that running anything of this
/// assembly leaves beside it.
/// </summary>
public static class HubConf
{
    static HubConf() => Leave("class");

    /// <summary>
    /// Builds a tiny model, like <see cref="List{T}"/>.
    /// </summary>
    /// <param name="layers">How many layers.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="pretrained">Reads weights.bin.</param>
    /// <returns>A text.</returns>
    public static string Tiny(int layers, string name = "tiny", bool pretrained = false) =>
        $"{name}:{layers}:{(pretrained ? File.ReadAllText(Path.Combine(Folder, "weights.bin")) : "random")}";

    /// <summary>Takes what a command line can say.</summary>
    public static string Kinds(double factor, DayOfWeek day, Uri? from = null, long? most = null, params string[] names) =>
        FormattableString.Invariant($"{factor} {day} {from} {most} {string.Join('+', names)}");

    /// <summary>Gives something of this assembly, later.</summary>
    public static async Task<object> LaterAsync(CancellationToken cancel)
    {
        await Task.Yield();
        cancel.ThrowIfCancellationRequested();
        return new Model();
    }

    /// <summary>Fails.</summary>
    public static void Fails() => throw new OutOfModelsException();

    /// <summary>Does what only code in a process of its own may do.</summary>
    public static async Task<object?> ActAsync(string what, string text = "")
    {
        switch (what)
        {
            case "number":
                return 1234.5;
            case "enum":
                return DayOfWeek.Friday;
            case "array":
                return (int[])[1, 2];
            case "nothing":
                return null;
            case "model":
                return new Model();
            case "unprintable":
                return new Unprintable();
            case "length":
                return new string('x', int.Parse(text, CultureInfo.InvariantCulture));
            case "folder":
                return $"{Environment.CurrentDirectory}|{Folder}";
            case "input":
                return await Console.In.ReadToEndAsync() + "|";
            case "variables":
                return string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal));
            case "print":
                Console.WriteLine("out: Jürgen 你好 \u001b[2J");
                await Console.Error.WriteAsync("err: " + text);
                return "printed";
            case "exit":
                Environment.Exit(int.Parse(text, CultureInfo.InvariantCulture));
                return null;
            case "recurse":
                return Recurse(1);
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                return null;
            // Starts a program, and writes its number into a file.
            case "start":
            case "start-and-hang":
                using (Process other = Process.Start(new ProcessStartInfo("sleep", "600"))!)
                    await File.WriteAllTextAsync(text, other.Id.ToString(CultureInfo.InvariantCulture));
                if (what != "start")
                    await Task.Delay(Timeout.Infinite);
                return "started";
            // The last argument of the host is its pipe for the response.
            case "forge":
                await using (var pipe = new System.IO.Pipes.AnonymousPipeClientStream(
                    System.IO.Pipes.PipeDirection.Out, Environment.GetCommandLineArgs()[^1]))
                    await pipe.WriteAsync(Convert.FromHexString(text));
                return "forged";
            default:
                throw new ArgumentException(what);
        }
    }

    // The compiler must not make a loop of it.
    private static int Recurse(int depth) => depth < 0 ? 0 : Recurse(depth + 1) + Recurse(depth + 2);

    /// <summary>No entry, because it is not public.</summary>
    internal static void Hidden()
    {
    }

    /// <summary>No entry, because it is generic.</summary>
    public static T Generic<T>(T value) => value;

    /// <summary>No entry, because it is a property.</summary>
    public static string Folder => Path.GetDirectoryName(typeof(HubConf).Assembly.Location)!;

    private static void Leave(string what) => File.WriteAllText(Path.Combine(Folder, $"ran-{what}"), what);

    // CA2255: to run as soon as the assembly is loaded is the point of it here.
#pragma warning disable CA2255
    [ModuleInitializer]
    internal static void Initialise() => Leave("module");
#pragma warning restore CA2255
}

/// <summary>A type of this assembly.</summary>
public sealed class Model;

/// <summary>A value whose text cannot be made.</summary>
public sealed class Unprintable
{
    /// <inheritdoc/>
    public override string ToString() => throw new OutOfModelsException();
}

/// <summary>An exception of this assembly.</summary>
public sealed class OutOfModelsException() : Exception("no models left");
