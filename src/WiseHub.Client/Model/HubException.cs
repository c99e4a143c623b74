namespace WiseHub.Client;

/// <summary>
/// A failure with a WISE code. The message says what failed, what the other side responded, and what to do next.
/// </summary>
/// <param name="code">One of <see cref="WiseCodes"/>.</param>
/// <param name="message">The whole text for the user; never contains a token or the query of a URL.</param>
/// <param name="innerException">The cause, if any.</param>
public sealed partial class HubException(string code, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>One of <see cref="WiseCodes"/>.</summary>
    public string Code { get; } = code;
}
