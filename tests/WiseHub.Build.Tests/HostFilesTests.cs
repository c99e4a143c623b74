namespace WiseHub.Build.Tests;

/// <summary>A table of the files of a model that are not copied to the output unless the project names them.</summary>
public sealed class HostFilesTests
{
    private const string Loaded = "it is code that may be loaded by its name";
    private const string Setting = "the host reads settings from it";
    private const string Server = "a web server reads settings from it in any folder";

    [Theory]
    [InlineData("Dep.dll", Loaded)]
    [InlineData("version.DLL", Loaded)]
    [InlineData("hostfxr.dll", Loaded)]
    [InlineData("libhostfxr.so", Loaded)]
    [InlineData("libx.so.1.2", Loaded)]
    [InlineData("libx.dylib", Loaded)]
    [InlineData("git.exe", Loaded)]
    [InlineData("tool.cmd", Loaded)]
    [InlineData("de/App.resources.dll", Loaded)]
    [InlineData("runtimes/linux-x64/native/libx.so", Loaded)]
    [InlineData("App.exe.manifest", Loaded)]
    [InlineData("App.exe.local", Loaded)]
    [InlineData("Pages/Index.cshtml", Loaded)]
    [InlineData("App.deps.json", Setting)]
    [InlineData("App.runtimeconfig.json", Setting)]
    [InlineData("App.runtimeconfig.dev.json", Setting)]
    [InlineData("App.dll.config", Setting)]
    [InlineData("nlog.config", Setting)]
    [InlineData("appsettings.json", Setting)]
    [InlineData("AppSettings.Production.json", Setting)]
    [InlineData("App.staticwebassets.runtime.json", Setting)]
    [InlineData("host.json", Setting)]
    [InlineData("testconfig.json", Setting)]
    [InlineData(".env", Setting)]
    [InlineData("web.config", Server)]
    [InlineData("a/Web.Config", Server)]
    [InlineData("a/.htaccess", Server)]
    [InlineData("hello/function.json", "Azure Functions runs the program that it names")]
    [InlineData("wwwroot/index.html", "a web application serves that folder")]
    [InlineData("App", "without an extension it may be the name of a program")]
    [InlineData("createdump", "without an extension it may be the name of a program")]
    [InlineData("MYLONG~1.JSO", "on Windows it may be the short name of another file")]
    [InlineData("config.json", null)]
    [InlineData("tokenizer_config.json", null)]
    [InlineData("model.safetensors", null)]
    [InlineData("onnx/model.onnx", null)]
    [InlineData("pytorch_model.bin", null)]
    [InlineData(".gitattributes", null)]
    [InlineData("README.md", null)]
    [InlineData("LICENSE", null)]
    [InlineData("onnx/LICENSE", null)]
    [InlineData("vocab/en", null)]
    [InlineData("settings/appsettings.json", null)]
    public void A_model_file_beside_the_program_that_would_be_loaded_by_name_is_refused(string path, string? reason) =>
        Assert.Equal(reason, HostFiles.Reject("", path));

    [Theory]
    [InlineData("Dep.dll", null)]
    [InlineData("libcustom_op.so", null)]
    [InlineData("appsettings.json", null)]
    [InlineData("App", null)]
    [InlineData("web.config", Server)]
    [InlineData("a/.htaccess", Server)]
    public void In_a_folder_of_its_own_a_model_may_have_all_files_that_no_program_loads(string path, string? reason) =>
        Assert.Equal(reason, HostFiles.Reject("models/tiny", path));

    [Theory]
    [InlineData("", "My.App", true)]
    [InlineData("", "a.onnx", false)]
    [InlineData("", "A.JSON", false)]
    [InlineData("models/tiny", "My.App", false)]
    public void Only_files_of_unknown_type_beside_the_program_are_inspected(string folder, string path, bool expected) =>
        Assert.Equal(expected, HostFiles.MustLookInto(folder, path));

    [Theory]
    [InlineData("7f454c4602", true)]
    [InlineData("4d5a9000", true)]
    [InlineData("cffaedfe", true)]
    [InlineData("cafebabe", true)]
    [InlineData("feedface", true)]
    [InlineData("23212f62696e2f7368", true)]
    [InlineData("2321", true)]
    [InlineData("", false)]
    [InlineData("4d", false)]
    [InlineData("7b7d0a", false)]
    public void A_program_is_recognized_by_its_first_bytes(string hex, bool expected)
    {
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, Convert.FromHexString(hex));
        Assert.Equal(expected, HostFiles.IsProgram(file));
        File.Delete(file);
    }
}
