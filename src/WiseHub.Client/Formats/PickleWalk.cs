using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace WiseHub.Client.Formats;

/// <summary>
/// Follows the opcodes of a pickle as Python's unpickler does, with its stack and memo, and runs nothing. The opcodes are those
/// of CPython's Lib/pickletools.py, protocols 0 to 5. A loader runs a pickle while it reads it, so what was seen before an error
/// counts.
/// </summary>
internal sealed class PickleWalk
{
    // Deeper than any pickle of a model; the bottom of a deeper stack is forgotten, and taken for anything when it comes back.
    private const int MostStack = 1 << 16, MostMemo = 1 << 18;

    // Names of modules are shorter. A longer text cannot be a name for us.
    private const int LongestText = 1024;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789abcdefxoABCDEFXOL_+-"),
        FloatCharacters = SearchValues.Create("0123456789eE_+-.infatyINFATY");

    private readonly ForwardReader _reader;
    private readonly long _size;
    private readonly bool _isComplete;
    private readonly CancellationToken _cancel;
    private readonly List<Item> _stack = [];
    private readonly Dictionary<long, Item> _memo = [];
    private readonly PickleImports _imports = new();
    private bool _forgotBottom, _forgotMemo, _leavesFile;
    private int _memoCount;

    private PickleWalk(ForwardReader reader, FormatSubject subject) =>
        (_reader, _size, _isComplete, _cancel) = (reader, subject.Size, subject.IsComplete, subject.Cancel);

    /// <summary>The kinds of values, as far as they matter.</summary>
    private enum Kind { Mark, Text, Constant, Container, Import, Object }

    /// <summary>How an opcode ended.</summary>
    private enum Step { Next, Stop, Error, End }

    private readonly record struct Item(Kind Kind, string? Text = null);

    /// <summary>True for the PROTO opcode at the beginning.</summary>
    public bool HasMagic { get; private set; }

    /// <summary>True if the loader imports something.</summary>
    public bool Imports { get; private set; }

    /// <summary>True if the loader calls what it imported, with arguments that can be some.</summary>
    public bool Calls { get; private set; }

    /// <summary>True if the loader may call something: with arguments that hardly any function takes.</summary>
    public bool MayCall { get; private set; }

    /// <summary>True if the names of an import are anything but two strings.</summary>
    public bool ComputesNames { get; private set; }

    /// <summary>True if a pickle ended regularly.</summary>
    public bool Stops { get; private set; }

    /// <summary>True if something is imported by its name, and not only by a number of the registry in copyreg.</summary>
    public bool ImportsByName { get; private set; }

    /// <summary>True if a pickle with an import by name ended with nothing but its value on the stack.</summary>
    public bool StopsCleanly { get; private set; }

    /// <summary>True if such a pickle ended cleanly at the end of the file.</summary>
    public bool StopsAtEnd { get; private set; }

    /// <summary>True if something was no pickle, after what was followed.</summary>
    public bool Fails { get; private set; }

    /// <summary>True if the bytes that are there ended, and the rest of the file may say more.</summary>
    public bool NeedsMore { get; private set; }

    /// <summary>True if it was too long to be followed.</summary>
    public bool GaveUp { get; private set; }

    /// <summary>True if joblib wrote it.</summary>
    public bool IsJoblib => _imports.HasJoblib;

    /// <summary>The imports as <c>module.name</c>.</summary>
    public IReadOnlyList<string> Names => _imports.Names;

    /// <summary>Follows the pickles from the first byte of a file.</summary>
    public static PickleWalk Of(FormatSubject subject)
    {
        using var reader = new ForwardReader(subject.Bytes);
        var walk = new PickleWalk(reader, subject);
        walk.Follow(subject.Work.Left);
        subject.Work.Take(reader.BytesRead);
        // Arrays of joblib lie between the opcodes, and tensors behind a pickle of old PyTorch: more imports may follow.
        if (walk.Imports && walk.Fails)
            walk._imports.Search(subject, reader.Position);
        return walk;
    }

    private void Follow(long mostBytes)
    {
        long opcodes = 0;
        while (true)
        {
            if ((++opcodes & 0xFFFF) == 0)
                _cancel.ThrowIfCancellationRequested();
            if (_reader.BytesRead > mostBytes)
            {
                GaveUp = true;
                return;
            }
            long start = _reader.Position;
            int opcode = _reader.ReadByte();
            if (opcode < 0)
            {
                NeedsMore = !_isComplete;
                return;
            }
            HasMagic |= start == 0 && opcode == 0x80;
            switch (Do(opcode))
            {
                case Step.Error:
                    Fails = true;
                    return;
                case Step.End:
                    NeedsMore = !_isComplete && !_leavesFile;
                    Fails = !NeedsMore;
                    return;
                case Step.Stop:
                    EndPickle();
                    break;
            }
        }
    }

    // More pickles may follow: torch.load reads several in a row.
    private void EndPickle()
    {
        Stops = true;
        bool isClean = ImportsByName && _stack.Count == 0 && !_forgotBottom;
        StopsCleanly |= isClean;
        if (isClean && _isComplete)
        {
            long end = _reader.Position;
            int next = _reader.ReadByte();
            if (next == '\n')
                next = _reader.ReadByte();
            StopsAtEnd = next < 0;
            _reader.MoveTo(end);
        }
        _stack.Clear();
        _forgotBottom = false;
    }

    private Step Do(int opcode)
    {
        switch (opcode)
        {
            case '(':
                return Push(Kind.Mark);
            case '.':
                return Pop(out _) ? Step.Stop : Step.Error;
            case '0':
                if (_stack.Count == 0)
                    return _forgotBottom ? Step.Next : Step.Error;
                _stack.RemoveAt(_stack.Count - 1);
                return Step.Next;
            case '1':
                return PopToMark(out _) ? Step.Next : Step.Error;
            case '2':
                return Top(out Item top) ? Push(top) : Step.Error;
            case 'N' or 0x88 or 0x89:
                return Push(Kind.Constant);
            case 0x97:
                return Push(Kind.Object);
            case 0x98:
                return Top(out _) ? Step.Next : Step.Error;
            case ')' or ']' or '}' or 0x8F:
                return Push(Kind.Container);
            case 'F' or 'I' or 'L':
                return NumberLine(out _, isFloat: opcode == 'F', out Step number) ? Push(Kind.Constant) : number;
            case 'K':
                return Skip(1, Kind.Constant);
            case 'M':
                return Skip(2, Kind.Constant);
            case 'J':
                return Skip(4, Kind.Constant);
            case 'G':
                return Skip(8, Kind.Constant);
            case 0x8A or 'C':
                return SkipCounted(1, Kind.Constant);
            case 0x8B or 'B':
                return SkipCounted(4, Kind.Constant);
            case 0x8E:
                return SkipCounted(8, Kind.Constant);
            case 0x96:
                return SkipCounted(8, Kind.Object);
            case 'U' or 0x8C:
                return CountedText(1);
            case 'T' or 'X':
                return CountedText(4);
            case 0x8D:
                return CountedText(8);
            case 'S':
                return QuotedLine();
            case 'V':
                return Line(out string? line) ? Push(new Item(line is null ? Kind.Constant : Kind.Text, line)) : Step.End;
            case 'P':
                return Line(out _) ? Push(Kind.Object) : Step.End;
            case 'Q':
                return Pop(out _) ? Push(Kind.Object) : Step.Error;
            case 'a':
                return Pop(out _) && Top(out _) ? Step.Next : Step.Error;
            case 's':
                return Pop(out _) && Pop(out _) && Top(out _) ? Step.Next : Step.Error;
            case 'e' or 'u' or 0x90:
                return PopToMark(out _) && Top(out _) ? Step.Next : Step.Error;
            case 'd' or 'l' or 't' or 0x91:
                return PopToMark(out _) ? Push(Kind.Container) : Step.Error;
            case 0x85:
                return Pop(out _) ? Push(Kind.Container) : Step.Error;
            case 0x86:
                return Pop(out _) && Pop(out _) ? Push(Kind.Container) : Step.Error;
            case 0x87:
                return Pop(out _) && Pop(out _) && Pop(out _) ? Push(Kind.Container) : Step.Error;
            case 'p' or 'q' or 'r':
                return Index(opcode, 'p', 'q', out long put, out Step noPut)
                    ? Top(out Item stored) ? Store(put, stored) : Step.Error : noPut;
            case 0x94:
                return Top(out Item memoized) ? Store(_memoCount, memoized) : Step.Error;
            case 'g' or 'h' or 'j':
                return Index(opcode, 'g', 'h', out long get, out Step noGet) ? Fetch(get) : noGet;
            case 0x80:
                int protocol = _reader.ReadByte();
                return protocol < 0 ? Step.End : protocol <= 5 ? Step.Next : Step.Error;
            case 0x95:
                return _reader.Skip(8) ? Step.Next : Step.End;
            default:
                return DoImportOrCall(opcode);
        }
    }

    private Step DoImportOrCall(int opcode)
    {
        switch (opcode)
        {
            case 'c':
                return ImportLines(out Step imported) ? Push(Kind.Import) : imported;
            case 'i':
                if (!ImportLines(out Step step))
                    return step;
                if (!PopToMark(out int count))
                    return Step.Error;
                return Call(hasArguments: count > 0);
            case 0x93:
                if (!Pop(out Item name) || !Pop(out Item module))
                    return Step.Error;
                Imports = ImportsByName = true;
                if (name.Text is not null && module.Text is not null)
                    _imports.Add(module.Text, name.Text);
                else
                    ComputesNames = true;
                return Push(Kind.Import);
            // A number of the registry in copyreg, which is empty unless the program fills it.
            case 0x82 or 0x83 or 0x84:
                Span<byte> code = stackalloc byte[4];
                code.Clear();
                if (!_reader.TryRead(code[..(opcode == 0x82 ? 1 : opcode == 0x83 ? 2 : 4)]))
                    return Step.End;
                Imports = true;
                _imports.Add("copyreg", string.Create(CultureInfo.InvariantCulture,
                    $"extension_{BinaryPrimitives.ReadUInt32LittleEndian(code)}"));
                return Push(Kind.Import);
            case 'R' or 0x81:
                return Pop(out Item arguments) && Pop(out Item called) && IsCallable(called)
                    ? Call(arguments.Kind is Kind.Container or Kind.Object or Kind.Text) : Step.Error;
            case 0x92:
                return Pop(out _) && Pop(out Item positional) && Pop(out Item type) && IsCallable(type)
                    ? Call(positional.Kind is Kind.Container or Kind.Object or Kind.Text) : Step.Error;
            case 'o':
                return PopToMark(out int items) && items > 0 ? Call(hasArguments: items > 1) : Step.Error;
            case 'b':
                if (!Pop(out _) || !Top(out Item built))
                    return Step.Error;
                Calls |= Imports && built.Kind == Kind.Object;
                MayCall |= Imports && built.Kind == Kind.Import;
                return Step.Next;
            default:
                return Step.Error;
        }
    }

    private Step Call(bool hasArguments)
    {
        Calls |= Imports && hasArguments;
        MayCall |= Imports;
        return Push(Kind.Object);
    }

    private static bool IsCallable(Item item) => item.Kind is Kind.Import or Kind.Object;

    private Step Push(Kind kind) => Push(new Item(kind));

    private Step Push(Item item)
    {
        if (_stack.Count == MostStack)
        {
            _stack.RemoveRange(0, MostStack / 2);
            _forgotBottom = true;
        }
        _stack.Add(item);
        return Step.Next;
    }

    private bool Pop(out Item item)
    {
        if (!Top(out item))
            return false;
        if (_stack.Count > 0)
            _stack.RemoveAt(_stack.Count - 1);
        return true;
    }

    private bool Top(out Item item)
    {
        item = _stack.Count > 0 ? _stack[^1] : new Item(Kind.Object);
        return _stack.Count > 0 ? item.Kind != Kind.Mark : _forgotBottom;
    }

    private bool PopToMark(out int count)
    {
        int mark = _stack.FindLastIndex(i => i.Kind == Kind.Mark);
        count = _stack.Count - mark - 1;
        if (mark < 0 && !_forgotBottom)
            return false;
        _stack.RemoveRange(Math.Max(mark, 0), _stack.Count - Math.Max(mark, 0));
        return true;
    }

    private Step Store(long index, Item item)
    {
        if (_memo.Count < MostMemo || _memo.ContainsKey(index))
            _memoCount += _memo.TryAdd(index, item) ? 1 : 0;
        else
            (_forgotMemo, _memoCount) = (true, _memoCount + 1);
        if (_memo.ContainsKey(index))
            _memo[index] = item;
        return Step.Next;
    }

    private Step Fetch(long index) =>
        _memo.TryGetValue(index, out Item item) ? Push(item) : _forgotMemo ? Push(Kind.Object) : Step.Error;

    private Step Skip(ulong bytes, Kind kind)
    {
        _leavesFile = bytes > (ulong)(_size - _reader.Position);
        return _reader.Skip(bytes) ? Push(kind) : Step.End;
    }

    private Step SkipCounted(int digits, Kind kind) => Count(digits, out ulong count) ? Skip(count, kind) : Step.End;

    private bool Count(int digits, out ulong count)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        bool isRead = _reader.TryRead(bytes[..digits]);
        count = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return isRead;
    }

    private Step CountedText(int digits)
    {
        if (!Count(digits, out ulong count))
            return Step.End;
        if (count > LongestText)
            return Skip(count, Kind.Constant);
        Span<byte> text = stackalloc byte[(int)count];
        return _reader.TryRead(text) ? Push(new Item(Kind.Text, Encoding.UTF8.GetString(text))) : Step.End;
    }

    private Step QuotedLine()
    {
        if (!Line(out string? line))
            return Step.End;
        if (line is null)
            return Push(Kind.Constant);
        line = line.Trim();
        return line.Length >= 2 && line[0] is '\'' or '"' && line[^1] == line[0]
            ? Push(new Item(Kind.Text, line[1..^1])) : Step.Error;
    }

    /// <returns>False at the end of the bytes. The line is null if it is too long to be a name.</returns>
    private bool Line(out string? line)
    {
        Span<byte> bytes = stackalloc byte[LongestText];
        bool isEnded = _reader.ReadLine(bytes, out long length);
        line = length <= bytes.Length ? Encoding.UTF8.GetString(bytes[..(int)length]) : null;
        return isEnded;
    }

    // Python takes more forms than one would guess: signs, underscores, blanks, 0x.
    private bool NumberLine(out string digits, bool isFloat, out Step failure)
    {
        digits = "";
        failure = Step.End;
        if (!Line(out string? line))
            return false;
        failure = Step.Error;
        digits = line?.Trim() ?? "0";
        return (!digits.AsSpan().ContainsAnyExcept(NumberCharacters) && digits.AsSpan().ContainsAnyInRange('0', '9'))
            || (isFloat && !digits.AsSpan().ContainsAnyExcept(FloatCharacters));
    }

    private bool Index(int opcode, int lineOpcode, int byteOpcode, out long index, out Step failure)
    {
        index = 0;
        if (opcode == lineOpcode)
        {
            if (!NumberLine(out string digits, isFloat: false, out failure))
                return false;
            return long.TryParse(digits.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out index);
        }
        failure = Step.End;
        bool isRead = Count(opcode == byteOpcode ? 1 : 4, out ulong number);
        index = (long)number;
        return isRead;
    }

    private bool ImportLines(out Step failure)
    {
        failure = Step.End;
        if (!Line(out string? module) || !Line(out string? name))
            return false;
        failure = Step.Error;
        if (!PickleImports.IsName(module) || !PickleImports.IsName(name))
            return false;
        Imports = ImportsByName = true;
        _imports.Add(module!, name!);
        return true;
    }
}
