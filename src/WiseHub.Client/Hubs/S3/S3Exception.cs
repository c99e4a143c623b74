namespace WiseHub.Client.Hubs.S3;

/// <summary>A server's error response. The caller knows what it means and explains it to the user.</summary>
internal sealed class S3Exception(S3Error error, Exception? cause = null) : Exception(error.Message, cause)
{
    public S3Error Error { get; } = error;
}
