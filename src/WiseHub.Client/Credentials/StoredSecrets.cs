namespace WiseHub.Client.Credentials;

/// <summary>Secrets stored by <c>wisehub login</c>, each for exactly one origin.</summary>
internal sealed class StoredSecrets(CredentialFile file) : ISecretSource
{
    public SecretReach Reach => SecretReach.ExactOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        string wanted = TokenSource.Origin(origin);
        StoredCredential? stored = file.Read().FirstOrDefault(c => c.Origin == wanted && c.Kind == kind);
        return stored is null ? null : Secret.Read(stored.Secret, Text.Of($"the file {stored.File}"));
    }
}
