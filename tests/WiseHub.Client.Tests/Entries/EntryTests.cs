using System.Runtime.CompilerServices;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Entries of a repo: their description, and their code, which runs only with trust.</summary>
public sealed class EntryTests : IDisposable
{
    private const string Id = "acme/tiny";

    private static readonly EntryRequest Request = new() { Reference = new RepoReference { RepoId = Id } };

    private readonly RestoreBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static byte[] Built(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "entries", name));

    private Task<string> PushCodeAsync(params (string Path, byte[] Content)[] more) => _bench.Hub.PushAsync(Id, "main",
        [.. new[]
        {
            ("hubconf.dll", Built("hubconf.dll")),
            ("hubconf.xml", Built("hubconf.xml")),
            ("hubconf.deps.json", Built("hubconf.deps.json")),
            ("weights.bin", "w8"u8.ToArray())
        }
            .Where(f => !more.Any(m => m.Path == f.Item1)), .. more]);

    private Task<string> PushAsync(params (string Path, string Text)[] files) => _bench.Hub.PushAsync(Id, files);

    private async Task<T> UseAsync<T>(Func<HubClient, Task<T>> use)
    {
        using HubClient client = _bench.NewClient();
        return await use(client);
    }

    private async Task<string> FailureAsync<T>(Func<HubClient, Task<T>> use) =>
        await _bench.FailureOfAsync(() => UseAsync(use));

    private Task<string> NamesAsync(EntryRequest? request = null) =>
        UseAsync(async c => string.Join(' ',
            (await c.Entries.ListAsync(request ?? Request)).Entries.Select(e => $"{e.Kind}:{e.Name}")));

    private static Task<LoadedEntry> LoadAsync(
        HubClient client, string entry, EntryTrust trust, params (string Name, object? Value)[] arguments) =>
        client.Entries.LoadAsync(Request, entry, arguments.ToDictionary(a => a.Name, a => a.Value), trust);

    private void AssertNothingRan() => Assert.DoesNotContain("ran-", TempFolder.Tree(_bench.Cache), StringComparison.Ordinal);

    [Fact]
    public async Task Entries_can_be_declared_in_JSON_without_code()
    {
        await PushAsync(("hubconf.json", """
            {"version":1,"dependencies":["Acme"],"entries":[{"name":"b","summary":"second","files":["b/*"],
             "pretrained":"https://example.org/b.bin"},{"name":"a","dependencies":["Acme","More"]}]}
            """), ("b/x.bin", "1"));
        EntryList list = await UseAsync(c => c.Entries.ListAsync(Request));
        Assert.Equal(["hubconf.json"], list.Files);
        Assert.Equal("a  () Acme,More \nb second (b/*) Acme https://example.org/b.bin",
            string.Join('\n', list.Entries.Select(e =>
                $"{e.Name} {e.Summary} ({string.Join(',', e.Files)}) {string.Join(',', e.Dependencies)} {e.PretrainedUrl}")));
    }

    [Theory]
    [InlineData("""{"version":1,"entires":[]}""",
        "WISE1045: acme/tiny/hubconf.json(1,14): 'entires' is not a known key. Did you mean 'entries'? "
            + "The keys are version, dependencies, entries.")]
    [InlineData("""{"version":2}""",
        "WISE1045: acme/tiny/hubconf.json(1,1): 'version' is 2; this WiseHub reads version 1. Update it.")]
    [InlineData("""{"entries":[]}""", "WISE1045: acme/tiny/hubconf.json(1,1): 'version' is missing or not 1.")]
    [InlineData("""{"version":1,"entries":[{"name":"a b"}]}""",
        "WISE1045: acme/tiny/hubconf.json(1,33): 'a b' is not a valid name: use letters, digits and '_', and do not start with a "
            + "digit.")]
    [InlineData("""{"version":1,"entries":[{"name":"a"},{"name":"a"}]}""",
        "WISE1045: acme/tiny/hubconf.json(1,38): the entry 'a' is listed twice.")]
    [InlineData("<html>", "WISE1045: acme/tiny/hubconf.json(1,1) is not valid JSON: '<' is an invalid start of a value.")]
    public async Task An_invalid_hubconf_JSON_is_an_error(string text, string failure)
    {
        await PushAsync(("hubconf.json", text));
        Assert.StartsWith(failure, await FailureAsync(c => c.Entries.ListAsync(Request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_in_code_are_listed_and_explained_without_running_it()
    {
        await PushCodeAsync();
        Assert.Equal("Code:ActAsync Code:Fails Code:Kinds Code:LaterAsync Code:Tiny", await NamesAsync());
        HubEntry tiny = await UseAsync(c => c.Entries.HelpAsync(Request, "Tiny"));
        Assert.Equal(("Builds a tiny model, like List`1.", "A text."), (tiny.Summary, tiny.Returns));
        Assert.Equal(
            ["int layers () How many layers.", "string name (\"tiny\") What it is called.",
                "bool pretrained (false) Reads weights.bin."],
            tiny.Parameters.Select(p => $"{p.Type} {p.Name} ({p.Default}) {p.Summary}"));
        AssertNothingRan();
    }

    [Fact]
    public async Task Listing_entries_fetches_only_the_description()
    {
        await PushCodeAsync();
        await NamesAsync();
        Assert.False(File.Exists(_bench.BlobPath(RestoreBench.Sha256("w8"))));
    }

    [Fact]
    public async Task No_code_is_run_without_trust()
    {
        string commit = await PushCodeAsync();
        string refused = $"WISE1047: acme/tiny: hubconf.dll of commit {commit} is code, "
            + "which would run with all your permissions. If you trust everyone who can write to that repo, use "
            + "--trust or EntryTrust.RunCode. The commands list and help run no code.";
        Assert.Equal(refused, await FailureAsync(c => LoadAsync(c, "Tiny", EntryTrust.None, ("layers", "1"))));
        Assert.Equal(refused, await FailureAsync(c => c.Entries.ImportAsync(Request)));
        AssertNothingRan();
    }

    [Fact]
    public async Task Fetching_verifies_the_code_for_another_process_and_runs_nothing()
    {
        string commit = await PushCodeAsync();
        Assert.StartsWith("WISE1047: ", await FailureAsync(c => c.Entries.FetchAsync(Request, "Tiny", ["layers"])),
            StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.BlobPath(RestoreBench.Sha256("w8"))));

        FetchedEntries tiny = await UseAsync(c => c.Entries.FetchAsync(Request, "Tiny", ["layers"], EntryTrust.RunCode));
        FetchedEntries all = await UseAsync(c => c.Entries.FetchAsync(Request, trust: EntryTrust.RunCode));

        Assert.Equal((commit, "Tiny"), (tiny.Commit, Assert.Single(tiny.Entries).Name));
        Assert.Equal(["ActAsync", "Fails", "Kinds", "LaterAsync", "Tiny"], all.Entries.Select(e => e.Name));
        Assert.All([tiny, all], fetched =>
        {
            Assert.Equal(Path.Combine(fetched.Directory, "hubconf.dll"), fetched.Code!.Path);
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Built("hubconf.dll"))),
                fetched.Code.Sha256.Hex);
            Assert.Contains("System.Runtime", fetched.Code.Dependencies);
        });
        AssertNothingRan();
        Assert.StartsWith("WISE1042: acme/tiny: the entry 'Tiny' has no parameter 'layer'; ",
            await FailureAsync(c => c.Entries.FetchAsync(Request, "Tiny", ["layer"], EntryTrust.RunCode)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dependency_that_only_the_process_of_the_code_may_have_is_named()
    {
        await PushCodeAsync(("hubconf.deps.json", """
            {"targets":{"net10.0":{"P/1.0.0":{"runtime":{"Acme.Tensors.dll":{},"Acme.Text.dll":{}}}}}}
            """u8.ToArray()), ("Acme.Text.dll", "beside it"u8.ToArray()));

        FetchedEntries fetched = await UseAsync(c => c.Entries.FetchAsync(Request, "Fails", trust: EntryTrust.RunCode));

        Assert.Contains("Acme.Tensors", fetched.Code!.Dependencies);
        Assert.DoesNotContain("Acme.Text", fetched.Code.Dependencies);
    }

    [Fact]
    public async Task Fetching_an_entry_with_only_files_needs_no_trust()
    {
        await PushAsync(("hubconf.json", """{"version":1,"entries":[{"name":"data","files":["a.bin"]}]}"""), ("a.bin", "1"));
        FetchedEntries fetched = await UseAsync(c => c.Entries.FetchAsync(Request, "data"));
        Assert.Equal((null, "a.bin 1"), (fetched.Code, TempFolder.Tree(fetched.Directory)));
    }

    [Fact]
    public async Task Running_code_leaves_the_traces_that_these_tests_look_for()
    {
        await PushCodeAsync();
        using LoadedEntry loaded = await UseAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", "1")));
        Assert.True(File.Exists(Path.Combine(loaded.Directory, "ran-module")));
        Assert.True(File.Exists(Path.Combine(loaded.Directory, "ran-class")));
    }

    [Fact]
    public async Task Arguments_are_bound_by_name()
    {
        await PushCodeAsync();
        using LoadedEntry loaded =
            await UseAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("pretrained", "true"), ("layers", "3")));
        Assert.Equal("tiny:3:w8", loaded.Value);
    }

    [Fact]
    public async Task Text_arguments_are_converted_to_the_parameter_types()
    {
        await PushCodeAsync();
        using LoadedEntry loaded = await UseAsync(c => LoadAsync(c, "Kinds", EntryTrust.RunCode,
            ("factor", "1.5"), ("day", "friday"), ("from", "https://example.org/"), ("most", "7"), ("names", "a,b")));
        Assert.Equal("1.5 Friday https://example.org/ 7 a+b", loaded.Value);
    }

    [Theory]
    [InlineData("layer", "3", "WISE1042: acme/tiny: the entry 'Tiny' has no parameter 'layer'; its parameters are int layers, "
        + "string name (optional), bool pretrained (optional).")]
    [InlineData("name", "x", "WISE1042: acme/tiny: the entry 'Tiny' needs 'layers'; its parameters are int layers, string name "
        + "(optional), bool pretrained (optional). Write layers=value.")]
    [InlineData("layers", "three",
        "WISE1042: acme/tiny: 'layers' of the entry 'Tiny' is a Int32, and 'three' cannot be converted to it.")]
    [InlineData("layers", "99999999999",
        "WISE1042: acme/tiny: 'layers' of the entry 'Tiny' is a Int32, and '99999999999' cannot be converted to it.")]
    [InlineData("layers", null, "WISE1042: acme/tiny: 'layers' of the entry 'Tiny' is a Int32, and null cannot be converted to "
        + "it.")]
    public async Task The_error_for_a_wrong_argument_names_the_parameters_or_the_type(string name, string? value, string failure)
    {
        await PushCodeAsync();
        Assert.Equal(failure, await FailureAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, (name, value))));
    }

    [Fact]
    public async Task The_error_for_an_unknown_entry_lists_the_entries()
    {
        await PushCodeAsync();
        Assert.Equal("WISE1043: acme/tiny has no entry 'tiny'; it has ActAsync, Fails, Kinds, LaterAsync, Tiny. "
            + "Names are case-sensitive.",
            await FailureAsync(c => c.Entries.HelpAsync(Request, "tiny")));
        Assert.StartsWith("WISE1043: acme/tiny has no entry 'Hidden'; ",
            await FailureAsync(c => LoadAsync(c, "Hidden", EntryTrust.RunCode)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_task_of_an_asynchronous_entry_is_awaited()
    {
        await PushCodeAsync();
        Assert.Equal("Model", await TypeOfAsync("LaterAsync"));
        // Or the folder would be deleted inside the frame of the method that was waited for, which still holds the library.
        await Task.Yield();
    }

    // Apart, so that nothing of the test holds the value and with it the library.
    private async Task<string> TypeOfAsync(string entry)
    {
        using LoadedEntry loaded = await UseAsync(c => LoadAsync(c, entry, EntryTrust.RunCode));
        return loaded.Value!.GetType().Name;
    }

    [Fact]
    public async Task An_exception_in_an_entry_is_an_error_and_its_code_is_unloaded()
    {
        await PushCodeAsync();
        Assert.Equal("WISE1049: acme/tiny: the entry 'Fails' failed with OutOfModelsException: no models left. "
            + "The error is in the repo's own code; ask its owner.",
            await FailureAsync(c => LoadAsync(c, "Fails", EntryTrust.RunCode)));
        await AssertUnloadsAsync(await FailedAsync());
    }

    // The failure itself, which people keep, must not keep the code.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> FailedAsync()
    {
        using HubClient client = _bench.NewClient();
        using EntryModule module = await client.Entries.ImportAsync(Request, EntryTrust.RunCode);
        await Assert.ThrowsAsync<HubException>(() => module.InvokeAsync("Fails"));
        return new WeakReference(System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(module.Assembly));
    }

    [Fact]
    public async Task The_code_is_unloaded_when_nothing_references_it()
    {
        await PushCodeAsync();
        await AssertUnloadsAsync(await UsedAsync());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> UsedAsync()
    {
        using HubClient client = _bench.NewClient();
        using EntryModule module = await client.Entries.ImportAsync(Request, EntryTrust.RunCode);
        Assert.NotNull(await module.InvokeAsync("LaterAsync"));
        Assert.Equal("tiny:2:random", await module.InvokeAsync("Tiny", new Dictionary<string, object?> { ["layers"] = 2 }));
        return new WeakReference(System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(module.Assembly));
    }

    private static async Task AssertUnloadsAsync(WeakReference context)
    {
        // What comes behind an await may run inside the frame of the method that was waited for, whose
        // temporaries then still live.
        await Task.Yield();
        // Each collection lets go of one more layer of what held another.
        for (int i = 0; i < 100 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(context.IsAlive);
    }

    [Fact]
    public async Task An_available_dependency_is_accepted_and_a_missing_one_is_an_error()
    {
        const string Deps = """
            {"targets":{".NETCoreApp,Version=v10.0":{"hubconf/1.0.0":{"runtime":{"hubconf.dll":{}}},
             "P/1.0.0":{"runtime":{"lib/net10.0/LIB.dll":{}}}}}}
            """;
        await PushCodeAsync(("hubconf.deps.json",
            Encoding.UTF8.GetBytes(Deps.Replace("LIB", "System.Text.Json", StringComparison.Ordinal))));
        (await UseAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", 1)))).Dispose();

        await PushCodeAsync(("hubconf.deps.json",
            Encoding.UTF8.GetBytes(Deps.Replace("LIB", "Acme.Tensors", StringComparison.Ordinal))));
        Assert.Equal("WISE1048: acme/tiny: hubconf.dll needs Acme.Tensors, which neither this program nor the repo has. "
            + "Add them to your program, or ask the owner of the repo to add them there.",
            await FailureAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", 1))));

        await PushCodeAsync(("hubconf.deps.json",
            Encoding.UTF8.GetBytes(Deps.Replace("LIB", "Acme.Tensors", StringComparison.Ordinal))),
            ("Acme.Tensors.dll", "beside it"u8.ToArray()));
        (await UseAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", 1)))).Dispose();
    }

    [Fact]
    public async Task A_JSON_file_adds_summaries_and_files_to_entries_in_code()
    {
        await PushCodeAsync(("hubconf.json", """
            {"version":1,"entries":[{"name":"Tiny","summary":"said","files":["weights.bin"]},
             {"name":"data","files":["weights.bin"]}]}
            """u8.ToArray()), ("large.bin", "large"u8.ToArray()));
        Assert.Equal("Code:ActAsync Code:Fails Code:Kinds Code:LaterAsync Code:Tiny Files:data", await NamesAsync());
        using LoadedEntry loaded =
            await UseAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", 1), ("pretrained", true)));
        Assert.Equal(("tiny:1:w8", "said"), (loaded.Value, loaded.Entry.Summary));
        Assert.False(File.Exists(Path.Combine(loaded.Directory, "large.bin")));
    }

    [Fact]
    public async Task Loading_an_entry_with_only_files_needs_no_trust()
    {
        await PushAsync(("hubconf.json", """{"version":1,"entries":[{"name":"data","files":["*.bin"]}]}"""),
            ("a.bin", "1"), ("b.txt", "2"));
        using LoadedEntry loaded = await UseAsync(c => LoadAsync(c, "data", EntryTrust.None));
        Assert.Equal((null, "a.bin 1"), (loaded.Value, TempFolder.Tree(loaded.Directory)));
        Assert.Equal("WISE1042: acme/tiny: the entry 'data' has no parameter 'x'; it has no parameters.",
            await FailureAsync(c => LoadAsync(c, "data", EntryTrust.None, ("x", 1))));
    }

    [Fact]
    public async Task Code_that_was_changed_in_the_cache_is_not_loaded()
    {
        await PushCodeAsync();
        string folder = await UseAsync(async c => (await c.DownloadAsync(Request.Reference)).Directory!);
        string dll = Path.Combine(folder, "hubconf.dll");
        DateTime time = File.GetLastWriteTimeUtc(dll);
        byte[] changed = await File.ReadAllBytesAsync(dll, TestContext.Current.CancellationToken);
        changed[^1] ^= 1;
        File.Delete(dll);
        await File.WriteAllBytesAsync(dll, changed, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(dll, time);
        string failure = await FailureAsync(c => LoadAsync(c, "Tiny", EntryTrust.RunCode, ("layers", 1)));
        Assert.StartsWith("WISE3014: acme/tiny: <temp>/cache/hubs/local-", failure, StringComparison.Ordinal);
        AssertNothingRan();
    }

    [Theory]
    [InlineData("tools/hubconf")]
    [InlineData("tools/hubconf.json")]
    [InlineData("tools/hubconf.py")]
    public async Task The_entry_file_can_be_chosen(string file)
    {
        await PushAsync(("tools/hubconf.json", """{"version":1,"entries":[{"name":"nested"}]}"""),
            ("hubconf.json", """{"version":1,"entries":[{"name":"top"}]}"""));
        Assert.Equal("Files:nested", await NamesAsync(Request with { EntryFile = file }));
    }

    [Theory]
    [InlineData("../hubconf.py")]
    [InlineData("/etc/hubconf.py")]
    [InlineData("a/../../hubconf")]
    [InlineData("C:/hubconf.json")]
    [InlineData("")]
    public async Task The_entry_file_must_be_inside_the_repo(string file)
    {
        await PushAsync(("hubconf.json", """{"version":1}"""));
        Assert.StartsWith($"WISE1046: The entry file '{file}' must be a path inside the repo: ",
            await FailureAsync(c => c.Entries.ListAsync(Request with { EntryFile = file })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repo_without_entries_is_an_error()
    {
        await PushAsync(("config.json", "{}"));
        Assert.Equal("WISE1044: acme/tiny has no entries: it has neither hubconf.json nor hubconf.dll nor hubconf.py. "
            + "Download its files instead, or name another entry file.",
            await FailureAsync(c => c.Entries.ListAsync(Request)));
    }

    [Theory]
    [InlineData("not an assembly")]
    [InlineData("")]
    public async Task A_hubconf_dll_that_is_not_an_assembly_is_an_error(string text)
    {
        await PushAsync(("hubconf.dll", text));
        Assert.StartsWith("WISE1045: acme/tiny/hubconf.dll cannot be read as entries: ",
            await FailureAsync(c => c.Entries.ListAsync(Request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hubconf_dll_without_the_class_HubConf_is_an_error()
    {
        await _bench.Hub.PushAsync(Id, "main", [("hubconf.dll", File.ReadAllBytes(typeof(HubClient).Assembly.Location))]);
        Assert.StartsWith("WISE1045: acme/tiny/hubconf.dll cannot be read as entries: it has no public class HubConf.",
            await FailureAsync(c => c.Entries.ListAsync(Request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_follows_the_branch_unless_the_cache_is_requested()
    {
        await PushAsync(("hubconf.json", """{"version":1,"entries":[{"name":"first"}]}"""));
        await NamesAsync();
        await PushAsync(("hubconf.json", """{"version":1,"entries":[{"name":"second"}]}"""));
        Assert.Equal("Files:first", await NamesAsync(Request with { Cached = true }));
        Assert.Equal("Files:second", await NamesAsync());
        Assert.Equal("Files:second", await NamesAsync(Request with { Cached = true }));
    }

    [Fact]
    public async Task Python_is_read_and_never_run()
    {
        await PushAsync(("hubconf.py", """
            import os
            os.system("touch /tmp/ran")
            dependencies = ["torch", 'numpy']
            from torch import nn
            from acme.models import (
                tiny as small,  # a comment, with a comma
                large,
            )
            from .local import helper

            def _private(): pass

            @hub.pretrained("https://example.org/w/net.pkl")
            def net(layers: int = 3, *, name, **kwargs):
                "Builds a net.\n\nMore."
                def inner(): pass
                return nn.Net()

            class Model:
                def method(self): pass

            text = '''
            def quoted(): pass
            '''
            async def later(a, b=(1, 2), c={"x": [1]}): pass
            """), ("acme/models/__init__.py", ""));
        EntryList list = await UseAsync(c => c.Entries.ListAsync(Request));
        Assert.Equal("""
            helper () .local  
            large () acme.models  
            later (a b? c?)   
            net (layers? name kwargs?)  Builds a net. https://example.org/w/net.pkl
            small () acme.models  
            """.ReplaceLineEndings("\n"), string.Join('\n', list.Entries.Select(e =>
            $"{e.Name} ({string.Join(' ', e.Parameters.Select(p => p.Name + (p.IsOptional ? "?" : "")))}) {e.Module} "
            + $"{e.Summary} {e.PretrainedUrl}")));
        Assert.All(list.Entries, e => Assert.Equal(["torch", "numpy"], e.Dependencies));
        Assert.Equal("WISE3050: acme/tiny: the entry 'net' is Python, which is never run. You can download its weights: "
            + "Pretrained.FetchAsync, https://example.org/w/net.pkl.",
            await FailureAsync(c => LoadAsync(c, "net", EntryTrust.RunCode)));
        Assert.StartsWith("WISE3050: acme/tiny has no hubconf.dll to import; hubconf.py is Python, which is never run.",
            await FailureAsync(c => c.Entries.ImportAsync(Request, EntryTrust.RunCode)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("def f(", "f")]
    [InlineData("def f(a='", "f")]
    [InlineData("@pretrained(", "")]
    [InlineData("from", "")]
    [InlineData("from .a import", "")]
    [InlineData("def", "")]
    [InlineData("'''never closed\ndef f(): pass", "")]
    [InlineData("x = '\\\ndef f(): pass", "")]
    [InlineData(")]}\ndef f(): pass", "f")]
    [InlineData("\uFEFFdef f(): pass\r\ndef g(): pass\r\n", "f g")]
    [InlineData("\0\u0001", "")]
    public async Task Invalid_Python_does_not_fail(string text, string names)
    {
        await PushAsync(("hubconf.py", text));
        Assert.Equal(names, string.Join(' ', (await UseAsync(c => c.Entries.ListAsync(Request))).Entries.Select(e => e.Name)));
    }
}
