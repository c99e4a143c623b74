using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// The credentials that the AWS SDK finds: profiles, a container's and an instance's. A class of its own, because naming the
/// SDK's types loads the SDK.
/// </summary>
internal static class AwsChain
{
    private const string Default = "default";

    /// <returns>The current keys, null for anonymous access; their region; their origin, for messages.</returns>
    /// <exception cref="HubException">WISE1030: a profile that is missing or cannot be used.</exception>
    public static (Func<AccessKeys>? Keys, string? Region, string Source) Find(
        HubDefinition hub, string? profile, AwsFiles files, Func<string, string?> value)
    {
        var chain = new CredentialProfileStoreChain(files.Credentials);
        string source = (Text)$"the profile '{profile ?? Default}' ({files.Credentials})";
        if (Try(() => chain.TryGetProfile(profile ?? Default, out CredentialProfile found) ? found : null)
            is CredentialProfile known)
        {
            AWSCredentials credentials = Try(() => known.GetAWSCredentials(chain))!;
            return (() => Read(credentials), known.Region?.SystemName, source);
        }
        if (profile is not null)
            throw Unusable((Text)$"neither {files.Credentials} nor {files.Config} has this profile", null);
        if (value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is not null
            || value("AWS_CONTAINER_CREDENTIALS_FULL_URI") is not null)
        {
            source = (Text)$"the container's credentials";
            var container = new GenericContainerCredentials();
            return (() => Read(container), null, source);
        }
        if (!string.Equals(value("AWS_EC2_METADATA_DISABLED"), "false", StringComparison.OrdinalIgnoreCase))
            return (null, null, "none");
        source = (Text)$"the instance role";
        var role = new Lazy<AWSCredentials>(() => new InstanceProfileAWSCredentials());
        return (() => Read(Try(() => role.Value)!), null, source);

        AccessKeys Read(AWSCredentials credentials)
        {
            ImmutableCredentials now = Try(credentials.GetCredentials)!;
            return new AccessKeys(now.AccessKey, now.SecretKey, now.Token);
        }

        // The SDK reports problems by several kinds of exceptions, such as InvalidOperationException for one of its assemblies
        // that is missing.
        T? Try<T>(Func<T?> read) where T : class
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException or HubException))
            {
                throw Unusable(e.Message, e);
            }
        }

        HubException Unusable(string problem, Exception? cause) => S3Messages.KeysUnusable(hub.Name, source, problem, cause);
    }
}
