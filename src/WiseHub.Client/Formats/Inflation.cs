using System.Buffers;
using System.IO.Hashing;

namespace WiseHub.Client.Formats;

/// <summary>Judges compressed content, and unpacks as little of it as tells.</summary>
internal sealed class Inflation
{
    private const int Window = 4096;

    private Inflation() { }

    /// <summary>How unpacking ended.</summary>
    public enum End
    {
        /// <summary>The first bytes told.</summary>
        Early,
        /// <summary>All was unpacked.</summary>
        Whole,
        /// <summary>The content is damaged, or the bytes that are there end in it.</summary>
        Damaged,
        /// <summary>The content is too large.</summary>
        TooLong,
    }

    /// <summary>How it ended.</summary>
    public End Ended { get; private set; }

    /// <summary>The verdict about what was unpacked; null if that does not tell.</summary>
    public FormatVerdict? Verdict { get; private set; }

    /// <summary>The bytes that were unpacked.</summary>
    public long Length { get; private set; }

    /// <summary>The checksum of what was unpacked.</summary>
    public uint Crc { get; private set; }

    /// <summary>Unpacks and judges.</summary>
    /// <param name="outer">The file that has the content.</param>
    /// <param name="path">The path of the content.</param>
    /// <param name="open">Opens the content, unpacked.</param>
    /// <param name="size">The size of the content, if a header states it.</param>
    public static Inflation Of(FormatSubject outer, string path, Func<Stream> open, long size)
    {
        var inflation = new Inflation();
        byte[] window = ArrayPool<byte>.Shared.Rent(Window);
        Stream content = open();
        try
        {
            int count = inflation.Fill(content, window.AsSpan(0, Window));
            outer.Work.Take(count);
            inflation.Length = count;
            if (count < Window || inflation.Ended == End.Damaged)
            {
                inflation.Finish(outer, path, new MemoryStream(window, 0, count, writable: false, publiclyVisible: true));
                return inflation;
            }
            var beginning = new MemoryStream(window, 0, count, writable: false, publiclyVisible: true);
            inflation.Verdict = FormatJudge.Judge(outer with
            {
                Path = path,
                Bytes = beginning,
                Size = Math.Max(size, count + 1L),
                Levels = outer.Levels - 1,
            });
            if (inflation.Verdict is null)
                inflation.ReadOn(outer, path, content, window.AsSpan(0, count));
            return inflation;
        }
        finally
        {
            content.Dispose();
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private void ReadOn(FormatSubject outer, string path, Stream content, Span<byte> window)
    {
        using var held = new MemoryStream();
        held.Write(window);
        long most = Math.Min(FormatWork.MostHeld - outer.Work.Held, outer.Work.Left);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (held.Length <= most)
            {
                outer.Cancel.ThrowIfCancellationRequested();
                int count = Fill(content, buffer);
                held.Write(buffer, 0, count);
                if (count < buffer.Length)
                    break;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        outer.Work.Take(held.Length);
        Length = held.Length;
        if (Length > most)
        {
            Ended = End.TooLong;
            return;
        }
        outer.Work.Held += held.Capacity;
        Finish(outer, path, held);
        outer.Work.Held -= held.Capacity;
    }

    private void Finish(FormatSubject outer, string path, MemoryStream held)
    {
        // What is damaged may be longer than what was unpacked: a loader reads up to the damage.
        if (Ended == End.Damaged && held.Length == 0)
            return;
        Verdict = FormatJudge.Judge(outer with
        {
            Path = path,
            Bytes = held,
            Size = Ended == End.Damaged ? held.Length + 1 : held.Length,
            Levels = outer.Levels - 1,
        });
        if (Ended != End.Damaged)
        {
            Crc = Crc32.HashToUInt32(held.GetBuffer().AsSpan(0, (int)held.Length));
            Ended = End.Whole;
        }
    }

    private int Fill(Stream content, Span<byte> buffer)
    {
        int total = 0;
        try
        {
            for (int count; total < buffer.Length && (count = content.Read(buffer[total..])) > 0;)
                total += count;
        }
        catch (InvalidDataException)
        {
            Ended = End.Damaged;
        }
        return total;
    }
}
