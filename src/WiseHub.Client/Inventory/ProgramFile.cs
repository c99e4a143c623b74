namespace WiseHub.Client;

/// <summary>A file of a program, for its provenance.</summary>
/// <param name="Name">Its path in the program, with <c>/</c>.</param>
/// <param name="Sha256">The digest of its content.</param>
public sealed record ProgramFile(string Name, Digest Sha256);
