using System.Formats.Tar;

namespace WiseHub.Client.Formats;

/// <summary>What a tar archive is, by the content of its files.</summary>
internal static class TarJudge
{
    private const int Block = 512, ChecksumAt = 148, ChecksumBytes = 8, MostFiles = 200_000;

    // GNU tar pads to 10 KiB, and others to more.
    private const long MostPadding = 1 << 20;

    /// <summary>True if the first block is a header: the only mark that all tar formats have is its checksum.</summary>
    public static bool IsTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < Block || head[0] == 0)
            return false;
        int stated = 0, digits = 0, sum = 0, signedSum = 0;
        foreach (byte digit in head.Slice(ChecksumAt, ChecksumBytes).Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return false;
            stated = stated * 8 + digit - '0';
            digits++;
        }
        for (int i = 0; i < Block; i++)
        {
            byte b = i is >= ChecksumAt and < ChecksumAt + ChecksumBytes ? (byte)' ' : head[i];
            sum += b;
            // Some old programs added signed bytes, and loaders accept it.
            signedSum += (sbyte)b;
        }
        return digits > 0 && (stated == sum || stated == signedSum);
    }

    /// <returns>Null if bytes that are not there must tell.</returns>
    public static FormatVerdict? Judge(FormatSubject subject)
    {
        if (subject.Levels == 0)
            return FormatVerdict.Of(FileFormats.UnknownTar, FormatMessages.NestedTooDeep);
        var fold = new ArchiveFold();
        Text? fault = null;
        try
        {
            fault = JudgeFiles(subject, fold);
        }
        // What .NET's reader throws about headers that are none.
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or OverflowException
            or NotSupportedException or ArgumentException)
        {
            fault = FormatMessages.TarMalformed;
        }
        if (fold.Code is null && !subject.IsComplete)
            return null;
        return fold.Verdict(FileFormats.Tar, FileFormats.UnknownTar, subject.IsComplete ? fault : null);
    }

    private static Text? JudgeFiles(FormatSubject subject, ArchiveFold fold)
    {
        Text? fault = null;
        subject.Bytes.Position = 0;
        using var tar = new TarReader(subject.Bytes, leaveOpen: true);
        byte[] header = new byte[Block];
        long end = 0;
        for (int files = 0; tar.GetNextEntry() is TarEntry entry; files++)
        {
            subject.Cancel.ThrowIfCancellationRequested();
            if (files == MostFiles)
                return FormatMessages.TooManyFiles(MostFiles);
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes)
                continue;
            long next = subject.Bytes.Position;
            // .NET's reader ignores the checksum, others end at a wrong one.
            if (entry.DataOffset >= Block && (subject.Bytes.ReadAt(entry.DataOffset - Block, header) < Block || !IsTar(header)))
                fault ??= FormatMessages.TarMalformed;
            end = entry.DataOffset < 0 ? next : entry.DataOffset + entry.Length;
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile))
                fault ??= FormatMessages.TarLink(entry.Name);
            if (entry.Length > 0 && entry.DataOffset >= 0)
                JudgeFile(subject, entry, fold);
            subject.Bytes.Position = next;
        }
        return fault ?? (subject.IsComplete && !EndsWithZeros(subject.Bytes, end) ? FormatMessages.TarTail : null);
    }

    private static void JudgeFile(FormatSubject subject, TarEntry entry, ArchiveFold fold)
    {
        long there = Math.Clamp(subject.Bytes.Length - entry.DataOffset, 0, entry.Length);
        FormatVerdict? verdict = FormatJudge.Judge(subject with
        {
            Path = entry.Name,
            Bytes = new SliceStream(subject.Bytes, entry.DataOffset, there),
            Size = entry.Length,
            Levels = subject.Levels - 1,
        });
        fold.Add(entry.Name, verdict ?? FormatVerdict.Of(FileFormats.Other, FormatMessages.TarMalformed));
    }

    // Behind the last file there is nothing but the zeros that end the archive.
    private static bool EndsWithZeros(Stream file, long from)
    {
        long length = file.Length - from;
        if (length > MostPadding)
            return false;
        byte[] rest = new byte[Math.Max(length, 0)];
        return rest.AsSpan(0, file.ReadAt(from, rest)).IndexOfAnyExcept((byte)0) < 0;
    }
}
