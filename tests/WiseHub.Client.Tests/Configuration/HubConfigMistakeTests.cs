using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class HubConfigMistakeTests : IDisposable
{
    private const string Remedy = " docs/configuration.md lists all keys.";
    private const string RootKeys = "$schema, defaultHub, hubs, mirrors, mirrorsOnly, policy";
    private const string HubKeys = "protocol, path, endpoint, endpoints, uploadChunkSize, commitTimeout, transport, archive, "
        + "bucket, prefix, region, profile, pathStyle, conditionalWrites, publicAccess, retries, connectTimeout, "
        + "stallTimeout, totalTimeout";

    private readonly TempFolder _temp = new();

    /// <summary>Puts a text into a file in which <c>^</c> marks the place that the error must point at.</summary>
    private void AssertWrong(string marked, string problem, string code = WiseCodes.InvalidConfig)
    {
        string before = marked[..marked.IndexOf('^', StringComparison.Ordinal)];
        int line = before.Count(c => c == '\n') + 1, column = before.Length - before.LastIndexOf('\n');
        string file = _temp.Write("wisehub.json", marked.Replace("^", "", StringComparison.Ordinal));
        var e = Assert.Throws<HubException>(() => HubConfig.Load(file, TestEnvironment.Empty));
        Assert.Equal((code, file, line, column), (e.Code, e.File, e.Line, e.Column));
        Assert.Equal($"{file}({line},{column}): {problem}", e.Message);
    }

    [Fact]
    public void A_trailing_comma_is_an_error_that_says_which_one()
    {
        string file = _temp.Write("wisehub.json", "{\n  \"mirrorsOnly\": false,\n}");
        var e = Assert.Throws<HubException>(() => HubConfig.Load(file, TestEnvironment.Empty));
        Assert.Equal((WiseCodes.InvalidConfig, file, 3), (e.Code, e.File, e.Line));
        Assert.Equal($"{file}(3,1) is not valid JSON: nothing follows the comma before this character. Remove that comma."
            + Remedy, e.Message);
    }

    [Fact]
    public void Comments_and_a_schema_are_allowed()
    {
        string file = _temp.Write("wisehub.json",
            "// ours\n{ \"$schema\": \"x\", /* the default */ \"defaultHub\": \"huggingface\" }\n");
        Assert.Equal("huggingface", HubConfig.Load(file, TestEnvironment.Empty).DefaultHub);
    }

    [Fact]
    public void An_unknown_key_at_the_root_is_an_error() =>
        AssertWrong("{\n  \"hubs\": { \"a\": { \"protocol\": \"store\", \"path\": \"x\" } },\n  ^\"path\": 1\n}",
            $"'path' is not a known key. The keys are {RootKeys}." + Remedy);

    [Fact]
    public void An_unknown_key_of_a_hub_is_an_error() =>
        AssertWrong("{\"hubs\":{\"a\":{\"protocol\":\"store\",\"path\":\"x\"},\n\"b\":{\"protocol\":\"store\",\n"
            + "   ^\"Path\":\"x\"}}}", $"'Path' is not a known key. Did you mean 'path'? The keys are {HubKeys}." + Remedy);

    [Fact]
    public void Hubs_must_be_an_object() => AssertWrong("{\"hubs\":^[]}", "'hubs' must be an object." + Remedy);

    [Fact]
    public void A_hub_must_be_an_object() => AssertWrong("{\"hubs\":{\"a\":^\"store\"}}", "an object is expected here." + Remedy);

    [Fact]
    public void A_hub_without_a_protocol_is_an_error() =>
        AssertWrong("{\"hubs\":{\"a\":^{\"path\":\"x\"}}}", "'protocol' is missing or empty." + Remedy);

    [Fact]
    public void An_unknown_protocol_is_an_error() =>
        AssertWrong("{\"hubs\":{\"b\":{\"protocol\":\"huggingface\"},\n\"a\":{\"protocol\":^\"svn\"}}}",
            "'svn' is not a known protocol. The protocols are store, huggingface, wisemodel, git, s3, hg-localization." + Remedy);

    [Theory]
    [InlineData("")]
    [InlineData(",\"path\":\"x\",\"endpoint\":\"http://x\"")]
    public void A_store_needs_either_a_path_or_an_endpoint(string more) =>
        AssertWrong($"{{\"hubs\":{{\"a\":^{{\"protocol\":\"store\"{more}}}}}}}",
            "the hub 'a' needs either 'path' (a folder) or 'endpoint' (a web server)." + Remedy);

    [Fact]
    public void A_path_of_a_hub_other_than_a_store_is_an_unknown_key() =>
        AssertWrong("{\"hubs\":{\"a\":{\"protocol\":\"huggingface\",^\"path\":\"x\"}}}",
            "'path' is not a known key. The keys are protocol, endpoint, retries, connectTimeout, stallTimeout, totalTimeout."
            + Remedy);

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("x")]
    [InlineData("https://u:p@x")]
    public void An_endpoint_that_is_not_a_web_address_is_an_error(string endpoint) =>
        AssertWrong($"{{\"hubs\":{{\"a\":{{\"protocol\":\"store\",\"endpoint\":^\"{endpoint}\"}}}}}}",
            $"'{endpoint}' is not an http(s) URL without user, query and fragment." + Remedy);

    [Theory]
    [InlineData("connectTimeout", "0")]
    [InlineData("stallTimeout", "86401")]
    [InlineData("totalTimeout", "0")]
    public void A_timeout_out_of_range_is_an_error(string key, string value) =>
        AssertWrong($"{{\"hubs\":{{\"a\":{{\"protocol\":\"store\",\"path\":\"x\",\"{key}\":^{value}}}}}}}",
            $"'{key}' must be 1 to 86400 seconds." + Remedy);

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    public void A_number_of_retries_out_of_range_is_an_error(string value) =>
        AssertWrong($"{{\"hubs\":{{\"a\":{{\"protocol\":\"store\",\"path\":\"x\",\"retries\":^{value}}}}}}}",
            "'retries' must be 1 to 100." + Remedy);

    [Fact]
    public void A_text_instead_of_a_number_is_an_error() =>
        AssertWrong("{\"hubs\":{\"a\":{\"protocol\":\"store\",\"path\":\"x\",\"retries\":^\"3\"}}}",
            "'retries' must be a whole number of at least 0." + Remedy);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a;b")]
    [InlineData("模型")]
    public void A_hub_name_that_cannot_be_written_in_a_project_is_an_error(string name) =>
        AssertWrong($"{{\"hubs\":{{\"{name}\":^{{\"protocol\":\"s3\"}}}}}}",
            $"the hub name '{name}' must have 1 to 64 letters, digits, '-', '_' and '.'." + Remedy);

    [Fact]
    public void Two_hub_names_that_differ_only_in_case_are_an_error() =>
        AssertWrong("{\"hubs\":{\"a\":{\"protocol\":\"huggingface\"},\n\"A\":^{\"protocol\":\"huggingface\"}}}",
            "the hub 'A' is declared twice; hub names are case-insensitive." + Remedy);

    [Fact]
    public void An_undeclared_default_hub_is_an_error() =>
        AssertWrong("{\"hubs\":{},\n\"defaultHub\":^\"local\"}", "the default hub 'local' is not declared." + Remedy);

    [Theory]
    [InlineData("{\"mode\":^\"warning\"}", "'mode' must be error or warn, but is 'warning'.")]
    [InlineData("{\"pinned\":^\"yes\"}", "'pinned' must be true or false.")]
    [InlineData("{\"maxFileSize\":^\"5 apples\"}",
        "'maxFileSize' must be a number of bytes, or a text such as \"500 MB\" or \"20 GB\".")]
    [InlineData("{\"signatures\":[^{\"repos\":[\"*\"]}]}",
        "a signature needs one signer: 'key', or 'certificate', or 'identity' with 'issuer'.")]
    [InlineData("{\"signatures\":[^{\"repos\":[\"*\"],\"key\":\"a\",\"identity\":\"b\",\"issuer\":\"c\"}]}",
        "a signature needs one signer: 'key', or 'certificate', or 'identity' with 'issuer'.")]
    [InlineData("{\"signatures\":[^{\"key\":\"a\"}]}", "'repos' is missing or empty.")]
    public void A_mistake_in_a_policy_is_an_error(string policy, string problem) =>
        AssertWrong($"{{\"policy\":{policy}}}", problem + Remedy);

    [Fact]
    public void An_unknown_key_of_a_policy_is_an_error() => AssertWrong("{\"policy\":{^\"licences\":{}}}",
        "'licences' is not a known key. Did you mean 'licenses'? The keys are mode, hubs, repos, licenses, formats, maxFileSize, "
            + "maxReferenceSize, pinned, signatures, trustRoot." + Remedy);

    [Theory]
    [InlineData("[{\"hub\":^\"none\"}]", "the mirror 'none' is not declared under 'hubs'.")]
    [InlineData("[{\"hub\":\"web\",\"write\":^true}]", "the mirror 'web' is not writable: a mirror with \"write\": true must be "
        + "a hub with \"protocol\": \"store\" and a \"path\", \"protocol\": \"s3\" or \"protocol\": "
            + "\"hg-localization\".")]
    [InlineData("[{\"hub\":\"web\",\"write\":^1}]", "'write' must be true or false.")]
    [InlineData("[],\"mirrorsOnly\":^true", "'mirrorsOnly' needs at least one hub in 'mirrors'.")]
    public void Mistakes_in_the_list_of_mirrors_are_errors(string mirrors, string problem) =>
        AssertWrong(
            $"{{\"hubs\":{{\"web\":{{\"protocol\":\"store\",\"endpoint\":\"http://127.0.0.1:9\"}}}},\"mirrors\":{mirrors}}}",
            problem + Remedy);

    [Theory]
    [InlineData("\"s3\"", "the hub 'a' needs 'bucket'.")]
    [InlineData("\"git\"", "the hub 'a' needs 'endpoint', the URL of the git host.")]
    public void A_hub_that_lacks_a_required_key_is_an_error(string protocol, string problem) =>
        AssertWrong($"{{\"hubs\":{{\"a\":^{{\"protocol\":{protocol}}}}}}}", problem + Remedy);

    [Fact]
    public void An_invalid_value_of_public_access_is_an_error() => AssertWrong(
        "{\"hubs\":{\"a\":{\"protocol\":\"hg-localization\",\"bucket\":\"b\",\"publicAccess\":^\"all\"}}}",
        "'publicAccess' is 'all'; it may be acl, policy." + Remedy);

    [Theory]
    [InlineData("\"pathStyle\":^1", "'pathStyle' must be true or false.")]
    [InlineData("\"conditionalWrites\":^\"yes\"", "'conditionalWrites' must be true, false or \"auto\".")]
    public void An_invalid_value_of_a_bucket_setting_is_an_error(string setting, string problem) =>
        AssertWrong($"{{\"hubs\":{{\"a\":{{\"protocol\":\"s3\",\"bucket\":\"b\",{setting}}}}}}}", problem + Remedy);

    [Fact]
    public void An_unknown_service_in_endpoints_is_an_error() =>
        AssertWrong("{\"hubs\":{\"a\":{\"protocol\":\"wisemodel\",\"endpoints\":{^\"api\":\"https://x\"}}}}",
            "'api' is not a known key. The keys are web, gateway, upload, raw, gitlab, git." + Remedy);

    [Fact]
    public void Text_that_is_not_JSON_is_an_error()
    {
        string file = _temp.Write("wisehub.json", "{\n  \"defaultHub\": local\n}");
        var e = Assert.Throws<HubException>(() => HubConfig.Load(file, TestEnvironment.Empty));
        Assert.Equal((WiseCodes.InvalidConfig, 2, 17, $"{file}(2,17) is not valid JSON: 'l' is an invalid start of a value."
            + Remedy), (e.Code, e.Line, e.Column, e.Message));
    }

    [Fact]
    public void The_error_for_a_missing_file_or_a_folder_names_it()
    {
        Assert.All([_temp["nosuch.json"], _temp.Path], file =>
        {
            var e = Assert.Throws<HubException>(() => HubConfig.Load(file, TestEnvironment.Empty));
            Assert.Equal((WiseCodes.InvalidConfig, file), (e.Code, e.File));
            Assert.StartsWith($"{file} cannot be read: ", e.Message, StringComparison.Ordinal);
        });
    }

    public void Dispose() => _temp.Dispose();
}
