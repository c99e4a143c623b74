using WiseHub.Client;

namespace WiseHub.Build.Tests;

/// <summary>The text of the accessor.</summary>
public sealed class AccessorCodeTests
{
    private const string Hex = "7acaae094327866e52b2e9ad2b82595feb7203386145424dd285c7642382c254";

    private static readonly Digest Sha = Digest.Parse(Hex);

    private static AccessorModel Model(string alias, params string[] paths) =>
        new(alias, "acme/" + alias, "local", "models/" + alias)
        {
            Commit = "c0ffee",
            Files = [.. paths.Select(p => new LockedFile(p, 1234, Sha))],
        };

    private static string Code(params AccessorModel[] models) => AccessorCode.Write("App", false, models, "App.wise.dev.txt");

    [Fact]
    public void The_summary_of_a_model_has_its_license_and_its_page() => Assert.Equal(
        "/// <summary>acme/tiny from local: 1 file, 1.2 kB, commit c0ffee, license mit, a &lt;b&gt;. "
        + "https://hub.example.org/acme/tiny</summary>",
        Lines(Code(Model("tiny", "a") with { License = ["mit", "a <b>"], Page = new Uri("https://hub.example.org/acme/tiny") }),
            "/// <summary>acme/")[0]);

    private static string[] Lines(string code, string start) =>
        [.. code.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith(start, StringComparison.Ordinal))];

    /// <summary>The text of the class of the first model.</summary>
    private static string ClassOf(string code)
    {
        int start = code.IndexOf("        /// <summary>acme/", StringComparison.Ordinal);
        return code[start..(code.IndexOf("\n        }\n", start, StringComparison.Ordinal) + 11)];
    }

    [Fact]
    public void A_model_has_exactly_this_class() => Assert.Equal("""
                /// <summary>acme/tiny-model from local, revision v1: 2 files, 2.5 kB, commit c0ffee.</summary>
                internal static class TinyModel
                {
                    /// <summary>The repo.</summary>
                    public const string RepoId = "acme/tiny-model";

                    /// <summary>The revision that the project names; empty for the hub's default.</summary>
                    public const string Revision = "v1";

                    /// <summary>The commit that the lock file pins; empty before the first build.</summary>
                    public const string Commit = "c0ffee";

                    /// <summary>The folder of the files.</summary>
                    public static string Directory
                    {
                        get
                        {
                            return locate("tiny-model", "WISEHUB_MODEL_TINY_MODEL", "models/tiny-model", "README.md", null);
                        }
                    }

                    /// <summary>False if an optional reference could not be restored.</summary>
                    public static bool Exists
                    {
                        get { return global::System.IO.Directory.Exists(Directory); }
                    }

                    /// <summary>The full path of a file, named as in the repo.</summary>
                    public static string Path(string pathInRepo)
                    {
                        return global::System.IO.Path.Combine(Directory, pathInRepo);
                    }

                    /// <summary>The files.</summary>
                    internal static class Files
                    {
                        /// <summary>README.md: 1.2 kB, sha256 <sha256>.</summary>
                        public static ModelFile Readme
                        {
                            get { return new ModelFile(Directory, "README.md", 1234L, "<sha256>"); }
                        }

                        /// <summary>The folder onnx.</summary>
                        internal static class Onnx
                        {
                            /// <summary>onnx/model.onnx: 1.2 kB, sha256 <sha256>.</summary>
                            public static ModelFile ModelOnnx
                            {
                                get { return new ModelFile(Directory, "onnx/model.onnx", 1234L, "<sha256>"); }
                            }
                        }
                    }
                }

        """.Replace("\r", "", StringComparison.Ordinal).Replace("<sha256>", Hex, StringComparison.Ordinal),
        ClassOf(Code(Model("tiny-model", "README.md", "onnx/model.onnx") with { Revision = "v1" })));

    [Fact]
    public void An_embedded_model_has_no_folder_and_its_files_are_resources()
    {
        string code = Code(Model("tiny", "a.json") with { Place = ModelPlace.Assembly });

        Assert.DoesNotContain("Directory", code, StringComparison.Ordinal);
        Assert.Equal(["get { return new EmbeddedFile(\"WiseModels/tiny/\", \"a.json\", 1234L, \"" + Sha.Hex + "\"); }"],
            Lines(code, "get { return new"));
    }

    [Fact]
    public void A_model_in_the_cache_is_found_through_the_file_beside_the_program() =>
        Assert.Equal(
            ["return locate(\"m\", \"WISEHUB_MODEL_M\", \"models/m\", \"\", () => inCache(\"App.wise.dev.txt\", \"m\"));"],
            Lines(Code(Model("m") with { Place = ModelPlace.Cache }), "return locate("));

    [Fact]
    public void A_model_of_the_run_time_has_a_manifest_and_its_digest() =>
        Assert.Equal(["\"m\", \"models/m.wise.json\",", $"\"{Sha.Hex}\");"],
            Lines(Code(Model("m") with { Place = ModelPlace.RunTime, ManifestSha256 = Sha.Hex }), "\"")[..2]);

    [Theory]
    [InlineData("MyApp", true, "global using global::MyApp;")]
    [InlineData("my-app", true, "global using global::my_app;")]
    [InlineData("MyApp", false, null)]
    [InlineData("", true, null)]
    public void A_global_using_names_the_namespace_if_there_is_one(string rootNamespace, bool isGlobal, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected],
            Lines(AccessorCode.Write(rootNamespace, isGlobal, [Model("m")], "x"), "global using"));

    [Theory]
    [InlineData("model.safetensors", "ModelSafetensors")]
    [InlineData("bge-small-zh-v1.5", "BgeSmallZhV15")]
    [InlineData("onnx/model_quantized.onnx", "OnnxModelQuantizedOnnx")]
    [InlineData("2024/a", "_2024A")]
    [InlineData("class", "Class")]
    [InlineData("README", "Readme")]
    [InlineData("Qwen2-VL-7B-GGUF", "Qwen2VL7BGguf")]
    [InlineData("BGE-M3", "BgeM3")]
    [InlineData("模型.bin", "模型Bin")]
    [InlineData("éclair", "Éclair")]
    [InlineData("…", "_")]
    [InlineData("🙂x", "X")]
    [InlineData("", "_")]
    public void Names_become_identifiers(string text, string identifier) =>
        Assert.Equal(identifier, UsageSnippet.AccessorName(text));

    [Theory]
    [InlineData("App", "App")]
    [InlineData(" My.App ", "My.App")]
    [InlineData("my-app", "my_app")]
    [InlineData("2048-game", "_2048_game")]
    [InlineData("a.class.1b", "a.@class._1b")]
    [InlineData("a..b", "a.b")]
    [InlineData("ünï x", "ünï_x")]
    [InlineData("", "")]
    public void A_project_name_becomes_a_namespace_that_compiles(string rootNamespace, string expected) =>
        Assert.Equal(expected, AccessorNames.Namespace(rootNamespace));

    [Theory]
    [InlineData("README.md", "Readme")]
    [InlineData("config.json", "ConfigJson")]
    [InlineData("LICENSE", "License")]
    [InlineData(".md", "Md")]
    public void A_page_of_text_is_named_without_its_extension(string file, string name) =>
        Assert.Equal(name, UsageSnippet.FileAccessorName(file));

    [Fact]
    public void Colliding_names_are_numbered_and_files_come_before_folders() =>
        Assert.Equal(["public static ModelFile AB", "public static ModelFile AB_2", "public static ModelFile Directory_2",
            "public static ModelFile Files_2", "public static ModelFile ToString_2", "internal static class AB_3",
            "public static ModelFile AB3", "internal static class AB_4"],
            [.. Code(Model("tiny", "a-b", "a.b", "a b/a-b_3", "a+b/x/y", "directory", "files", "toString")).Split('\n')
                .Select(l => l.Trim()).SkipWhile(l => l != "internal static class Files").Skip(1)
                .Where(l => l.StartsWith("public static ModelFile ", StringComparison.Ordinal)
                    || l.StartsWith("internal static class ", StringComparison.Ordinal)).Take(8)]);

    [Fact]
    public void Models_with_colliding_names_are_numbered() =>
        Assert.Equal(["internal static class WiseModels", "internal static class AB", "internal static class AB_2",
            "internal static class ModelFile_2", "internal static class WiseModels_2"],
            Lines(Code(Model("a-b"), Model("a.b"), Model("modelFile"), Model("wiseModels")), "internal static class "));

    [Theory]
    [InlineData("plain/a b.txt", "\"plain/a b.txt\"")]
    [InlineData("q\"\\\n", "\"q\\u0022\\u005c\\u000a\"")]
    [InlineData("模", "\"\\u6a21\"")]
    public void A_file_name_cannot_end_its_literal(string text, string literal) =>
        Assert.Equal(literal, CodeText.Literal(text));

    [Fact]
    public void A_file_name_cannot_end_its_comment() =>
        Assert.StartsWith("/// <summary>&lt;/summary&gt;?&amp;??: ",
            Lines(Code(Model("m", "</summary>\u0085&\u2028\u2029")), "/// <summary>&")[0], StringComparison.Ordinal);

    [Fact]
    public void The_class_Files_is_omitted_before_the_first_lock_and_above_500_files()
    {
        string[] many = [.. Enumerable.Range(0, 501).Select(i => $"f{i}")];
        Assert.DoesNotContain("class Files", Code(Model("m") with { Files = null }), StringComparison.Ordinal);
        Assert.DoesNotContain("class Files", Code(Model("m", many)), StringComparison.Ordinal);
        Assert.Equal(500, Lines(Code(Model("m", many[..500])), "public static ModelFile F").Length);
    }

    [Fact]
    public void Without_a_root_namespace_the_accessor_has_no_namespace() =>
        Assert.DoesNotContain("namespace", AccessorCode.Write(" ", true, [Model("m")], "x"), StringComparison.Ordinal);
}
