namespace WiseHub.Client;

/// <summary>A hub that serves bytes before the origin.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="Write">Restored commits are written to it.</param>
public sealed record MirrorDefinition(string Hub, bool Write);
