using System.IO.Compression;

namespace WiseHub.Client.Formats;

/// <summary>
/// What a zip is, by the content of its files. Loaders ignore checksums and flags, so a file is looked into whatever they say.
/// </summary>
internal static class ZipJudge
{
    // What is searched for local headers if the directory is wrong or not there, and how many are looked into.
    private const long MostScanned = 64 << 20;

    private const int MostScannedMembers = 10_000;

    // The checksum of a stored file costs reading it.
    private const long MostChecked = 1 << 20;

    // Zip files of tensors and texts have a tenth of it; deflate ends at 1,032.
    private const long MostRatio = 500, RatioFrom = 16 << 20;

    /// <returns>Null if bytes that are not there must tell.</returns>
    public static FormatVerdict? Judge(FormatSubject subject)
    {
        if (subject.Levels == 0)
            return FormatVerdict.Of(FileFormats.UnknownZip, FormatMessages.NestedTooDeep);
        // Thousands of classes say no more than the name.
        if (FormatNames.IsProgram(subject.Name))
            return FormatVerdict.Of(FileFormats.Program, FormatMessages.NameOfProgram);
        var fold = new ArchiveFold();
        if (!subject.IsComplete)
        {
            List<ZipMember> local = Scan(subject, fold);
            return OfNames(local, fold, null) ?? (fold.Code is null ? null : Verdict(subject, local, fold, null));
        }
        ZipDirectory directory = ZipDirectory.Read(subject.Bytes, subject.Cancel);
        Text? fault = directory.Fault;
        if (fault is null)
        {
            fault = JudgeMembers(subject, directory.Members, fold);
            return Verdict(subject, directory.Members, fold, fault);
        }
        List<ZipMember> all = [.. directory.Members, .. Scan(subject, fold)];
        foreach (ZipMember member in directory.Members.Take(MostScannedMembers))
            JudgeAnyhow(subject, member, fold);
        return Verdict(subject, all, fold, fault);
    }

    private static FormatVerdict Verdict(FormatSubject subject, IReadOnlyList<ZipMember> members, ArchiveFold fold, Text? fault)
    {
        if (OfNames(members, fold, fault) is FormatVerdict named)
            return named;
        if (fold.HasPickle)
        {
            return new FormatVerdict(fold.Code!.Format == FileFormats.NumpyObjects ? FileFormats.NumpyObjects
                : FileFormats.PyTorch, fold.Imports, fault ?? FormatMessages.Member(fold.CodePath, fold.Code.Format.Name));
        }
        // What an unpickler may get is refused if two readers may see two files.
        if (fold.Code is null && fault is not null && FormatNames.IsUnpickled(subject.Name))
            return FormatVerdict.Of(FileFormats.PyTorch, fault);
        bool isNumpy = members.Count > 0 && members.All(m => m.Name.EndsWith(".npy", StringComparison.Ordinal));
        return fold.Verdict(isNumpy ? FileFormats.Numpy : FileFormats.Zip, isNumpy ? FileFormats.UnknownNumpy
            : FileFormats.UnknownZip, fault);
    }

    // TorchScript, Keras and PyTorch name their files.
    private static FormatVerdict? OfNames(IReadOnlyList<ZipMember> members, ArchiveFold fold, Text? fault)
    {
        bool hasCode = false, hasConstants = false, hasPickle = false, hasConfig = false, hasKeras = false;
        foreach (ZipMember member in members)
        {
            string name = member.Name;
            int slash = name.IndexOf('/', StringComparison.Ordinal);
            ReadOnlySpan<char> below = name.AsSpan(slash + 1);
            hasCode |= slash > 0 && below.StartsWith("code/", StringComparison.Ordinal);
            hasConstants |= below.SequenceEqual("constants.pkl");
            hasPickle |= below.SequenceEqual("data.pkl");
            hasConfig |= name == "config.json";
            hasKeras |= name is "metadata.json" or "model.weights.h5" or "model.weights.npz" or "model.weights.json";
        }
        FileFormat? format = hasCode && hasConstants ? FileFormats.TorchScript : hasPickle ? FileFormats.PyTorch
            : hasConfig && hasKeras ? FileFormats.Keras : null;
        return format is null ? null : new FormatVerdict(format, fold.Imports, fault);
    }

    private static Text? JudgeMembers(FormatSubject subject, IReadOnlyList<ZipMember> members, ArchiveFold fold)
    {
        Text? fault = null;
        foreach (ZipMember member in members)
        {
            subject.Cancel.ThrowIfCancellationRequested();
            // A folder.
            if (member.Size == 0 && member.Packed == 0)
                continue;
            // More files change only the list of imports.
            if (fold.HasPickle && !FormatNames.IsUnpickled(FormatNames.FileName(member.Name)))
                continue;
            fold.Add(member.Name, member.Method == ZipMember.Stored ? OfStored(subject, member, ref fault)
                : OfDeflated(subject, member, ref fault));
        }
        return fault;
    }

    private static FormatVerdict OfStored(FormatSubject subject, ZipMember member, ref Text? fault)
    {
        if (member.Packed <= MostChecked && Checksum(subject, member) != member.Crc)
            fault ??= FormatMessages.ZipChecksum(member.Name);
        return FormatJudge.Judge(Part(subject, member)) ?? Unread(member.Packed);
    }

    private static FormatVerdict OfDeflated(FormatSubject subject, ZipMember member, ref Text? fault)
    {
        if (member.Size > RatioFrom && member.Size / MostRatio > member.Packed)
            fault ??= FormatMessages.ZipBomb;
        Inflation content = Inflate(subject, member);
        if (content.Ended == Inflation.End.Damaged || (content.Ended == Inflation.End.Whole && content.Length != member.Size))
            fault ??= FormatMessages.ZipSize(member.Name);
        else if (content.Ended == Inflation.End.Whole && content.Crc != member.Crc)
            fault ??= FormatMessages.ZipChecksum(member.Name);
        return content.Verdict ?? Unread(member.Size);
    }

    private static FormatVerdict Unread(long size) => FormatVerdict.Of(FileFormats.Other, size > FormatWork.MostHeld
        ? FormatMessages.InflatesTooFar(FormatWork.MostHeld) : FormatMessages.Damaged);

    private static List<ZipMember> Scan(FormatSubject subject, ArchiveFold fold)
    {
        List<ZipMember> members = ZipDirectory.Scan(subject.Bytes, MostScanned, MostScannedMembers, subject.Cancel);
        foreach (ZipMember member in members)
            JudgeAnyhow(subject, member, fold);
        return members;
    }

    // The sizes and the method may be wrong, so both methods are tried on all that follows. Only code counts.
    private static void JudgeAnyhow(FormatSubject subject, ZipMember member, ArchiveFold fold)
    {
        subject.Cancel.ThrowIfCancellationRequested();
        long length = subject.Bytes.Length - member.Content;
        if (length <= 0 || fold.HasPickle || subject.Work.Left == 0)
            return;
        // Archives in it are seen by their own local headers.
        FormatSubject part = Part(subject, member with { Packed = length }) with { Size = FormatSubject.UnknownSize, Levels = 0 };
        if (FormatJudge.Judge(part) is { Risk: FormatRisk.Code } stored)
            fold.Add(member.Name, stored);
        ZipMember deflated = member with { Packed = length, Size = FormatSubject.UnknownSize };
        if (Inflate(subject with { Levels = 1 }, deflated).Verdict is { Risk: FormatRisk.Code } inflated)
            fold.Add(member.Name, inflated);
    }

    private static FormatSubject Part(FormatSubject subject, ZipMember member)
    {
        long length = Math.Clamp(subject.Bytes.Length - member.Content, 0, member.Packed);
        return subject with
        {
            Path = member.Name,
            Bytes = new SliceStream(subject.Bytes, member.Content, length),
            Size = length,
            Levels = subject.Levels - 1,
        };
    }

    private static Inflation Inflate(FormatSubject subject, ZipMember member) => Inflation.Of(subject, member.Name,
        () => new DeflateStream(Part(subject, member).Bytes, CompressionMode.Decompress), member.Size);

    private static uint Checksum(FormatSubject subject, ZipMember member)
    {
        var crc = new System.IO.Hashing.Crc32();
        crc.Append(Part(subject, member).Bytes);
        return crc.GetCurrentHashAsUInt32();
    }
}
