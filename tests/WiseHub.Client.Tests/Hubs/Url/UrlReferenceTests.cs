using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>References to one file by its URL, against a loopback server.</summary>
public sealed class UrlReferenceTests : IAsyncLifetime
{
    private static readonly byte[] Weights = Encoding.UTF8.GetBytes("weights"), Others = Encoding.UTF8.GetBytes("other weights");

    private static readonly string WeightsDigest = RestoreBench.Sha256(Weights), OthersDigest = RestoreBench.Sha256(Others);

    private readonly RestoreBench _bench = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _server.Serve("/m/model.bin", Weights).Etag = "\"1\"";
        _bench.Log.Hiding(_server.Url(""), "<web>");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private RepoReference Reference(string path = "/m/model.bin", string? sha256 = null)
    {
        using HubClient client = _bench.NewClient();
        return client.ParseReference(_server.Url(path)) with { Sha256 = sha256 is null ? null : Digest.Parse(sha256) };
    }

    private string ParseFailure(string url)
    {
        using HubClient client = _bench.NewClient();
        return _bench.Show(Assert.Throws<HubException>(() => client.ParseReference(url)));
    }

    private Task<RestoreResult> UpdateAsync(RepoReference reference) =>
        _bench.RestoreAsync(_bench.Request(reference) with { Update = true });

    private void AssertNothingCame()
    {
        Assert.False(File.Exists(_bench.LockFile));
        Assert.Equal("", TempFolder.Tree(Path.Combine(_bench.Cache, "blobs")));
    }

    [Fact]
    public async Task The_first_download_is_trusted_logged_and_locked()
    {
        RestoreResult result = await _bench.RestoreAsync(Reference());

        Assert.Equal("model.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal("info: Fetched <web>/m/model.bin, 7 B, in # s.\ninfo: <web>/m/model.bin: no Sha256 is set, so the "
            + $"downloaded content is trusted from now on. To require it, set Sha256=\"{WeightsDigest}\".",
            _bench.Log.Visible);
        Assert.Equal("GET /m/model.bin 200", _server.Requests);
        Assert.Equal($$"""
            {"version":1,"references":[
            {"repoType":"model","repoId":"<web>/m/model.bin","hub":"url","commit":"{{WeightsDigest}}","selections":[{}],"files":[
            {"path":"model.bin","size":7,"sha256":"{{WeightsDigest}}"}]}]}

            """, _bench.Log.Hide(_bench.LockText));
    }

    [Fact]
    public async Task A_locked_restore_with_a_full_cache_sends_no_request()
    {
        await _bench.RestoreAsync(Reference());
        _server.Forget();
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Reference())));
        await _bench.RestoreAsync(_bench.Request(Reference()) with { Locked = true });
        Assert.Equal("", _server.Requests);
    }

    [Fact]
    public async Task A_locked_restore_with_an_empty_cache_requests_only_the_file()
    {
        await _bench.RestoreAsync(Reference());
        Directory.Delete(_bench.Cache, recursive: true);
        _server.Forget();
        await _bench.RestoreAsync(_bench.Request(Reference()) with { Locked = true });
        Assert.Equal("GET /m/model.bin 200", _server.Requests);
    }

    [Fact]
    public async Task A_locked_file_replaced_on_the_server_is_an_error_and_not_kept()
    {
        await _bench.RestoreAsync(Reference());
        Directory.Delete(_bench.Cache, recursive: true);
        _server["/m/model.bin"].Content = Encoding.UTF8.GetBytes("WEIGHTS");
        Assert.Equal("WISE3001: <web>/m/model.bin model.bin: <web>/m/model.bin gave bytes whose sha256 is "
            + $"{RestoreBench.Sha256("WEIGHTS")}, but it must be {WeightsDigest}. Nothing was kept. "
            + "If the hub really replaced the file, run WiseUpdate (wisehub update) and review the change of the lock file.",
            await _bench.FailureAsync(Reference()));
        Assert.Equal("", TempFolder.Tree(Path.Combine(_bench.Cache, "blobs")));
    }

    [Fact]
    public async Task An_update_revalidates_the_file_by_its_ETag()
    {
        await _bench.RestoreAsync(Reference());
        string before = _bench.LockText;
        _server.Forget();
        _bench.Log.Clear();
        await UpdateAsync(Reference());
        Assert.Equal(("GET /m/model.bin If-None-Match: \"1\" 304", before, ""),
            (_server.Requests, _bench.LockText, _bench.Log.Visible));
    }

    [Fact]
    public async Task An_update_revalidates_by_date_without_an_ETag()
    {
        _server["/m/model.bin"].Etag = null;
        _server["/m/model.bin"].LastModified = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await _bench.RestoreAsync(Reference());
        _server.Forget();
        await UpdateAsync(Reference());
        Assert.Equal("GET /m/model.bin If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT 304", _server.Requests);
    }

    [Fact]
    public async Task Another_etag_for_the_same_bytes_does_not_change_the_lock_file()
    {
        await _bench.RestoreAsync(Reference());
        string before = _bench.LockText;
        _server["/m/model.bin"].Etag = "\"2\"";
        await UpdateAsync(Reference());
        Assert.Equal(before, _bench.LockText);
    }

    [Fact]
    public async Task An_update_logs_that_the_file_changed()
    {
        await _bench.RestoreAsync(Reference());
        (_server["/m/model.bin"].Content, _server["/m/model.bin"].Etag) = (Others, "\"2\"");
        _bench.Log.Clear();
        RestoreResult result = await UpdateAsync(Reference());
        Assert.Equal("model.bin=other weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.StartsWith("info: Fetched <web>/m/model.bin, 13 B, in # s.\n"
            + "warning WISE2061: <web>/m/model.bin gives different content than when this machine last requested it: "
            + $"sha256 {OthersDigest} (13 bytes) instead of {WeightsDigest} (7 bytes).\ninfo: ",
            _bench.Log.Visible, StringComparison.Ordinal);
        Assert.Contains($"\"commit\":\"{OthersDigest}\"", _bench.LockText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_URLs_are_fetched_in_parallel()
    {
        const int Urls = 4;
        // Each answer waits for the last question; one after the other, nobody would ask it.
        var all = new TaskCompletionSource();
        int asked = 0;
        _server.Before = _ =>
        {
            if (Interlocked.Increment(ref asked) == Urls)
                all.SetResult();
            return all.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        };
        for (int i = 0; i < Urls; i++)
            _server.Serve($"/m/{i}.bin", Encoding.UTF8.GetBytes($"content {i}"));
        RestoreResult result = await _bench.RestoreAsync([.. Enumerable.Range(0, Urls).Select(i => Reference($"/m/{i}.bin"))]);
        Assert.Equal("0.bin=content 0\n1.bin=content 1\n2.bin=content 2\n3.bin=content 3",
            string.Join('\n', result.Snapshots.Select(RestoreBench.Contents)));
    }

    [Fact]
    public async Task The_number_of_parallel_URL_downloads_is_limited()
    {
        (int now, int most) = (0, 0);
        _server.Before = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            // Whoever else asks by now has asked.
            await Task.Yield();
            Interlocked.Decrement(ref now);
        };
        RepoReference[] references = [Reference(),
            .. Enumerable.Range(0, 5).Select(i => { _server.Serve($"/m/{i}.bin", [(byte)i]); return Reference($"/m/{i}.bin"); })];
        using HubClient client = _bench.NewClient(o => o with { MaxParallelDownloads = 1 });
        await client.RestoreAsync(_bench.Request(references), TestContext.Current.CancellationToken);
        Assert.Equal((1, string.Join('\n', references.Select(r => $"GET {new Uri(r.RepoId).AbsolutePath} 200"))),
            (most, _server.Requests));
    }

    [Fact]
    public async Task All_failing_URLs_are_reported()
    {
        (_server.Serve("/m/a", [1]).Status, _server.Serve("/m/b", [1]).Status) = (404, 403);
        string failure = await _bench.FailureAsync(Reference("/m/a"), Reference(), Reference("/m/b"));
        Assert.Equal(["WISE2008", "WISE2016"], failure.Split('\n').Select(l => l[..8]));
    }

    [Fact]
    public async Task With_a_required_digest_no_trust_message_is_logged()
    {
        await _bench.RestoreAsync(Reference(sha256: WeightsDigest));
        Assert.Equal("info: Fetched <web>/m/model.bin, 7 B, in # s.", _bench.Log.Visible);
    }

    [Fact]
    public async Task A_cached_file_with_the_required_digest_takes_no_request()
    {
        await _bench.RestoreAsync(Reference(sha256: WeightsDigest));
        File.Delete(_bench.LockFile);
        _server.Forget();
        await _bench.RestoreAsync(Reference(sha256: WeightsDigest));
        await UpdateAsync(Reference(sha256: WeightsDigest));
        Assert.Equal("", _server.Requests);
    }

    [Fact]
    public async Task A_file_with_a_wrong_digest_is_an_error_and_not_kept()
    {
        Assert.Equal($"WISE3012: <web>/m/model.bin: <web>/m/model.bin gave bytes whose sha256 is {WeightsDigest}, "
            + $"but {OthersDigest} is required. Nothing was kept. Correct Sha256 if the new content is the right one.",
            await _bench.FailureAsync(Reference(sha256: OthersDigest)));
        AssertNothingCame();
    }

    [Fact]
    public async Task A_digest_that_is_required_later_is_compared_with_the_lock_file()
    {
        await _bench.RestoreAsync(Reference());
        Assert.StartsWith("WISE3012: <web>/m/model.bin: 'model.bin' at commit ",
            await _bench.FailureAsync(Reference(sha256: OthersDigest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forced_restore_fetches_the_file_once()
    {
        await _bench.RestoreAsync(_bench.Request(Reference()) with { Force = true });
        Assert.Equal("GET /m/model.bin 200", _server.Requests);
    }

    [Theory]
    [InlineData("attachment; filename=other.bin", "other.bin")]
    [InlineData("attachment; filename=\"a \\\"b\\\".bin\"", null)]
    [InlineData("attachment; filename=\"fallback.bin\"; filename*=UTF-8''mod%C3%A8le%20v1.bin", "modèle v1.bin")]
    [InlineData("inline", "model.bin")]
    [InlineData("attachment; filename=\"\"", "model.bin")]
    [InlineData("attachment; filename=not a token.bin", "model.bin")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", null)]
    [InlineData("attachment; filename=\"a/b.bin\"", null)]
    [InlineData("attachment; filename=\"C:\\\\b.bin\"", null)]
    [InlineData("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", null)]
    [InlineData("attachment; filename*=UTF-8''a%0Ab", null)]
    [InlineData("attachment; filename=\"nul.bin\"", null)]
    [InlineData("attachment; filename=\"..\"", null)]
    public async Task The_server_may_set_the_file_name_but_not_a_path(string disposition, string? name)
    {
        _server["/m/model.bin"].ContentDisposition = disposition;
        if (name is not null)
        {
            Assert.Equal(name, Assert.Single((await _bench.RestoreAsync(Reference())).Snapshots[0].Files).Path);
            return;
        }
        Assert.StartsWith("WISE3003: <web>/m/model.bin: the server gives the file name '", await _bench.FailureAsync(Reference()),
            StringComparison.Ordinal);
        AssertNothingCame();
    }

    [Fact]
    public async Task The_file_name_comes_from_the_requested_URL_and_not_from_a_redirect()
    {
        _server.Serve("/a%20b.bin", Weights);
        _server.Serve("/a b.bin", []).RedirectTo = "/m/model.bin";
        Assert.Equal("a b.bin=weights", RestoreBench.Contents((await _bench.RestoreAsync(Reference("/a%20b.bin"))).Snapshots[0]));
    }

    [Fact]
    public async Task A_new_file_name_for_the_same_content_is_written_to_the_lock_file()
    {
        await _bench.RestoreAsync(Reference());
        (_server["/m/model.bin"].ContentDisposition, _server["/m/model.bin"].Etag) = ("attachment; filename=new.bin", "\"2\"");
        await UpdateAsync(Reference());
        Assert.Contains("{\"path\":\"new.bin\",", _bench.LockText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.org/a.bin?X-Amz-Signature=abc")]
    [InlineData("https://example.org/a.bin?sv=1&sig=abc")]
    [InlineData("https://example.org/a.bin?Signature=abc&Expires=1")]
    [InlineData("https://example.org/a.bin?access_token=abc")]
    [InlineData("https://example.org/a.bin?download=true&Key-Pair-Id=abc")]
    public void A_URL_with_a_signature_is_refused_without_repeating_the_signature(string url) => Assert.Equal(
        "WISE1011: 'https://example.org/a.bin' has a signature or token in its query, which is a secret, expires, "
        + "and would appear in the lock file and the log. Write the URL without it.", ParseFailure(url));

    [Theory]
    [InlineData("https://example.org/a.bin?id=42", "WISE1011: 'https://example.org/a.bin' has a query in its URL, "
        + "which may be a secret and would appear in the log. Write the URL without it.")]
    [InlineData("https://example.org/a.bin?download=abc", "WISE1011: 'https://example.org/a.bin' has a query in its URL, "
        + "which may be a secret and would appear in the log. Write the URL without it.")]
    [InlineData("https://me:abc@example.org/a.bin", "WISE1011: 'https://example.org/a.bin' has a user in its URL, "
        + "which may be a secret and would appear in the log. Write the URL without it.")]
    [InlineData("https://example.org/a.bin#abc", "WISE1011: 'https://example.org/a.bin' has a fragment, "
        + "which is not sent to a server. Write the https URL of a file, without user and query.")]
    [InlineData("https://example.org/a/",
        "WISE1011: 'https://example.org/a/' names a folder. Write the https URL of a file, without user and query.")]
    [InlineData("https://example.org",
        "WISE1011: 'https://example.org/' names a folder. Write the https URL of a file, without user and query.")]
    [InlineData("ftp://example.org/a.bin",
        "WISE1011: 'ftp://…' is not an http(s) URL. Write owner/name, or the https URL of a file.")]
    [InlineData("s3://bucket/a.bin", "WISE1011: 's3://…' is not an http(s) URL. Write owner/name, or the https URL of a file.")]
    public void An_unusable_URL_is_an_error(string url, string failure) => Assert.Equal(failure, ParseFailure(url));

    [Fact]
    public async Task The_query_download_is_accepted_and_sent()
    {
        await _bench.RestoreAsync(Reference("/m/model.bin?download=true"));
        Assert.Equal("GET /m/model.bin?download=true 200", _server.Requests);
    }

    [Fact]
    public void The_URL_of_a_file_on_a_hub_is_a_reference_to_that_hub()
    {
        using HubClient client = _bench.NewClient();
        RepoReference reference = client.ParseReference("https://huggingface.co/acme/tiny/resolve/main/a.bin?download=true");
        Assert.Equal(("acme/tiny", "huggingface", "main"), (reference.RepoId, Assert.Single(reference.Hubs), reference.Revision));
    }

    [Fact]
    public async Task Plain_http_needs_a_digest_unless_it_is_this_machine()
    {
        using HubClient client = _bench.NewClient();
        Assert.Equal("WISE1041: http://models.example.org/a.bin: anyone on the network can change a file that is sent over "
            + "http. Use https, or set the Sha256 that the file must have.",
            await _bench.FailureAsync(client.ParseReference("http://models.example.org/a.bin")));
        Assert.Empty(client.FindMistakes(
            [client.ParseReference("http://models.example.org/a.bin") with { Sha256 = Digest.Parse(WeightsDigest) }]));
    }

    [Fact]
    public void Settings_that_a_URL_cannot_have_are_errors()
    {
        using HubClient client = _bench.NewClient();
        string Mistakes(RepoReference reference) => string.Join('\n', client.FindMistakes([reference]).Select(_bench.Show));
        Assert.Equal("WISE1040: <web>/m/model.bin: a URL has no revisions. Remove Revision; to require certain "
            + "content, set Sha256.", Mistakes(Reference() with { Revision = "main" }));
        Assert.Equal("WISE1013: <web>/m/model.bin: a URL has no dataset configurations. Remove Config.",
            Mistakes(Reference() with { Config = "en" }));
        Assert.Equal("WISE1040: <web>/m/model.bin: "
            + "a URL already identifies its server, so it cannot have a hub. Remove Hub.",
                Mistakes(Reference() with { Hubs = ["local"] }));
        Assert.Equal("WISE1040: <web>/m/model.bin: a URL already identifies its server, so no other hub can be named for it. "
            + "Remove Hub; the mirrors in wisehub.json are used anyway.",
            Mistakes(Reference() with { Hubs = ["url", "local"] }));
        Assert.Equal("WISE1040: acme/tiny: the hub 'url' accepts only URLs of files. Name another hub, or write https://….",
            Mistakes(new RepoReference { RepoId = "acme/tiny", Hubs = ["url"] }));
    }

    [Fact]
    public void The_hub_name_url_is_reserved()
    {
        _bench.Configure("""{"hubs":{"URL":{"protocol":"store","path":"hub"}}}""");
        Assert.StartsWith(
            "WISE1008: <temp>/wisehub.json(1,16): the hub name 'URL' is reserved for references by URL. Choose another one.",
            _bench.Show(Assert.Throws<HubException>(() => _bench.NewClient())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_instead_of_the_file_is_an_error()
    {
        (_server["/m/model.bin"].Content, _server["/m/model.bin"].ContentType) =
            (Encoding.UTF8.GetBytes("<html>please log in"), "text/html; charset=utf-8");
        Assert.Equal("WISE2060: <web>/m/model.bin: <web>/m/model.bin gave a web page instead of a file, for example a login, "
            + "a notice, or the page that links to the file. Use the URL behind the download button. If the page is what you "
            + "want, set its Sha256.",
            await _bench.FailureAsync(Reference()));
        AssertNothingCame();
    }

    [Theory]
    [InlineData(401, "WISE2005: <web>/m/model.bin: the server answered 401 at <web>/m/model.bin (\"no\"). "
        + "No token is sent to a URL. Name the file by a hub that accepts a token, or mirror it into a store.")]
    [InlineData(403, "WISE2016: <web>/m/model.bin: the server answered 403 at <web>/m/model.bin (\"no\"). "
        + "No token is sent to a URL. Name the file by a hub that accepts a token, or mirror it into a store.")]
    [InlineData(404, "WISE2008: <web>/m/model.bin: the server answered 404 at <web>/m/model.bin (\"no\"): "
        + "there is no such file. Check the URL.")]
    [InlineData(410, "WISE2008: <web>/m/model.bin: the server answered 410 at <web>/m/model.bin (\"no\"): "
        + "there is no such file. Check the URL.")]
    [InlineData(418, "WISE2010: <web>/m/model.bin: the server answered 418 at <web>/m/model.bin (\"no\"). "
        + "Open the URL in a browser to see what it is.")]
    [InlineData(202, "WISE2010: <web>/m/model.bin: the server answered 202 at <web>/m/model.bin (\"no\"). "
        + "Open the URL in a browser to see what it is.")]
    public async Task An_error_status_of_a_URL_is_reported(int status, string failure)
    {
        (_server["/m/model.bin"].Status, _server["/m/model.bin"].Content) = (status, Encoding.UTF8.GetBytes("no"));
        Assert.Equal(failure, await _bench.FailureAsync(Reference()));
        AssertNothingCame();
    }

    [Fact]
    public async Task A_response_without_a_length_is_an_error()
    {
        await using RawServer server = RawServer.Start("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nweigh");
        using HubClient client = _bench.NewClient();
        RepoReference reference = client.ParseReference(server.Url + "model.bin");
        _bench.Log.Hiding(server.Url, "<raw>/");
        Assert.Equal("WISE2062: <raw>/model.bin: <raw>/model.bin states no length, so a dropped connection looks "
            + "like the end of the file. Set the Sha256 that the file must have.",
            await _bench.FailureAsync(reference));
        AssertNothingCame();
        RestoreResult result = await _bench.RestoreAsync(reference with { Sha256 = Digest.Parse(RestoreBench.Sha256("weigh")) });
        Assert.Equal("model.bin=weigh", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_download_never_mixes_bytes_of_two_versions()
    {
        byte[] first = new byte[3 << 20], second = new byte[3 << 20];
        new Random(1).NextBytes(first);
        new Random(2).NextBytes(second);
        ServedFile file = _server.Serve("/big.bin", first);
        (file.Etag, file.CutAfter, file.Cuts) = (null, 2 << 20, 1);
        _bench.Log.OnLine = _ => file.Content = second;
        RestoreResult result = await _bench.RestoreAsync(Reference("/big.bin"));
        Assert.Equal(RestoreBench.Sha256(second), result.Snapshots[0].Files[0].Sha256.Hex);
    }

    [Fact]
    public async Task An_interrupted_download_resumes_with_an_ETag()
    {
        byte[] content = RandomBytes.Of(3 << 20, seed: 3);
        ServedFile file = _server.Serve("/big.bin", content);
        (file.Etag, file.CutAfter, file.Cuts) = ("\"v1\"", 2 << 20, 1);
        RestoreResult result = await _bench.RestoreAsync(Reference("/big.bin"));
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
        Assert.Matches(@"^GET /big\.bin 200\nGET /big\.bin Range: bytes=[1-9][0-9]*- 206$|^GET /big\.bin 200\nGET /big\.bin "
            + @"Range: bytes=[1-9][0-9]*-[0-9]+ 206$", _server.Requests);
    }

    [Fact]
    public async Task The_next_run_resumes_an_interrupted_download()
    {
        byte[] content = RandomBytes.Of(5 << 20, seed: 4);
        ServedFile file = _server.Serve("/big.bin", content);
        (file.Etag, file.CutAfter, file.Cuts) = ("\"v1\"", 2 << 20, 1);
        _bench.Configure("""{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        using (var stop = new CancellationTokenSource())
        {
            _bench.Log.OnLine = _ => stop.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => _bench.RestoreAsync(_bench.Request(Reference("/big.bin")), stop.Token));
            _bench.Log.OnLine = null;
        }
        _server.Forget();
        RestoreResult result = await _bench.RestoreAsync(Reference("/big.bin"));
        Assert.Equal(RestoreBench.Sha256(content), result.Snapshots[0].Files[0].Sha256.Hex);
        Assert.Matches(@"^GET /big\.bin 200\nGET /big\.bin Range: bytes=[1-9][0-9]*-([0-9]+)? 206$", _server.Requests);
    }

    [Fact]
    public async Task A_compressed_file_is_kept_as_it_is_despite_Content_Encoding()
    {
        using var memory = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(memory,
            System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Weights);
        byte[] packed = memory.ToArray();
        foreach (string path in (string[])["/w.tar.gz", "/w.bin"])
            _server.Serve(path, packed).ContentEncoding = "gzip";
        Assert.Equal(RestoreBench.Sha256(packed),
            (await _bench.RestoreAsync(Reference("/w.tar.gz"))).Snapshots[0].Files[0].Sha256.Hex);
        Assert.Equal(WeightsDigest, (await _bench.RestoreAsync(Reference("/w.bin"))).Snapshots[0].Files[0].Sha256.Hex);
    }

    [Fact]
    public async Task An_empty_file_is_restored()
    {
        _server.Serve("/empty.bin", []);
        Assert.Equal("empty.bin=", RestoreBench.Contents((await _bench.RestoreAsync(Reference("/empty.bin"))).Snapshots[0]));
    }

    [Fact]
    [Needs(Need.Certificates)]
    public async Task A_self_signed_certificate_is_an_error()
    {
        await using FileServer secure = await FileServer.StartAsync(withTls: true);
        secure.Serve("/model.bin", Weights);
        _bench.Log.Hiding(secure.Url(""), "<tls>");
        using HubClient client = _bench.NewClient(o => o with { Time = new FasterTime(20) });
        string failure = _bench.Show(await Assert.ThrowsAsync<HubException>(
            () => client.RestoreAsync(_bench.Request(client.ParseReference(secure.Url("/model.bin"))))));
        Assert.StartsWith("WISE2080: The certificate of <tls> (hub 'url') is not trusted: The remote certificate is invalid",
            failure, StringComparison.Ordinal);
        AssertNothingCame();
    }

    [Fact]
    public async Task A_redirect_to_a_file_URL_is_not_followed()
    {
        await using RawServer server =
            RawServer.Start("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
        using HubClient client = _bench.NewClient();
        _bench.Log.Hiding(server.Url, "<raw>/");
        Assert.StartsWith(
            "WISE2011: <raw>/model.bin redirects to file:…. Only redirects to http(s) are followed, and never from https to "
                + "http.",
            await _bench.FailureAsync(client.ParseReference(server.Url + "model.bin")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_a_cached_file_is_used_and_a_missing_one_is_named()
    {
        await _bench.RestoreAsync(Reference());
        File.Delete(_bench.LockFile);
        _bench.SetEnvironment("WISEHUB_OFFLINE", "1");
        _server.Forget();
        await _bench.RestoreAsync(Reference());
        Assert.Equal("", _server.Requests);
        Directory.Delete(Path.Combine(_bench.Cache, "blobs"), recursive: true);
        Assert.StartsWith("WISE2014: <web>/m/model.bin: the network must not be used (WiseOffline, WISEHUB_OFFLINE or "
            + $"HF_HUB_OFFLINE), but the cache lacks 'model.bin' ({WeightsDigest}, last seen on 'url').",
            await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_returns_the_path_of_the_file()
    {
        using HubClient client = _bench.NewClient();
        DownloadResult result = await client.DownloadAsync(new DownloadRequest { Reference = Reference() });
        Assert.Equal(("model.bin", "weights"),
            (Path.GetFileName(result.Path), await File.ReadAllTextAsync(result.Path, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task The_cache_lists_a_file_by_its_URL_and_can_remove_it()
    {
        await _bench.RestoreAsync(Reference());
        File.Delete(_bench.LockFile);
        using HubClient client = _bench.NewClient();
        CachedRepo repo = Assert.Single((await client.Cache.ListAsync(TestContext.Current.CancellationToken)).Repos);
        Assert.Equal(("url", "<web>/m/model.bin", 1), (repo.Hub, _bench.Log.Hide(repo.RepoId), repo.Files));
        await client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = repo.RepoId }, TestContext.Current.CancellationToken);
        Assert.Empty((await client.Cache.ListAsync(TestContext.Current.CancellationToken)).Repos);
        Assert.DoesNotContain("@url", TempFolder.Tree(Path.Combine(_bench.Cache, "hubs")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.org/models/resnet50.onnx", "resnet50")]
    [InlineData("https://example.org/a/weights.tar.gz?download=1", "weights")]
    [InlineData("https://example.org/a%20b.bin", "a b")]
    [InlineData("https://example.org/.hidden", ".hidden")]
    public void The_alias_of_a_URL_is_the_file_name_without_its_extension(string url, string alias)
    {
        using HubClient client = _bench.NewClient();
        Assert.Equal(alias, client.ParseReference(url).DefaultAlias);
    }
}
