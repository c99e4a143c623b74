namespace WiseHub.Client.Tests.Formats;

/// <summary>A file of a zip that a test writes, with what its headers say where that is not the truth.</summary>
internal sealed record ZipPart(string Name, byte[] Content)
{
    public bool IsDeflated { get; init; }

    public int Flags { get; init; }

    public string? LocalName { get; init; }

    public int? Method { get; init; }

    public int? LocalMethod { get; init; }

    public int? LocalFlags { get; init; }

    public uint? Crc { get; init; }

    public uint? LocalSize { get; init; }

    public uint? Size { get; init; }

    public byte[] Before { get; init; } = [];

    public byte[] Extra { get; init; } = [];

    public bool HasDescriptor { get; init; }

    public bool IsInDirectory { get; init; } = true;
}
