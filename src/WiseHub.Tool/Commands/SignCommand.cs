using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub sign</c>: the signature of a folder with a model.</summary>
internal static class SignCommand
{
    public static Command Create(string[] args)
    {
        var folder = new Argument<string>("folder") { Description = SignHelp.Folder };
        Arguments.RefuseOptions(folder, args);
        Option<string?> key = Arguments.Text("--key", "file", SignHelp.Key);
        key.Required = true;
        var options = new SigningOptions(key, Arguments.Text("--chain", "file", SignHelp.Certificates));
        Option<string?> output = Arguments.Text("--output", "file", SignHelp.Output);
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("sign", SignHelp.Sign) { folder, options.Key, options.Certificates, output, json };
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(json),
            Options = CommandRun.WithoutConfiguration,
        }.RunAsync((_, _) => FolderSigning.SignAsync(Arguments.Resolve(parsed.GetValue(folder)!), options.Read(parsed, cancel)!,
            parsed.GetValue(output) is string file ? Arguments.Resolve(file) : null, cancel), Print, Write));
        return command;
    }

    private static void Print(SignedFolder signed)
    {
        Console.Error.WriteLine(Failures.Printable(SignMessages.Signed(signed)));
        Console.Out.WriteLine(Failures.Printable(signed.SignatureFile));
    }

    private static void Write(Utf8JsonWriter json, SignedFolder signed)
    {
        json.WriteString("signature", signed.SignatureFile);
        json.WriteString("signer", signed.Signer);
        json.WriteNumber("files", signed.Files);
        json.WriteNumber("size", signed.Size);
        json.WriteBoolean("changed", signed.Changed);
    }
}
