using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Client.Hubs.HgLocalization;

namespace WiseHub.Client.Tests;

/// <summary>The JSON documents of a bucket, byte for byte as Python's json.dumps(…, indent=2) writes them.</summary>
public sealed class HgManifestTests
{
    private static readonly HgLayout Layout = new();

    // Made with Python 3: json.dumps({...}, indent=2); it escapes what is not ASCII, and leaves '/' and DEL.
    private const string Written = """
        {
          "glue---mrpc---default_revision": {
            "dataset_id": "glue",
            "config_name": "mrpc",
            "revision": null,
            "s3_zip_key": "public_datasets_zip/glue---mrpc---default_revision.zip",
            "s3_bucket": "my-bucket",
            "theirs": [
              1.50,
              true,
              {},
              [],
              "\u4e2d\u6587 \ud83d\ude00 \"a\\b\" \n\t\u0001<>&'"
            ]
          }
        }
        """;

    private static HgManifest Parse(string text, RepoType type = RepoType.Dataset) =>
        HgManifest.Parse(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")), type, "the manifest");

    [Fact]
    public void A_manifest_survives_a_round_trip_unchanged() =>
        Assert.Equal(Written.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(Parse(Written).ToBytes()));

    [Fact]
    public void An_empty_manifest_is_an_empty_JSON_object() =>
        Assert.Equal("{}", Encoding.UTF8.GetString(HgManifest.Empty(RepoType.Dataset).ToBytes()));

    [Fact]
    public void A_new_entry_is_appended_and_existing_entries_are_kept()
    {
        HgManifest manifest = Parse(Written);
        manifest.Set(new HgCopyName(RepoType.Dataset, "squad", null, "v1"), Layout,
            new JsonObject { ["dataset_id"] = "squad", ["config_name"] = null, ["revision"] = "v1" });
        Assert.Equal(Written.ReplaceLineEndings("\n")[..^2] + ",\n  \"squad---default_config---v1\": {\n"
            + "    \"dataset_id\": \"squad\",\n    \"config_name\": null,\n    \"revision\": \"v1\"\n  }\n}",
            Encoding.UTF8.GetString(manifest.ToBytes()));
    }

    [Fact]
    public void An_entry_is_found_only_when_its_key_and_its_values_match()
    {
        HgManifest manifest =
            Parse("""{"a---b---c---default_revision":{"dataset_id":"a---b","config_name":"c","revision":null}}""");
        Assert.Equal("a---b", manifest.Find(new HgCopyName(RepoType.Dataset, "a---b", "c", null), Layout)?.Name.Id);
        Assert.Null(manifest.Find(new HgCopyName(RepoType.Dataset, "a", "b---c", null), Layout));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{"a":{"dataset_id":"x"},"a":{"dataset_id":"x"}}""")]
    [InlineData("""{"a":{"dataset_id":"\ud800"}}""")]
    [InlineData("""{"a":"x"}""")]
    [InlineData("""{"a":{"dataset_id":7}}""")]
    [InlineData("""{"a":{"model_id":"m"}}""")]
    public void A_corrupted_manifest_is_an_error_and_not_read_as_empty(string text)
    {
        HubException e = Assert.Throws<HubException>(() => Parse(text));
        Assert.Equal("WISE2050", e.Code);
        Assert.StartsWith("the manifest cannot be used: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("so it is not replaced. Restore it from a backup, or delete it and upload every copy again "
            + "(wisehub hg sync-local-to-s3).", e.Message, StringComparison.Ordinal);
    }
}
