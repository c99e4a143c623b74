namespace WiseHub.Client;

/// <summary>
/// A private key for signing models (OpenSSF Model Signing 1.0, https://github.com/ossf/model-signing-spec), by its file. The key
/// is read when it is used. No message, file or child process gets it.
/// </summary>
/// <param name="KeyFile">
/// A PEM file with an EC key on P-256, P-384 or P-521: PKCS #8, encrypted or not, or the form of SEC 1.
/// </param>
public sealed record SigningKey(string KeyFile)
{
    /// <summary>The environment variable with the password of an encrypted key.</summary>
    public const string PasswordVariable = "WISEHUB_SIGN_PASSWORD";

    /// <summary>
    /// A PEM file with the certificate of the key, then the intermediate ones; null to sign with the key alone.
    /// </summary>
    public string? CertificateFile { get; init; }

    /// <summary>
    /// Called once if the key is encrypted; null = the variable <see cref="PasswordVariable"/> of the process.
    /// </summary>
    public Func<string?>? Password { get; init; }
}
