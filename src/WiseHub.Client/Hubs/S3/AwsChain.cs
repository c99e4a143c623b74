using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// What the AWS SDK finds: profiles of its files, a container's and an instance's credentials. Apart from the rest, because
/// naming its types loads the SDK.
/// </summary>
internal static class AwsChain
{
    private const string Default = "default";

    /// <returns>The keys of the moment, null for nobody's; the region that goes with them; where they come from.</returns>
    /// <exception cref="HubException">WISE1030: a profile that is missing or cannot be used.</exception>
    public static (Func<AccessKeys>? Keys, string? Region, string Source) Find(
        HubDefinition hub, string? profile, AwsFiles files, Func<string, string?> value)
    {
        var chain = new CredentialProfileStoreChain(files.Credentials);
        string source = $"the profile '{profile ?? Default}' ({files.Credentials})";
        if (Try(() => chain.TryGetProfile(profile ?? Default, out CredentialProfile found) ? found : null)
            is CredentialProfile known)
        {
            AWSCredentials credentials = Try(() => known.GetAWSCredentials(chain))!;
            return (() => Read(credentials), known.Region?.SystemName, source);
        }
        if (profile is not null)
            throw Unusable($"there is no such profile in {files.Credentials} or {files.Config}", null);
        if (value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is not null
            || value("AWS_CONTAINER_CREDENTIALS_FULL_URI") is not null)
        {
            source = "the container's credentials";
            var container = new GenericContainerCredentials();
            return (() => Read(container), null, source);
        }
        if (!string.Equals(value("AWS_EC2_METADATA_DISABLED"), "false", StringComparison.OrdinalIgnoreCase))
            return (null, null, "none");
        source = "the instance role";
        var role = new Lazy<AWSCredentials>(() => new InstanceProfileAWSCredentials());
        return (() => Read(Try(() => role.Value)!), null, source);

        AccessKeys Read(AWSCredentials credentials)
        {
            ImmutableCredentials now = Try(credentials.GetCredentials)!;
            return new AccessKeys(now.AccessKey, now.SecretKey, now.Token);
        }

        // The SDK says what it does not like by several kinds of exceptions, also such as InvalidOperationException for a part of
        // it that is not there.
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

        HubException Unusable(string problem, Exception? cause) => new(WiseCodes.AccessKeysMissing,
            $"The hub '{hub.Name}': {source} cannot be used: {problem.Trim().TrimEnd('.')}. Correct it, "
            + "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; what needs a login (SSO, roles) is turned into such variables "
            + "by 'aws configure export-credentials --format env'.", cause);
    }
}
