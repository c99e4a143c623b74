using System.Globalization;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Tests.Inventory;

public sealed class BillOfMaterialsTests : IDisposable
{
    private const string Card = "---\nlicense: apache-2.0\nbase_model: acme/base\ndatasets: [acme/corpus]\n"
        + "pipeline_tag: text-classification\ntags: [tiny, \"a\\\"b\", tiny]\n---\n";

    private readonly BillBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static JsonNode Component(JsonNode root, int index = 0) => root["components"]![index]!;

    [Fact]
    public void A_small_list_is_this_text()
    {
        LockEntry entry = BillBench.Entry("acme/tiny", paths: ["a b.bin"]) with
        {
            License = ["apache-2.0", "gemma"],
            Gate = "auto",
            Signature = new LockedSignature("key 12", BillBench.DigestOf("s")),
        };
        string text = _bench.Write(entry);
        BillBench.Valid(text);
        string serial = JsonNode.Parse(text)!["serialNumber"]!.GetValue<string>();
        string version = typeof(HubClient).Assembly.GetName().Version!.ToString(3);
        Assert.Equal($$"""
            {
              "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
              "bomFormat": "CycloneDX",
              "specVersion": "1.6",
              "serialNumber": "{{serial}}",
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
                      "version": "{{version}}"
                    }
                  ]
                },
                "component": {
                  "type": "application",
                  "bom-ref": "wisehub:program/App",
                  "name": "App",
                  "version": "1.2.3"
                }
              },
              "components": [
                {
                  "type": "machine-learning-model",
                  "bom-ref": "wisehub:model/huggingface/acme/tiny@{{BillBench.Commit}}",
                  "group": "acme",
                  "name": "tiny",
                  "version": "{{BillBench.Commit}}",
                  "licenses": [
                    {
                      "license": {
                        "id": "Apache-2.0",
                        "acknowledgement": "declared"
                      }
                    },
                    {
                      "license": {
                        "name": "gemma",
                        "acknowledgement": "declared"
                      }
                    }
                  ],
                  "purl": "pkg:huggingface/acme/tiny@{{BillBench.Commit}}",
                  "externalReferences": [
                    {
                      "type": "distribution",
                      "url": "https://huggingface.co/acme/tiny"
                    },
                    {
                      "type": "vcs",
                      "url": "https://huggingface.co/acme/tiny"
                    }
                  ],
                  "properties": [
                    {
                      "name": "wisehub:hub",
                      "value": "huggingface"
                    },
                    {
                      "name": "wisehub:gate",
                      "value": "auto"
                    },
                    {
                      "name": "wisehub:signer",
                      "value": "key 12"
                    },
                    {
                      "name": "wisehub:signature-sha256",
                      "value": "{{BillBench.DigestOf("s")}}"
                    },
                    {
                      "name": "wisehub:selection",
                      "value": "{}"
                    }
                  ],
                  "components": [
                    {
                      "type": "file",
                      "bom-ref": "wisehub:model/huggingface/acme/tiny@{{BillBench.Commit}}#a%20b.bin",
                      "name": "a b.bin",
                      "hashes": [
                        {
                          "alg": "SHA-256",
                          "content": "{{BillBench.DigestOf("a b.bin")}}"
                        }
                      ],
                      "externalReferences": [
                        {
                          "type": "distribution",
                          "url": "https://huggingface.co/acme/tiny/resolve/{{BillBench.Commit}}/a%20b.bin"
                        }
                      ],
                      "properties": [
                        {
                          "name": "wisehub:size",
                          "value": "7"
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
                    "wisehub:model/huggingface/acme/tiny@{{BillBench.Commit}}"
                  ]
                },
                {
                  "ref": "wisehub:model/huggingface/acme/tiny@{{BillBench.Commit}}"
                }
              ]
            }

            """, text, ignoreLineEndingDifferences: true);
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", serial);
    }

    [Theory]
    [InlineData("\"Apache-2.0\"", "\"apache-2.0\"")]
    [InlineData("\"machine-learning-model\"", "\"model\"")]
    [InlineData("\"group\": \"acme\"", "\"group\": null")]
    [InlineData("#a\"", "\"")]
    [InlineData("\"wisehub:program/App\",\n      \"dependsOn\"", "\"wisehub:program/Other\",\n      \"dependsOn\"")]
    public void The_check_of_these_tests_sees_a_mistake(string right, string wrong)
    {
        string text = _bench.Write(BillBench.Entry("acme/tiny", paths: ["a"]) with { License = ["apache-2.0"] });
        BillBench.Valid(text);
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => BillBench.Valid(text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_list_without_models_and_without_a_program_is_valid()
    {
        using HubClient client = _bench.NewClient();
        JsonNode root = BillBench.Valid(BillBench.TextOf(client.DescribeMaterials([])));
        Assert.Equal((0, 0, null), (root["components"]!.AsArray().Count, root["dependencies"]!.AsArray().Count,
            root["metadata"]!["component"]));
    }

    [Fact]
    public void The_facts_of_a_cached_card_are_in_the_list()
    {
        LockEntry entry = BillBench.Entry("acme/tiny") with { Files = [_bench.Cached("README.md", Card)] };
        JsonNode model = Component(BillBench.Valid(_bench.Write(entry)));
        Assert.Equal("acme/base", model["pedigree"]!["ancestors"]![0]!["name"]!.GetValue<string>());
        Assert.Equal("text-classification", model["modelCard"]!["modelParameters"]!["task"]!.GetValue<string>());
        Assert.Equal("acme/corpus", model["modelCard"]!["modelParameters"]!["datasets"]![0]!["name"]!.GetValue<string>());
        Assert.Equal(["tiny", "a\"b"], model["tags"]!.AsArray().Select(t => t!.GetValue<string>()));
        Assert.Equal($"https://huggingface.co/acme/tiny/resolve/{BillBench.Commit}/README.md",
            model["externalReferences"]!.AsArray().First(r => r!["type"]!.GetValue<string>() == "model-card")!["url"]!
                .GetValue<string>());
    }

    [Fact]
    public void A_card_with_other_bytes_than_the_lock_file_says_is_not_read()
    {
        LockedFile card = _bench.Cached("README.md", Card);
        string blob = Directory.EnumerateFiles(_bench.Temp["cache/blobs"], "*", SearchOption.AllDirectories).Single();
        File.WriteAllText(blob, Card.Replace("acme/base", "acme/evil", StringComparison.Ordinal));
        JsonNode model = Component(BillBench.Valid(_bench.Write(BillBench.Entry("acme/tiny") with { Files = [card] })));
        Assert.Null(model["pedigree"]);
    }

    [Fact]
    public void A_surrogate_without_a_partner_in_a_card_is_replaced()
    {
        LockedFile card = _bench.Cached("README.md", "---\ntags: [\"x\\uD800\"]\nbase_model: \"\\uDC00\"\n---\n");
        JsonNode model = Component(BillBench.Valid(_bench.Write(BillBench.Entry("acme/tiny") with { Files = [card] })));
        Assert.All(BillBench.Values(model, "tags"), t => Assert.DoesNotContain(t, char.IsSurrogate));
    }

    [Theory]
    [InlineData(RepoType.Model, "machine-learning-model", null)]
    [InlineData(RepoType.Dataset, "data", "dataset")]
    [InlineData(RepoType.Code, "data", "source-code")]
    [InlineData(RepoType.Space, "application", null)]
    public void Each_kind_of_repo_has_its_type(RepoType type, string expected, string? data)
    {
        JsonNode component = Component(BillBench.Valid(_bench.Write(BillBench.Entry("acme/tiny", type: type, paths: ["a"]))));
        Assert.Equal((expected, data),
            (component["type"]!.GetValue<string>(), component["data"]?[0]!["type"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("acme/Tiny.v1", "huggingface", RepoType.Model, "pkg:huggingface/acme/Tiny.v1@#")]
    [InlineData("gpt2", "huggingface", RepoType.Model, "pkg:huggingface/gpt2@#")]
    [InlineData("acme/tiny", "team;huggingface", RepoType.Model,
        "pkg:huggingface/acme/tiny@#?repository_url=https://hub.example/base")]
    [InlineData("acme/corpus", "huggingface", RepoType.Dataset,
        "pkg:generic/acme/corpus@#?download_url=https://huggingface.co/datasets/acme/corpus")]
    [InlineData("acme/tiny", "github", RepoType.Code, "pkg:generic/acme/tiny@#?download_url=https://github.com/acme/tiny")]
    [InlineData("acme/tiny", "folder", RepoType.Model, "pkg:generic/acme/tiny@#")]
    [InlineData("https://example.com/a/w x.bin", "url", RepoType.Model,
        "pkg:generic/w%20x.bin@#?download_url=https://example.com/a/w%20x.bin")]
    [InlineData("acme/tiny", "of-the-user", RepoType.Model, "pkg:generic/acme/tiny@#")]
    public void Package_URLs(string id, string hub, RepoType type, string expected)
    {
        JsonNode root = BillBench.Valid(_bench.Write(BillBench.Entry(id, hub, type)));
        Assert.Equal(expected.Replace("#", BillBench.Commit, StringComparison.Ordinal),
            Component(root)["purl"]!.GetValue<string>());
    }

    [Fact]
    public void The_same_lock_file_gives_the_same_bytes_in_every_folder_culture_and_environment()
    {
        LockEntry[] entries =
        [
            BillBench.Entry("acme/z", paths: ["I.bin", "i/x", "é", "\uFF61", "😀"]),
            BillBench.Entry("acme/a", "team", paths: ["x"]),
            BillBench.Entry("acme/a", "folder", RepoType.Dataset, "main", "x"),
        ];
        string expected = _bench.Write(entries);
        // As on a machine with a mirror, where the user's own configuration moves a hub.
        using var other = new BillBench(
            ("HF_ENDPOINT", "https://mirror.example"), ("WISEHUB_ENDPOINT_TEAM", "https://x.example"));
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            Assert.Equal(expected, other.Write([.. entries.Reverse()]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        BillBench.Valid(expected);
        Assert.DoesNotContain(_bench.Temp.Path, expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_change_changes_the_serial_number()
    {
        string Serial(LockEntry entry) => JsonNode.Parse(_bench.Write(entry))!["serialNumber"]!.GetValue<string>();
        LockEntry entry = BillBench.Entry("acme/tiny", paths: ["a"]);
        string[] serials = [Serial(entry), Serial(entry with { License = ["mit"] }), Serial(entry with { Gate = "auto" }),
            Serial(BillBench.Entry("acme/tiny", paths: ["b"]))];
        Assert.Equal(4, serials.Distinct().Count());
    }

    [Fact]
    public void The_time_comes_from_SOURCE_DATE_EPOCH_alone()
    {
        using var bench = new BillBench(("SOURCE_DATE_EPOCH", "1700000000"));
        Assert.Equal("2023-11-14T22:13:20Z",
            BillBench.Valid(bench.Write())["metadata"]!["timestamp"]!.GetValue<string>());
        Assert.Null(BillBench.Valid(_bench.Write())["metadata"]!["timestamp"]);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("999999999999999")]
    [InlineData("today")]
    public void A_malformed_SOURCE_DATE_EPOCH_is_an_error(string value)
    {
        using var bench = new BillBench(("SOURCE_DATE_EPOCH", value));
        HubException e = Assert.Throws<HubException>(() => bench.Write());
        Assert.Equal((WiseCodes.BomNotWritten, $"The environment variable SOURCE_DATE_EPOCH is '{value}', but it must be the "
            + "seconds since 1970-01-01 as a whole number (https://reproducible-builds.org/specs/source-date-epoch/). Correct or "
            + "remove it."), (e.Code, e.Message));
    }

    [Fact]
    public void Entries_that_differ_in_one_part_have_references_of_their_own()
    {
        LockEntry entry = BillBench.Entry("a/b", paths: ["c", "c#d", "c/d", "c%2Fd", "e\nf", "\"", "\\", "\u0001"]);
        LockKey key = entry.Key;
        JsonNode root = BillBench.Valid(_bench.Write(
            entry, entry with { Key = key with { Revision = "" } }, entry with { Key = key with { Revision = "main" } },
            entry with { Key = key with { Config = "main" } }, entry with { Key = key with { Hub = "team" } },
            entry with { Key = key with { Hub = "team;folder" } }, entry with { Key = key with { RepoType = RepoType.Code } },
            entry with { Commit = new string('b', 40) },
            entry with { Key = key with { RepoId = "a/b@c?revision=main#\u0000 \"" } }));
        Assert.Equal(9, root["components"]!.AsArray().Count);
    }

    [Fact]
    public void The_same_entry_of_two_projects_is_one_component_with_the_files_of_both()
    {
        LockEntry first = BillBench.Entry("acme/tiny", paths: ["a", "c"]),
            second = BillBench.Entry("acme/tiny", paths: ["b", "c"]);
        JsonNode root = BillBench.Valid(
            BillBench.TextOf(BillOfMaterials.Combine([_bench.Describe(first), _bench.Describe(second)])));
        Assert.Equal(["a", "b", "c"],
            root["components"]!.AsArray().Single()!["components"]!.AsArray().Select(f => f!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Waived_files_are_marked()
    {
        LockedFile waived = new LockedFile("w.bin", 1, BillBench.DigestOf("w")) { Waived = "pickle" };
        JsonNode model = Component(BillBench.Valid(_bench.Write(BillBench.Entry("acme/tiny") with { Files = [waived] })));
        foreach (JsonNode? part in new[] { model, model["components"]![0] })
            Assert.Contains(part!["properties"]!.AsArray(), p => p!["name"]!.GetValue<string>() == "wisehub:waived"
                && p["value"]!.GetValue<string>() == "pickle");
    }

    [Fact]
    public void Only_used_entries_and_selected_files_are_listed()
    {
        LockEntry used = BillBench.Entry("acme/tiny", paths: ["a.bin", "b.txt", "c.md"]), unused = BillBench.Entry("acme/other");
        LockFile locked = LockFile.Empty.With([used, unused]);
        LockEntry entry = Assert.Single(BillOfMaterials.EntriesOf(locked,
            [(used.Key, new FileSelection(["*.bin"], [])), (used.Key, new FileSelection(["*.md"], []))]));
        Assert.Equal(["a.bin", "c.md"], entry.Files.Select(f => f.Path));
    }

    [Fact]
    public void An_entry_that_is_not_locked_is_an_error()
    {
        LockKey key = BillBench.Entry("acme/tiny").Key;
        HubException e = Assert.Throws<HubException>(() => BillOfMaterials.EntriesOf(null, [(key, FileSelection.All)]));
        Assert.Equal((WiseCodes.BomNotWritten, "The lock file has no model acme/tiny from huggingface at the default branch, so "
            + "its files are not known. Build the project, or run 'wisehub restore'."), (e.Code, e.Message));
    }

    [Fact]
    public void Ten_thousand_files_are_written_with_little_memory()
    {
        LockEntry entry = BillBench.Entry("acme/tiny",
            paths: [.. Enumerable.Range(0, 10_000).Select(i => $"part/{i:D5}\t\"\u0001.bin")]);
        BillOfMaterials bill = _bench.Describe(entry);
        using var output = new LargestWrite();
        bill.Write(output);
        Assert.InRange(output.Total, 4_000_000, 20_000_000);
        Assert.InRange(output.Largest, 1, 1 << 18);
    }

    [Fact]
    public void A_list_is_written_to_a_file_as_a_whole()
    {
        string file = _bench.Temp["out/app.cdx.json"];
        _bench.Describe(BillBench.Entry("acme/tiny")).WriteFile(file);
        Assert.Equal(_bench.Write(BillBench.Entry("acme/tiny")), File.ReadAllText(file));
        Assert.Equal(["app.cdx.json"], Directory.EnumerateFileSystemEntries(_bench.Temp["out"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_an_error()
    {
        string folder = _bench.Temp["out"];
        Directory.CreateDirectory(folder);
        HubException e = Assert.Throws<HubException>(() => _bench.Describe().WriteFile(folder));
        Assert.Equal((WiseCodes.BomNotWritten,
            $"{folder} is a folder, so the list of materials cannot be written there. Name a file in it."), (e.Code, e.Message));
    }

    [Fact]
    public void A_file_in_place_of_a_folder_is_an_error()
    {
        string file = _bench.Temp.Write("out", "x");
        HubException e = Assert.Throws<HubException>(() => _bench.Describe().WriteFile(Path.Combine(file, "app.cdx.json")));
        Assert.Equal(WiseCodes.BomNotWritten, e.Code);
        Assert.EndsWith(". Name another file, or correct its permissions.", e.Message, StringComparison.Ordinal);
    }
}
