using System.Security.Cryptography;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Build outputs are pushed to a hub by <c>dotnet publish</c> of the real SDK with the packed package.</summary>
public sealed class PublishPushTests(SdkFixture sdk)
{
    private static ProjectBuilder Pushing(ProjectBuilder project, string repo = "acme/app") =>
        project.Property("WisePushOnPublish", "true").Property("WisePushRepoId", repo);

    private static string Ref(SdkWorkspace w, string repo = "acme/app") => w.Read($"hub/models/{repo}/refs/main");

    private static string[] Pushed(SdkWorkspace w, string repo = "acme/app")
    {
        using var tree = System.Text.Json.JsonDocument.Parse(w.Read($"hub/models/{repo}/trees/{Ref(w, repo)}.json"));
        return [.. tree.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()!)];
    }

    [Fact]
    public async Task A_publish_pushes_its_folder_without_consumed_models_and_only_if_it_changed()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Library", ProjectBuilder.Library().Model("acme/tiny", ("Alias", "theirs")));
        w.Write("src/Library/Class.cs", "public class C;\n");
        w.Write("App", Pushing(ProjectBuilder.App().Model("acme/tiny").Reference("../Library/Library.csproj")
            .Property("Version", "1.2.0").Property("UseAppHost", "false")));
        w.Write("src/App/Program.cs", "return;\n");

        SdkRun first = (await w.DotnetAsync("App", "publish -c Release -p:DebugType=embedded", "m")).Succeeded();
        string commit = Ref(w);
        SdkRun second = (await w.DotnetAsync("App", "publish -c Release -p:DebugType=embedded --no-build", "m")).Succeeded();

        Assert.Equal(["App.deps.json", "App.dll", "App.runtimeconfig.json", "Library.dll"], Pushed(w));
        Assert.Contains("models/tiny/config.json", w.Tree("src/App/bin/Release/net10.0/publish"));
        Assert.Contains("models/theirs/config.json", w.Tree("src/App/bin/Release/net10.0/publish"));
        Assert.Contains($"\"message\":\"Publish App 1.2.0\"", w.Read($"hub/models/acme/app/trees/{commit}.json"),
            StringComparison.Ordinal);
        Assert.Matches(@"  WiseHub: Pushing 4 files, [\d.]+ kB, of acme/app to 'local' …\n  WiseHub: acme/app: "
            + $@"pushed to 'local' as {commit}: 4 new; sent [\d.]+ kB in N s\.\n", w.Log(first));
        Assert.EndsWith($"  WiseHub: acme/app: 'local' already has exactly these 4 files at {commit}; no commit.\n",
            w.Log(second), StringComparison.Ordinal);
        Assert.Equal(commit, Ref(w));
        Assert.False(Directory.Exists(w.PathOf("hub/models/acme/library")));
    }

    [Fact]
    public async Task A_multi_targeted_project_pushes_once_for_the_chosen_framework()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", Pushing(ProjectBuilder.Library()).Property("TargetFrameworks", "net10.0;net9.0")
            .Item("WiseArtifact", "out/**/*.bin", ("PathInRepo", "weights")));
        w.Write("src/App/Class.cs", "public class C;\n");
        w.Write("src/App/out/a.bin", "a");
        w.Write("src/App/out/deep/b.bin", "b");

        SdkRun push = (await w.DotnetAsync("App",
            "build -restore -t:WisePush -p:TargetFramework=net10.0 -getProperty:WisePushedCommit")).Succeeded();
        SdkRun outer = await w.DotnetAsync("App", "msbuild -t:WisePush");

        Assert.Equal(["weights/a.bin", "weights/deep/b.bin"], Pushed(w));
        Assert.Equal(Ref(w), push.Output.Trim());
        Assert.Contains("error WISE5004: App.csproj has several target frameworks, and a push publishes only one. "
            + "Choose it: dotnet publish -f <framework>", outer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packing_a_tool_pushes_only_on_request()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", Pushing(ProjectBuilder.App()).Property("PackAsTool", "true").Property("UseAppHost", "false"));
        w.Write("src/App/Program.cs", "return;\n");

        (await w.DotnetAsync("App", "pack")).Succeeded();
        (await w.DotnetAsync("App", "msbuild -t:Pack -p:Configuration=Release")).Succeeded();
        Assert.False(Directory.Exists(w.PathOf("hub/models/acme/app")));

        (await w.DotnetAsync("App", "msbuild -t:Pack -p:Configuration=Release -p:WisePushOnPack=true")).Succeeded();
        Assert.Contains("App.dll", Pushed(w));
    }

    [Fact]
    public async Task A_container_for_several_runtimes_is_pushed_once_and_needs_artifacts()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        // A target that stands after the SDK's own replaces it: this one asks a registry for the image below. All
        // else is the SDK's.
        string App(string more) => $"""
            <Project>
              <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><UseAppHost>false</UseAppHost>
                <SelfContained>false</SelfContained><LocalRegistry>Podman</LocalRegistry>
                <RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers>
                <ContainerRuntimeIdentifiers>linux-x64;linux-arm64</ContainerRuntimeIdentifiers>
                <WisePushOnPublish>true</WisePushOnPublish><WisePushRepoId>acme/app</WisePushRepoId>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="WiseHub.Build" />{more}</ItemGroup>
              <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
              <Target Name="_PublishSingleContainer" />
            </Project>

            """;
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("src/App/App.csproj", App(""));
        (await w.DotnetAsync("App", "restore")).Succeeded();
        SdkRun nothing = (await w.DotnetAsync("App", "msbuild -t:PublishContainer -p:Configuration=Release")).Failed();
        Assert.Equal("$/src/App/App.csproj : error WISE5070: Nothing was pushed to acme/app: each runtime was published into "
            + "its own folder, and no WiseArtifact item selects the files to push. Add one, "
            + "or publish one runtime (-r).\n", w.Log(nothing).Replace(" [$/src/App/App.csproj]", "", StringComparison.Ordinal));
        Assert.False(Directory.Exists(w.PathOf("hub/models/acme/app")));

        w.Write("src/App/art/sub/1.bin", "1");
        w.Write("src/App/App.csproj",
            App("<WiseArtifact Include=\"art/**\" PathInRepo=\"%(RecursiveDir)%(Filename)%(Extension)\" />"));
        foreach (string command in (string[])["msbuild -t:PublishContainer -p:Configuration=Release",
            "publish -t:PublishContainer"])
        {
            SdkRun run = (await w.DotnetAsync("App", command, "m")).Succeeded();
            Assert.Equal(["sub/1.bin"], Pushed(w));
            Assert.Equal(1, run.Output.Split("WiseHub: acme/app: ").Length - 1);
        }
    }

    [Fact]
    public async Task A_tool_for_several_runtimes_is_pushed_once()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", Pushing(ProjectBuilder.App()).Property("PackAsTool", "true")
            .Property("RuntimeIdentifiers", "linux-x64;linux-arm64").Property("PublishSelfContained", "false")
            .Property("SelfContained", "false").Property("UseAppHost", "false").Item("WiseArtifact", "out"));
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("src/App/out/a.bin", "a");

        SdkRun run = (await w.DotnetAsync("App", "pack -p:WisePushOnPack=true", "m")).Succeeded();

        Assert.Equal(["a.bin"], Pushed(w));
        Assert.Equal(1, run.Output.Split("WiseHub: acme/app: ").Length - 1);
    }

    [Fact]
    public async Task A_signed_push_leaves_neither_key_nor_password_in_the_binary_log_nor_in_obj()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        w.Write("key.pem", key.ExportEncryptedPkcs8PrivateKeyPem("pass-of-the-key",
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        w.Write("App", Pushing(ProjectBuilder.Library()).Property("WisePushSignKey", "../../key.pem")
            .Item("WiseArtifact", "out"));
        w.Write("src/App/Class.cs", "public class C;\n");
        w.Write("src/App/out/config.json", "{}");

        Assert.Contains("error WISE6034: The file $/key.pem cannot be used for signatures: its key is encrypted, and "
            + "WISEHUB_SIGN_PASSWORD does not have its password. Correct its path or its contents.",
            w.Log((await w.DotnetAsync("App", "publish", "m")).Failed()), StringComparison.Ordinal);
        w.Environment["WISEHUB_SIGN_PASSWORD"] = "pass-of-the-key";
        SdkRun run = (await w.DotnetAsync("App", "publish -bl:push.binlog", "m")).Succeeded();

        Assert.Equal(["config.json", "model.sig"], Pushed(w));
        string secret = w.Read("key.pem").Split('\n')[1].Trim();
        foreach (string text in (string[])["pass-of-the-key", secret])
        {
            Assert.DoesNotContain(text, run.Output, StringComparison.Ordinal);
            Assert.False(BinaryLog.Contains(w.PathOf("src/App/push.binlog"), text));
            foreach (string file in Directory.EnumerateFiles(w.PathOf("src/App/obj"), "*", SearchOption.AllDirectories))
                Assert.DoesNotContain(text, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_push_to_a_server_leaves_no_token_in_the_binary_log_nor_in_obj()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", Pushing(ProjectBuilder.Library(), "tester/app").Property("WisePushCreateRepo", "true")
            .Property("WisePushLicense", "mit").Item("WiseArtifact", "out"));
        w.Write("src/App/Class.cs", "public class C;\n");
        w.Write("src/App/out/model.safetensors", "weights");
        w.Environment["WISEHUB_TOKEN_TEAM"] = hub.Token;

        SdkRun run = (await w.DotnetAsync("App", "publish -bl:push.binlog", "m")).Succeeded();

        Assert.Matches(@"WiseHub: tester/app: pushed to 'team' as [0-9a-f]{40}: 2 new; sent [\d.]+ k?B in N s\.", w.Log(run));
        Assert.Contains($"WiseHub: {hub.Endpoint}tester/app/commit/", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Token, run.Output, StringComparison.Ordinal);
        Assert.False(BinaryLog.Contains(w.PathOf("src/App/push.binlog"), hub.Token));
        foreach (string file in Directory.EnumerateFiles(w.PathOf("src/App/obj"), "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(hub.Token, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = w.PathOf("src/wisehub.json"),
            CacheDirectory = w.PathOf("other"),
            Environment = TestEnvironment.Empty
        });
        Snapshot pushed = await client.DownloadAsync(new RepoReference { RepoId = "tester/app" });
        Assert.Equal([".gitattributes", "README.md", "model.safetensors"], pushed.Files.Select(f => f.Path));
        Assert.StartsWith("---\nlicense: mit\n", await File.ReadAllTextAsync(pushed.Files[1].BlobPath), StringComparison.Ordinal);
    }
}
