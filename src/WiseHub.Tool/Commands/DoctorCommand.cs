using System.CommandLine;
using System.Text.Json;
using WiseHub.Tool.Doctor;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub doctor</c>: prints one line for each check, and what to do about those that failed.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<string?> lockFile = Arguments.Text("--lock", "file", ToolHelp.DoctorLock);
        var offline = new Option<bool>("--offline") { Description = ToolHelp.DoctorOffline };
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("doctor", ToolHelp.Doctor) { lockFile, offline, json };
        command.SetAction(async (parsed, cancel) =>
        {
            IReadOnlyList<Check> checks = await new Examination(parsed.GetValue(lockFile), parsed.GetValue(offline))
                .RunAsync(cancel).ConfigureAwait(false);
            if (parsed.GetValue(json))
                JsonOutput.Write(writer => Write(writer, checks));
            else
                Print(checks);
            return checks.Any(c => c.Result == CheckResult.Fail) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<Check> checks)
    {
        int width = checks.Max(c => c.Name.Length);
        foreach (Check check in checks)
        {
            Console.Out.WriteLine(Failures.Printable($"{Word(check.Result),-4}  {check.Name.PadRight(width)}  {check.Message}"));
            if (check.Remedy is string remedy)
                Console.Out.WriteLine(Failures.Printable($"      {new string(' ', width)}  {remedy}"));
        }
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<Check> checks)
    {
        JsonOutput.WriteList(json, "checks", checks, check =>
        {
            json.WriteString("name", check.Name);
            json.WriteString("result", Word(check.Result));
            json.WriteString("message", check.Message);
            json.WriteString("remedy", check.Remedy);
        });
        json.WriteNumber("warnings", checks.Count(c => c.Result == CheckResult.Warn));
        json.WriteNumber("failures", checks.Count(c => c.Result == CheckResult.Fail));
    }

    private static string Word(CheckResult result) => result switch
    {
        CheckResult.Ok => "ok",
        CheckResult.Warn => "warn",
        _ => "fail",
    };
}
