using System.Buffers.Binary;
using System.Text.Json.Serialization;

namespace WiseHub.EntryHost;

/// <summary>What the tool wants the host to run. It has no secrets: the code of a repo can read all of it.</summary>
internal sealed record EntryHostRequest
{
    /// <summary>The repo, for messages.</summary>
    public required string Repo { get; init; }

    /// <summary>The absolute path of <c>hubconf.dll</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The digest that it must have.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The assemblies that the host must have.</summary>
    public required IReadOnlyList<string> Dependencies { get; init; }

    /// <summary>The entry to call; null to load the DLL only.</summary>
    public string? Entry { get; init; }

    /// <summary>Texts by parameter name.</summary>
    public required IReadOnlyDictionary<string, string> Arguments { get; init; }
}

/// <summary>What the host answers: a failure if there is a code.</summary>
internal sealed class EntryHostResponse
{
    /// <summary>The full name of the loaded assembly.</summary>
    public string? Assembly { get; init; }

    /// <summary>What the entry returned, as text; null if it returned nothing.</summary>
    public string? Value { get; init; }

    /// <summary>The WISE code of the failure.</summary>
    public string? Code { get; init; }

    /// <summary>The message of the failure.</summary>
    public string? Message { get; init; }

    /// <summary>The stack trace of the failure.</summary>
    public string? Detail { get; init; }
}

/// <summary>JSON without reflection, for the native tool.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EntryHostRequest))]
[JsonSerializable(typeof(EntryHostResponse))]
internal sealed partial class EntryHostJson : JsonSerializerContext;

/// <summary>
/// The form of request and response on their pipes: a length and so many bytes of JSON. The length is needed because programs
/// that a repo's code starts may inherit a pipe and keep it open, so that its end is no sign. Before the response comes one byte
/// that says that the host runs.
/// </summary>
internal static class EntryExchange
{
    /// <summary>The version of this exchange, and the first byte from the host.</summary>
    public const byte Version = 1;

    /// <summary>The largest accepted response, far above any text that a person reads.</summary>
    public const int MaxResponse = 16 << 20;

    public static void Write(Stream pipe, ReadOnlySpan<byte> json)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
        pipe.Write(length);
        pipe.Write(json);
        pipe.Flush();
    }

    /// <exception cref="InvalidDataException">The length is negative or exceeds the limit.</exception>
    /// <exception cref="EndOfStreamException">The other side has closed the pipe.</exception>
    public static byte[] Read(Stream pipe, int max)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        pipe.ReadExactly(length);
        int count = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (count < 0 || count > max)
            throw new InvalidDataException();
        byte[] json = new byte[count];
        pipe.ReadExactly(json);
        return json;
    }
}
