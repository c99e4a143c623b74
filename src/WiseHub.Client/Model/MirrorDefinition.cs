namespace WiseHub.Client;

/// <summary>A hub that is asked for bytes before the origin.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="Write">What was restored is written to it.</param>
public sealed record MirrorDefinition(string Hub, bool Write);
