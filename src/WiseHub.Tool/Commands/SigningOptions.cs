using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>The options for a signing key, and the question for its password.</summary>
internal sealed class SigningOptions(Option<string?> key, Option<string?> certificates)
{
    public Option<string?> Key => key;

    public Option<string?> Certificates => certificates;

    /// <summary>The key that the user names; null for none.</summary>
    public SigningKey? Read(ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(key) is not string file)
            return parsed.GetValue(certificates) is null ? null : throw SignMessages.CertificatesWithoutKey();
        string full = Arguments.Resolve(file);
        return new SigningKey(full)
        {
            CertificateFile = parsed.GetValue(certificates) is string chain ? Arguments.Resolve(chain) : null,
            // An option would show it in the list of processes.
            Password = () => Environment.GetEnvironmentVariable(SigningKey.PasswordVariable) is { Length: > 0 } known ? known
                : Prompt.IsPossible ? Prompt.ReadSecretAsync(SignMessages.PasswordOf(full), cancel).GetAwaiter().GetResult()
                : null,
        };
    }
}
