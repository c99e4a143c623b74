using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub bom</c>. The tests of the library check the list against the schema of CycloneDX.</summary>
public sealed class BomCommandTests : IDisposable
{
    private readonly ProjectBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static IEnumerable<string> Names(JsonNode? components) =>
        components!.AsArray().Select(c => c!["name"]!.GetValue<string>());

    [Fact]
    public async Task The_list_of_a_project_is_this_text()
    {
        string commit = await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json;README.md\" />");
        await _bench.RunAsync("restore", "App");

        ProcessResult result = await _bench.RunAsync("bom", "App");

        JsonNode list = JsonNode.Parse(result.Output)!;
        string Sha(int file) => list["components"]![0]!["components"]![file]!["hashes"]![0]!["content"]!.GetValue<string>();
        Assert.Equal(new ProcessResult(0, $$"""
            {
              "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
              "bomFormat": "CycloneDX",
              "specVersion": "1.6",
              "serialNumber": "{{list["serialNumber"]}}",
              "version": 1,
              "metadata": {
                "lifecycles": [
                  {
                    "phase": "build"
                  }
                ],
                "tools": {
                  "components": [
                    {
                      "type": "application",
                      "name": "WiseHub",
                      "version": "{{typeof(Client.HubClient).Assembly.GetName().Version!.ToString(3)}}"
                    }
                  ]
                },
                "component": {
                  "type": "application",
                  "bom-ref": "wisehub:program/App",
                  "name": "App"
                }
              },
              "components": [
                {
                  "type": "machine-learning-model",
                  "bom-ref": "wisehub:model/local/acme/m@{{commit}}",
                  "group": "acme",
                  "name": "m",
                  "version": "{{commit}}",
                  "licenses": [
                    {
                      "license": {
                        "id": "MIT",
                        "acknowledgement": "declared"
                      }
                    }
                  ],
                  "purl": "pkg:generic/acme/m@{{commit}}",
                  "properties": [
                    {
                      "name": "wisehub:hub",
                      "value": "local"
                    },
                    {
                      "name": "wisehub:selection",
                      "value": "{\"allow\":[\"*.json\",\"README.md\"]}"
                    }
                  ],
                  "components": [
                    {
                      "type": "file",
                      "bom-ref": "wisehub:model/local/acme/m@{{commit}}#README.md",
                      "name": "README.md",
                      "hashes": [
                        {
                          "alg": "SHA-256",
                          "content": "{{Sha(0)}}"
                        }
                      ],
                      "properties": [
                        {
                          "name": "wisehub:size",
                          "value": "21"
                        }
                      ]
                    },
                    {
                      "type": "file",
                      "bom-ref": "wisehub:model/local/acme/m@{{commit}}#config.json",
                      "name": "config.json",
                      "hashes": [
                        {
                          "alg": "SHA-256",
                          "content": "{{Sha(1)}}"
                        }
                      ],
                      "properties": [
                        {
                          "name": "wisehub:size",
                          "value": "2"
                        }
                      ]
                    }
                  ]
                }
              ],
              "dependencies": [
                {
                  "ref": "wisehub:program/App",
                  "dependsOn": [
                    "wisehub:model/local/acme/m@{{commit}}"
                  ]
                },
                {
                  "ref": "wisehub:model/local/acme/m@{{commit}}"
                }
              ]
            }

            """.ReplaceLineEndings("\n"), ""), result);
    }

    [Fact]
    public async Task A_lock_file_and_a_repo_are_listed_too_and_a_list_is_merged_into_a_file()
    {
        await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json\" />");
        await _bench.RunAsync("restore", "App");

        JsonNode locked = JsonNode.Parse((await _bench.RunAsync("bom", "--lock", "App/wise.lock.json")).Output)!;
        Assert.Equal(["config.json"], Names(locked["components"]![0]!["components"]));

        JsonNode repo = JsonNode.Parse((await _bench.RunAsync("bom", "acme/m", "--revision", "main")).Output)!;
        Assert.Equal(["README.md", "config.json", "model.safetensors", "onnx/model.onnx"],
            Names(repo["components"]![0]!["components"]));
        Assert.Equal("MIT", repo["components"]![0]!["licenses"]![0]!["license"]!["id"]!.GetValue<string>());

        _bench.Workspace.Write("work/other.json",
            """{ "bomFormat": "CycloneDX", "specVersion": "1.5", "components": [ { "type": "library", "name": "A" } ] }""");
        Assert.Equal(new ProcessResult(0, "$/work/out/app.json\n", ""), await _bench.RunAsync("bom", "--lock",
            "App/wise.lock.json", "--merge", "other.json", "--output", "out/app.json", "--provenance", "out/app.jsonl",
            "--published", "App"));
        string Read(string file) => File.ReadAllText(_bench.Workspace.PathOf($"work/out/{file}"));
        Assert.Equal(["A", "m"], Names(JsonNode.Parse(Read("app.json"))!["components"]));
        Assert.Contains("App.csproj", Names(JsonNode.Parse(Read("app.jsonl"))!["subject"]));
    }

    [Fact]
    public async Task Mistakes_are_told()
    {
        _bench.Workspace.Write("work/bom.xml", "<bom/>");
        await _bench.PushModelAsync();
        foreach ((string[] arguments, string message) in new (string[], string)[]
        {
            (["acme/m", "--merge", "bom.xml"], "WISE6041: Nothing can be added to $/work/bom.xml: it is XML. Make it again with "
                + "the tool that wrote it, as CycloneDX JSON 1.4, 1.5 or 1.6."),
            (["acme/m", "--output", "."], "WISE6040: $/work is a folder, so the list of materials cannot be written there. Name "
                + "a file in it."),
            (["--lock", "no.json"], "WISE6040: $/work/no.json does not exist. Name the lock file, or make it with 'wisehub "
                + "restore'."),
            (["acme/m", "--lock", "no.json"], "WISE1101: Both acme/m and --lock are given. Name a project or repo, or a lock "
                + "file."),
            (["acme/m", "--published", "x"], "WISE1101: --provenance and --published belong together: the file to write, and "
                + "the folder whose files it is about."),
            ([".", "--revision", "main"], "WISE1101: --hub, --type and --revision are for a repo. The lock file of a project "
                + "has its own."),
        })
            Assert.Equal(new ProcessResult(1, "", $"error {message}\n"), await _bench.RunAsync(["bom", .. arguments]));
    }
}
