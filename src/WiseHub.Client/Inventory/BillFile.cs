namespace WiseHub.Client.Inventory;

/// <summary>A file of a repo in a list of materials.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes; null if the hub does not state them.</param>
/// <param name="Sha256">Digest of the content; null if the hub does not state it.</param>
/// <param name="Waived">The kind of code that the reference waives; null for data.</param>
internal sealed record BillFile(string Path, long? Size, Digest? Sha256, string? Waived = null);
