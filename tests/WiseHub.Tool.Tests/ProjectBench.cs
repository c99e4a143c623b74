using System.IO.Compression;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>A workspace with projects that use the tasks as built, without a package.</summary>
internal sealed class ProjectBench : IDisposable
{
    public ToolWorkspace Workspace { get; } = new();

    public string Project => Workspace.PathOf("work/App/App.csproj");

    public string LockFile => Workspace.PathOf("work/App/wise.lock.json");

    public void Dispose() => Workspace.Dispose();

    public Task<ProcessResult> RunAsync(params string[] arguments) => Workspace.RunAsync(arguments);

    /// <summary>Publishes acme/m with the usual files.</summary>
    public Task<string> PushModelAsync(string config = "{}") => Workspace.PushAsync("acme/m", ("config.json", config),
        ("model.safetensors", TinyWeights.Safetensors), ("onnx/model.onnx", TinyWeights.Onnx),
        ("README.md", "---\nlicense: mit\n---\n"));

    public string WriteProject(string items = "", string name = "App")
    {
        string text = $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{RepoFiles.At("build", "WiseHub.Build.props")}" />
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <WiseHubTasksAssembly>{ToolWorkspace.Metadata("TasksAssembly")}</WiseHubTasksAssembly>
              </PropertyGroup>{(items.Length == 0 ? "" : $"\n  <ItemGroup>\n    {items}\n  </ItemGroup>")}
              <Import Project="{RepoFiles.At("build", "WiseHub.Build.targets")}" />
            </Project>

            """.ReplaceLineEndings("\n");
        Workspace.Write($"work/{name}/{name}.csproj", text);
        return text;
    }

    /// <summary>
    /// Makes the only package of the only source: a WiseHub.Build that imports the targets of this repository. Packages are
    /// restored into a folder of the workspace, so that it never gets into that of the user.
    /// </summary>
    public void MakePackage()
    {
        string source = Directory.CreateDirectory(Workspace.PathOf("source")).FullName;
        using (ZipArchive package = ZipFile.Open(Path.Combine(source, "wisehub.build.1.0.0.nupkg"), ZipArchiveMode.Create))
        {
            Write(package, "WiseHub.Build.nuspec", "<package><metadata><id>WiseHub.Build</id><version>1.0.0</version>"
                + "<authors>tests</authors><description>For tests.</description></metadata></package>");
            Write(package, "build/WiseHub.Build.props", "<Project><PropertyGroup><WiseHubTasksAssembly>"
                + $"{ToolWorkspace.Metadata("TasksAssembly")}</WiseHubTasksAssembly></PropertyGroup>"
                + $"<Import Project=\"{RepoFiles.At("build", "WiseHub.Build.props")}\" /></Project>");
            Write(package, "build/WiseHub.Build.targets",
                $"<Project><Import Project=\"{RepoFiles.At("build", "WiseHub.Build.targets")}\" /></Project>");
        }
        Workspace.Write("work/nuget.config", $"""
            <configuration><packageSources><clear /><add key="only" value="{source}" /></packageSources></configuration>
            """);
        Workspace.Environment["NUGET_PACKAGES"] = Workspace.PathOf("packages");
    }

    private static void Write(ZipArchive package, string name, string text)
    {
        using var writer = new StreamWriter(package.CreateEntry(name).Open());
        writer.Write(text);
    }
}
