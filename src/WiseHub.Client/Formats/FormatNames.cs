using System.Buffers;
using System.Collections.Frozen;

namespace WiseHub.Client.Formats;

/// <summary>
/// What the name of a file says about the loader that takes it. A name makes a verdict stricter, never weaker, so the lists
/// may name too much.
/// </summary>
internal static class FormatNames
{
    // Loaders of these call Python's unpickler: torch.load, joblib.load, pickle.load, paddle.load.
    private static readonly FrozenSet<string> PickleExtensions = Set(".pkl", ".pickle", ".p", ".pk", ".pck", ".pcl", ".pkl2",
        ".pkl3", ".pt", ".pth", ".ptl", ".pt2", ".ckpt", ".joblib", ".dill", ".cloudpickle", ".pdparams", ".pdopt", ".nemo");

    // joblib and pandas decompress by the last extension.
    private static readonly FrozenSet<string> Compressions = Set(".gz", ".gzip", ".bz2", ".xz", ".lzma", ".lz4", ".z", ".zst",
        ".zip", ".tar", ".7z");

    // The beginnings of the .bin files that transformers, peft, accelerate and diffusers write with torch.save.
    private static readonly string[] PickleBins = ["pytorch", "training_args", "adapter_model", "optimizer", "scheduler",
        "rng_state", "random_states", "diffusion_pytorch", "learned_embeds", "ip-adapter", "ip_adapter", "consolidated"];

    private static readonly FrozenSet<string> ScriptExtensions = Set(".py", ".pyw", ".pyx", ".pyi", ".sh", ".bash", ".zsh",
        ".fish", ".csh", ".ksh", ".command", ".ps1", ".psm1", ".psd1", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".mjs", ".cjs",
        ".jse", ".wsf", ".hta", ".rb", ".pl", ".pm", ".php", ".lua", ".r", ".jl", ".ipynb", ".desktop", ".applescript", ".scpt",
        ".reg", ".tcl", ".groovy", ".csx", ".fsx");

    private static readonly FrozenSet<string> ProgramExtensions = Set(".exe", ".dll", ".so", ".dylib", ".sys", ".scr", ".com",
        ".cpl", ".ocx", ".msi", ".node", ".pyd", ".pyc", ".pyo", ".jar", ".war", ".class", ".whl", ".egg", ".pyz", ".mar",
        ".wasm", ".o", ".a", ".lib", ".appimage", ".deb", ".rpm", ".apk", ".dmg", ".pkg", ".lnk", ".llamafile", ".engine",
        ".plan", ".trt", ".cubin", ".fatbin", ".ptx", ".metallib", ".hsaco");

    private static readonly FrozenSet<string> KerasExtensions = Set(".keras", ".h5", ".hdf5");

    // What people write and read; names without an extension are mostly such files.
    private static readonly FrozenSet<string> TextExtensions = Set("", ".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl",
        ".ndjson", ".yaml", ".yml", ".toml", ".xml", ".html", ".svg", ".vocab", ".merges", ".bpe", ".tiktoken", ".dict", ".lst",
        ".list", ".jinja", ".cfg", ".ini", ".conf", ".log", ".tex", ".bib", ".srt", ".prototxt", ".param", ".license");

    private static readonly FrozenSet<string> SavedModelNames = Set("saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb");

    private static readonly SearchValues<char> Version = SearchValues.Create("0123456789.");

    /// <summary>The last part of a path in lower case, without what Windows ignores at its end.</summary>
    public static string FileName(string path)
    {
        ReadOnlySpan<char> name = path.AsSpan(path.AsSpan().LastIndexOfAny('/', '\\') + 1).TrimEnd(". ");
        return name.ToString().ToLowerInvariant();
    }

    /// <summary>True if a loader would unpickle it.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsUnpickled(string name)
    {
        string extension = Path.GetExtension(name);
        if (Compressions.Contains(extension))
        {
            name = name[..^extension.Length];
            // joblib.dump with compression suggests "model.z".
            if (extension == ".z")
                return true;
            extension = Path.GetExtension(name);
        }
        return PickleExtensions.Contains(extension) || (extension is ".bin" or "" && IsPickledWithoutExtension(name));
    }

    /// <summary>True for what is text by its name.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsText(string name) => TextExtensions.Contains(Path.GetExtension(name));

    /// <summary>True for source code that a host, a shell or a system runs.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsScript(string name) => ScriptExtensions.Contains(Path.GetExtension(name));

    /// <summary>True for compiled programs, and archives of them.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsProgram(string name) => ProgramExtensions.Contains(Path.GetExtension(name))
        // "libexample.so.1.2"
        || (name.Contains(".so.", StringComparison.Ordinal)
            && name.AsSpan(name.IndexOf(".so.", StringComparison.Ordinal) + 4).IndexOfAnyExcept(Version) < 0);

    /// <summary>True if Keras loads it.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsKeras(string name) => KerasExtensions.Contains(Path.GetExtension(name));

    /// <summary>True for the graph of a SavedModel, whatever its folder.</summary>
    /// <param name="name">The result of <see cref="FileName"/>.</param>
    public static bool IsSavedModel(string name) => SavedModelNames.Contains(name);

    private static bool IsPickledWithoutExtension(string name)
    {
        foreach (string beginning in PickleBins)
        {
            // "rng_state_0.bin", "open_clip_pytorch_model.bin"
            if (name.StartsWith(beginning, StringComparison.Ordinal)
                && (name.EndsWith(".bin", StringComparison.Ordinal) || name.Length == beginning.Length))
                return true;
        }
        return name.EndsWith(".bin", StringComparison.Ordinal) && name.Contains("pytorch_", StringComparison.Ordinal);
    }

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
