namespace WiseHub.Client.Formats;

/// <summary>A way from a configuration file to code.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Detail">
/// The source file, <c>modeling_x.py</c>; the other repo and its file, <c>owner/name--modeling_x.py</c>; or the suspicious part
/// of a template.
/// </param>
internal sealed record CodeReference(CodeReferenceKind Kind, string Detail);
