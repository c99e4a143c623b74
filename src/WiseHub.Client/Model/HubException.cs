using System.Runtime.CompilerServices;

namespace WiseHub.Client;

/// <summary>
/// A failure with a WISE code. The message says what failed, what the other side responded, and what to do next.
/// </summary>
public sealed partial class HubException : Exception
{
    // An interpolated string without holes is a constant, for which the compiler would prefer these two constructors.

    /// <summary>Makes a failure whose text is the same in every language.</summary>
    /// <param name="code">One of <see cref="WiseCodes"/>.</param>
    /// <param name="message">The whole text for the user; never contains a token or the query of a URL.</param>
    [OverloadResolutionPriority(-1)]
    public HubException(string code, string message) : this(code, message, null)
    {
    }

    /// <inheritdoc cref="HubException(string, string)"/>
    /// <param name="code">One of <see cref="WiseCodes"/>.</param>
    /// <param name="message">The whole text for the user; never contains a token or the query of a URL.</param>
    /// <param name="innerException">The cause, if any.</param>
    [OverloadResolutionPriority(-1)]
    public HubException(string code, string message, Exception? innerException) : base(message, innerException) => Code = code;

    /// <summary>Makes a failure whose text is in the language of the process.</summary>
    /// <inheritdoc cref="HubException(string, string)"/>
    public HubException(string code, LocalizedText message) : this(code, message, null)
    {
    }

    /// <inheritdoc cref="HubException(string, LocalizedText)"/>
    /// <inheritdoc cref="HubException(string, string, Exception?)"/>
    public HubException(string code, LocalizedText message, Exception? innerException)
        : base(message, innerException) => Code = code;

    /// <summary>One of <see cref="WiseCodes"/>.</summary>
    public string Code { get; }
}
