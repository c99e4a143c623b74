namespace WiseHub.Client.Formats;

/// <summary>What one pass over a file tells.</summary>
/// <param name="Fault">What is wrong; null if nothing is, or if the file has no header.</param>
/// <param name="Facts">The facts; null if there is a fault, or no header of a model.</param>
/// <param name="Companions">The files that it needs; none if there is a fault.</param>
internal sealed record HeaderInspection(HeaderFault? Fault, HeaderFacts? Facts, IReadOnlyList<Companion> Companions)
{
    /// <summary>Of a file without a header, or of one that is not complete.</summary>
    public static HeaderInspection None { get; } = new(null, null, []);
}
