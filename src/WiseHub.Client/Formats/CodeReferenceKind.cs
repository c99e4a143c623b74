namespace WiseHub.Client.Formats;

/// <summary>How a configuration file leads to code.</summary>
internal enum CodeReferenceKind
{
    /// <summary>It names a source file of its own repo, which runs with <c>trust_remote_code</c>.</summary>
    OwnCode,
    /// <summary>It names a source file of another repo, at whatever revision that has then.</summary>
    OtherRepo,
    /// <summary>Its chat template reaches for more than data.</summary>
    Template,
}
