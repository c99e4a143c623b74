using System.Text.RegularExpressions;

namespace WiseHub.Client;

/// <summary>Files of one kind that a choice leaves out.</summary>
/// <param name="What">The kind, for example <c>pickle weights</c>.</param>
/// <param name="Files">Their number.</param>
/// <param name="Size">Their bytes, as far as the hub states them.</param>
public sealed record LeftOutFiles(string What, int Files, long Size);

/// <summary>
/// The smallest useful part of a model repo: one set of weights, and the files that programs need beside them. Repos often have
/// the same weights in several formats, precisions and quantisations, of which a program uses one. The choice depends on paths
/// and sizes only.
/// </summary>
public sealed partial class ModelFileChoice
{
    // Larger texts are data, not configuration: the largest tokenizer.json in use has about 35 MB.
    private const long LargestCompanion = 100_000_000;

    // The first format that a repo has. Files of the first three contain no code; loading a pickle runs code of its author.
    private static readonly Kind[] Formats =
        [Kind.Safetensors, Kind.Onnx, Kind.Gguf, Kind.Pickle, Kind.TensorFlow, Kind.Flax, Kind.OpenVino, Kind.CoreMl];

    // From the plain name to the most reduced one; unknown ones come last.
    private static readonly string[] Precisions =
        ["", "fp32", "float32", "f32", "fp16", "float16", "f16", "bf16", "fp8", "int8", "uint8", "q8", "quantized"];

    private static readonly string[] PlainStems = ["model", "pytorch_model", "diffusion_pytorch_model", "tf_model", "flax_model"];

    private const string PreferredQuantisation = "Q4_K_M";

    private ModelFileChoice(IReadOnlyList<TreeEntry> all, IReadOnlySet<string> chosen, string? quantisation,
        IReadOnlyList<string> quantisations, IReadOnlyList<LeftOutFiles> leftOut)
    {
        List<TreeEntry> sorted = [.. all.Where(f => chosen.Contains(f.Path))];
        Utf8Ordinal.Sort(sorted, f => f.Path);
        Chosen = sorted;
        Quantisation = quantisation;
        OtherQuantisations = quantisations;
        LeftOut = leftOut;
        Patterns = Chosen.Count == all.Count ? [] : PatternsFor([.. Chosen.Select(f => f.Path)], [.. all.Select(f => f.Path)]);
    }

    private enum Kind
    {
        Safetensors,
        Onnx,
        Gguf,
        Pickle,
        TensorFlow,
        Flax,
        OpenVino,
        CoreMl,
        Training,
        Companion,
        Other,
    }

    /// <summary>The chosen files, in ordinal UTF-8 order.</summary>
    public IReadOnlyList<TreeEntry> Chosen { get; }

    /// <summary>Patterns that select exactly the chosen files of the list, for <c>AllowPatterns</c>; empty for all
    /// files.</summary>
    public IReadOnlyList<string> Patterns { get; }

    /// <summary>What is left out, the largest first.</summary>
    public IReadOnlyList<LeftOutFiles> LeftOut { get; }

    /// <summary>The quantisation of the chosen GGUF file, for example <c>Q4_K_M</c>; null for other weights.</summary>
    public string? Quantisation { get; }

    /// <summary>The other quantisations of the repo, sorted; empty if there is no choice.</summary>
    public IReadOnlyList<string> OtherQuantisations { get; }

    /// <summary>Chooses files of a model repo. Without weights in a known format, all files are chosen.</summary>
    /// <param name="files">The files of a commit.</param>
    public static ModelFileChoice Of(IReadOnlyList<TreeEntry> files)
    {
        var paths = files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        Weights[] weights = [.. files.Select(f => (File: f, Kind: KindOf(f, paths)))
            .Where(f => f.Kind <= Kind.CoreMl && !IsCheckpoint(f.File.Path)).GroupBy(f => SetKey(f.File.Path, f.Kind))
            .Select(g => new Weights(g.Key.Folder, g.Key.Stem, g.Key.Kind, [.. g.Select(f => f.File)]))];
        Kind? format = Formats.Cast<Kind?>().FirstOrDefault(k => Array.Exists(weights, w => w.Kind == k && !IsProjector(w)));
        if (format is null)
            return new ModelFileChoice(files, paths, null, [], []);
        Weights[] ofFormat = Array.FindAll(weights, w => w.Kind == format);
        List<Weights> taken = format == Kind.Gguf ? TakeGguf(ofFormat) : Take(ofFormat, paths);
        var chosen = taken.SelectMany(w => w.Files).Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        HashSet<string> used = [.. taken.Select(w => w.Folder)],
            unused = [.. weights.Select(w => w.Folder).Where(f => f.Length > 0 && !used.Any(u => IsWithin(u, f)))];
        foreach (TreeEntry file in files)
        {
            string folder = FolderOf(file.Path);
            bool isUsed = IndexOf(file.Path) is string set ? taken.Exists(w => w.IsIndexedBy(folder, set))
                : KindOf(file, paths) == Kind.Companion && !(file.Size > LargestCompanion) && !IsCheckpoint(file.Path)
                    && !unused.Any(u => IsWithin(folder, u));
            if (isUsed)
                chosen.Add(file.Path);
        }
        string? quantisation = format == Kind.Gguf
            ? taken.Where(w => !IsProjector(w)).Select(w => QuantisationOf(w.Stem)).FirstOrDefault() : null;
        string[] others = quantisation is null ? []
            : [.. ofFormat.Where(w => !IsProjector(w)).Select(w => QuantisationOf(w.Stem)).OfType<string>()
                .Where(q => q != quantisation).Distinct().Order(StringComparer.Ordinal)];
        LeftOutFiles[] leftOut = [.. files.Where(f => !chosen.Contains(f.Path))
            .GroupBy(f => Describe(KindOf(f, paths), f.Path, format.Value))
            .Select(g => new LeftOutFiles(g.Key, g.Count(), g.Sum(f => f.Size ?? 0)))
            .OrderByDescending(g => g.Size).ThenBy(g => g.What, StringComparer.Ordinal)];
        return new ModelFileChoice(files, chosen, quantisation, others, leftOut);
    }

    /// <summary>One file with weights, or the parts that belong together.</summary>
    private sealed record Weights(string Folder, string Stem, Kind Kind, IReadOnlyList<TreeEntry> Files)
    {
        public long Size => Files.Sum(f => f.Size ?? 0);

        /// <summary>Says whether a file like <c>model.safetensors.index.json</c> lists these parts.</summary>
        public bool IsIndexedBy(string folder, string set) => folder == Folder && Files.Count > 0
            && set.Equals(Stem + Path.GetExtension(Files[0].Path), StringComparison.OrdinalIgnoreCase);
    }

    private static List<Weights> TakeGguf(Weights[] all)
    {
        Weights[] models = Array.FindAll(all, w => !IsProjector(w)), projectors = Array.FindAll(all, IsProjector);
        Weights[] preferred = Array.FindAll(models, w => QuantisationOf(w.Stem) == PreferredQuantisation);
        var taken = new List<Weights> { Smallest(preferred.Length > 0 ? preferred : models) };
        // Models that read images have their projector in a file of its own.
        if (projectors.Length > 0)
        {
            Weights[] plain = Array.FindAll(projectors, w => QuantisationOf(w.Stem) == "F16");
            taken.Add(Smallest(plain.Length > 0 ? plain : projectors));
        }
        return taken;
    }

    private static Weights Smallest(IEnumerable<Weights> all) =>
        all.OrderBy(w => w.Size).ThenBy(w => w.Folder, StringComparer.Ordinal).ThenBy(w => w.Stem,
            StringComparer.Ordinal).First();

    // A pipeline (model_index.json) has its parts in folders. Sentence transformers have numbered folders beside the model.
    // Otherwise weights in deeper folders are other forms of those above them.
    private static List<Weights> Take(Weights[] all, HashSet<string> paths)
    {
        bool isPipeline = paths.Contains("model_index.json") && Array.Exists(all, w => w.Folder.Length > 0);
        int depth = all.Min(w => Depth(w.Folder));
        string[] folders = [.. all.Select(w => w.Folder).Distinct().Order(StringComparer.Ordinal)];
        string[] shallow = Array.FindAll(folders, f => Depth(f) == depth);
        IEnumerable<string> used = isPipeline ? folders.Where(f => Depth(f) == 1)
            : depth == 0 ? folders.Where(f => f.Length == 0 || ModuleFolder().IsMatch(f))
            : [shallow[0]];
        return [.. used.SelectMany(f => TakeOne(Array.FindAll(all, w => w.Folder == f)))];
    }

    private static IEnumerable<Weights> TakeOne(Weights[] inFolder)
    {
        // The merged decoder of an exported ONNX model has the content of the two others.
        if (Array.Exists(inFolder, w => w.Stem == "decoder_model_merged"))
            inFolder = Array.FindAll(inFolder, w => w.Stem.StartsWith("decoder_model_merged", StringComparison.Ordinal)
                || !(w.Stem.StartsWith("decoder_model", StringComparison.Ordinal)
                    || w.Stem.StartsWith("decoder_with_past_model", StringComparison.Ordinal)));
        if (Array.Find(PlainStems, s => Array.Exists(inFolder, w => w.Stem == s)) is string plain)
            return inFolder.Where(w => w.Stem == plain).Take(1);
        return inFolder.Where(w => !Array.Exists(inFolder, o => IsVariant(w.Stem, o.Stem)))
            .GroupBy(w => SplitPrecision(w.Stem).Base, StringComparer.Ordinal)
            .Select(g => g.OrderBy(w => Rank(SplitPrecision(w.Stem).Precision)).ThenBy(w => w.Size)
                .ThenBy(w => w.Stem, StringComparer.Ordinal).First());
    }

    // "model_fp16" is a variant of "model"; "text_encoder_2" is not one of "text_encoder".
    private static bool IsVariant(string stem, string plain) => stem.Length > plain.Length
        && stem.StartsWith(plain, StringComparison.Ordinal) && stem[plain.Length] is '-' or '_' or '.'
        && stem.AsSpan(plain.Length + 1).ContainsAnyExceptInRange('0', '9');

    private static int Rank(string precision) => Array.IndexOf(Precisions, precision) is >= 0 and int at ? at : Precisions.Length;

    private static (string Base, string Precision) SplitPrecision(string stem) =>
        PrecisionEnd().Match(stem) is { Success: true } match
            ? (stem[..match.Index], Lower(match.Groups[1].Value)) : (stem, "");

    private static string? QuantisationOf(string stem) =>
        Quantised().Match(stem) is { Success: true } match ? match.Groups[1].Value.ToUpperInvariant() : null;

    private static bool IsProjector(Weights weights) =>
        weights.Kind == Kind.Gguf && weights.Stem.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    /// <summary>Weights of the same set have the same key: parts of one model, and an ONNX model with its data.</summary>
    private static (string Folder, string Stem, Kind Kind) SetKey(string path, Kind kind)
    {
        string folder = FolderOf(path), name = path[(path.LastIndexOf('/') + 1)..];
        int onnx = kind == Kind.Onnx ? name.IndexOf(".onnx", StringComparison.OrdinalIgnoreCase) : -1;
        string stem = onnx >= 0 ? name[..onnx] : Path.GetFileNameWithoutExtension(name);
        // model-00001-of-00002.fp16.safetensors belongs to model.fp16.
        return (folder, Part().Replace(stem, ""), kind);
    }

    private static string? IndexOf(string path) =>
        Index().Match(path[(path.LastIndexOf('/') + 1)..]) is { Success: true } m
            ? $"{m.Groups[1].Value}{(m.Groups[3].Success ? "." + m.Groups[3].Value : "")}{m.Groups[2].Value}" : null;

    private static Kind KindOf(TreeEntry file, HashSet<string> all)
    {
        string path = file.Path, name = path[(path.LastIndexOf('/') + 1)..];
        if (TrainingState().IsMatch(name))
            return Kind.Training;
        if (OnnxFile().IsMatch(name))
            return Kind.Onnx;
        if (path.Contains(".mlpackage/", StringComparison.OrdinalIgnoreCase))
            return Kind.CoreMl;
        switch (PathExtension(name))
        {
            case ".safetensors":
                return Kind.Safetensors;
            case ".gguf" or ".ggml":
                return name.Contains("imatrix", StringComparison.OrdinalIgnoreCase) ? Kind.Training : Kind.Gguf;
            case ".bin":
                return name.StartsWith("openvino", StringComparison.OrdinalIgnoreCase)
                    || all.Contains(path[..^".bin".Length] + ".xml") ? Kind.OpenVino : Kind.Pickle;
            case ".xml":
                return all.Contains(path[..^".xml".Length] + ".bin") ? Kind.OpenVino : Kind.Other;
            case ".pt" or ".pth" or ".ckpt" or ".pkl":
                return Kind.Pickle;
            case ".h5" or ".pb" or ".tflite" or ".keras":
                return Kind.TensorFlow;
            case ".msgpack":
                return Kind.Flax;
            case ".mlmodel":
                return Kind.CoreMl;
            case ".json" or ".txt" or ".md" or ".model" or ".jinja" or ".yaml" or ".yml" or ".tiktoken" or ".vocab" or ".spm"
                or ".bpe":
                return Kind.Companion;
            default:
                return Licence().IsMatch(name) ? Kind.Companion : Kind.Other;
        }
    }

    private static string Describe(Kind kind, string path, Kind format) =>
        kind == format ? IsCheckpoint(path) ? (Text)$"training state" : (Text)$"other variants of the weights" : kind switch
        {
            Kind.Safetensors => (Text)$"safetensors weights",
            Kind.Onnx => (Text)$"ONNX weights",
            Kind.Gguf => (Text)$"GGUF weights",
            Kind.Pickle => (Text)$"pickle weights",
            Kind.TensorFlow => (Text)$"TensorFlow weights",
            Kind.Flax => (Text)$"Flax weights",
            Kind.OpenVino => (Text)$"OpenVINO weights",
            Kind.CoreMl => (Text)$"Core ML weights",
            Kind.Training => (Text)$"training state",
            Kind.Companion => (Text)$"texts of other variants",
            _ => (Text)$"other files",
        };

    // A file name may have the ';' that separates patterns.
    private static List<string> PatternsFor(List<string> chosen, List<string> all)
    {
        var patterns = new List<string>();
        foreach (IGrouping<string, string> part in chosen.GroupBy(PartPattern, StringComparer.Ordinal))
        {
            string[] paths = [.. part];
            var glob = new FileSelection([part.Key], []);
            if (paths.Length > 1 && all.Where(glob.Matches).Order(StringComparer.Ordinal)
                .SequenceEqual(paths.Order(StringComparer.Ordinal)))
                patterns.Add(part.Key);
            else
                patterns.AddRange(paths.Select(Literal));
        }
        patterns.Sort(Utf8Ordinal.Instance);
        return patterns;
    }

    private static string PartPattern(string path) =>
        Part().Match(path) is { Success: true } part
            ? Literal(path[..part.Index]) + $"-{new string('?', part.Groups[1].Length)}-of-{part.Groups[2].Value}"
                + Literal(path[(part.Index + part.Length)..])
            : Literal(path);

    private static string Literal(string path) => FileSelection.Literal(path).Replace(';', '?');

    private static bool IsCheckpoint(string path) => CheckpointFolder().IsMatch(path);

    private static bool IsWithin(string folder, string parent) =>
        folder == parent || folder.StartsWith(parent + "/", StringComparison.Ordinal);

    private static string PathExtension(string name) => Lower(Path.GetExtension(name));

    // CA1308: the names here are those that hubs and tools write, which are lower case.
#pragma warning disable CA1308
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308

    private static string FolderOf(string path) => path.LastIndexOf('/') is >= 0 and int slash ? path[..slash] : "";

    private static int Depth(string folder) => folder.Length == 0 ? 0 : folder.Count(c => c == '/') + 1;

    [GeneratedRegex(@"-(\d{1,6})-of-(\d{1,6})(?=[.]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    [GeneratedRegex(@"^(.+?)(\.[a-z0-9]+)\.index(?:\.([A-Za-z0-9_-]+))?\.json$", RegexOptions.CultureInvariant)]
    private static partial Regex Index();

    [GeneratedRegex(@"\.onnx([._]data([._]?\d+)?)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OnnxFile();

    [GeneratedRegex(@"^(optimizer|scheduler|rng_state\w*|scaler|random_states?\w*)\.(pt|pth|bin|pkl)$|^training_args\.bin$"
        + @"|^events\.out\.tfevents|^trainer_state\.json$|imatrix.*\.dat$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TrainingState();

    [GeneratedRegex(@"(^|/)(checkpoint-\d+|runs|global_step\d+)/", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointFolder();

    [GeneratedRegex(@"^\d+_[A-Za-z]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ModuleFolder();

    [GeneratedRegex(@"^(licen[cs]e|notice|copying|readme|use_policy|usage_policy)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Licence();

    [GeneratedRegex(@"[-._](fp32|float32|f32|fp16|float16|f16|bf16|fp8|int8|uint8|q8|q4f16|q4|bnb4|int4|quantized)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PrecisionEnd();

    [GeneratedRegex(@"(?:^|[-._])((?:I?Q\d(?:_[A-Z0-9]+)*)|BF16|F16|F32|FP16|TQ\d_\d|MXFP4)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Quantised();
}
