namespace WiseHub.Client.Signatures;

/// <summary>Whether a certificate leads to a root.</summary>
internal enum PathResult
{
    /// <summary>It does.</summary>
    Valid,
    /// <summary>It would at another time.</summary>
    Expired,
    /// <summary>It does not, or may not.</summary>
    Unknown,
}
