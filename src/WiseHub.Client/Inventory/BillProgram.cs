namespace WiseHub.Client;

/// <summary>The program that a list of materials describes.</summary>
/// <param name="Name">Its name, for example that of its assembly.</param>
/// <param name="Version">Its version; null if it is not known.</param>
public sealed record BillProgram(string Name, string? Version = null);
