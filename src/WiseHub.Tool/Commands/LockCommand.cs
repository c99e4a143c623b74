using System.CommandLine;
using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub lock merge|install-merge-driver|merge-driver</c>: merges lock files by entries instead of lines
/// (docs/lock-file.md#merge-conflicts).
/// </summary>
internal static class LockCommand
{
    private const string Attributes = ".gitattributes", AttributeLine = LockFile.FileName + " merge=wisehub";

    public static Command Create() =>
        new("lock", ProjectHelp.LockGroup) { CreateMerge(), CreateInstall(), CreateDriver() };

    private sealed record Merged(string File, LockFile? Result);

    private static Command CreateMerge()
    {
        var file = new Argument<string?>("file") { Description = ProjectHelp.LockFileArgument, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(file);
        var ours = new Option<bool>("--ours") { Description = ProjectHelp.Ours };
        var theirs = new Option<bool>("--theirs") { Description = ProjectHelp.Theirs };
        Option<bool> json = CacheCommand.NewJsonOption();
        var command = new Command("merge", ProjectHelp.LockMerge) { file, ours, theirs, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ours) && result.GetValue(theirs))
                result.AddError(ProjectMessages.OursAndTheirs);
        });
        command.SetAction((parsed, cancel) => new CommandRun(cancel)
        {
            AsJson = parsed.GetValue(json),
            Options = CommandRun.WithoutConfiguration,
        }.RunAsync(async (_, log) =>
        {
            string path = Path.GetFullPath(parsed.GetValue(file) ?? LockFile.FileName);
            if (Directory.Exists(path))
                path = Path.Combine(path, LockFile.FileName);
            LockFile? result = await MergeAsync(path, parsed.GetValue(ours) ? LockPreference.Ours
                : parsed.GetValue(theirs) ? LockPreference.Theirs : LockPreference.None, cancel).ConfigureAwait(false);
            log.Info(result is null ? ProjectMessages.NothingToMerge(path) : ProjectMessages.MergedInto(path,
                result.Entries.Count));
            return new Merged(path, result);
        }, merged => Console.Out.WriteLine(Failures.Printable(merged.File)), (writer, merged) =>
        {
            writer.WriteString("file", merged.File);
            writer.WriteBoolean("merged", merged.Result is not null);
            JsonOutput.WriteList(writer, "references", merged.Result?.Entries ?? [],
                e => ProjectJson.WriteKey(writer, e.Key, e.Commit));
        }));
        return command;
    }

    // The versions that git keeps are better than the text: around the markers, git has merged by lines.
    private static async Task<LockFile?> MergeAsync(string path, LockPreference preference, CancellationToken cancel)
    {
        if (!File.Exists(path))
            throw ProjectMessages.NoLockFile(path);
        IReadOnlyDictionary<int, byte[]> stages = await new GitFolder(Path.GetDirectoryName(path)!, cancel)
            .StagesAsync(Path.GetFileName(path)).ConfigureAwait(false);
        LockFileMerge merge;
        if (stages.TryGetValue(2, out byte[]? ours) && stages.TryGetValue(3, out byte[]? theirs))
        {
            merge = LockFileMerge.Of(stages.TryGetValue(1, out byte[]? ancestor) ? Ancestor(ancestor, path) : null,
                LockFile.Parse(ours, path), LockFile.Parse(theirs, path), preference);
        }
        else if (LockFileMerge.OfText(await ReadAsync(path, cancel).ConfigureAwait(false), path) is LockFileMerge ofText)
        {
            merge = ofText;
            if (merge.Result is null && preference != LockPreference.None)
                throw ProjectMessages.NoVersions(path);
        }
        else
        {
            return null;
        }
        if (merge.Result is not LockFile result)
            throw ProjectMessages.Conflicts(path, merge.Conflicts);
        await WriteAsync(path, result.ToBytes(), cancel).ConfigureAwait(false);
        return result;
    }

    private static Command CreateInstall()
    {
        var folder = new Argument<string>("folder")
        { Description = ProjectHelp.RepositoryFolder, DefaultValueFactory = _ => "." };
        Arguments.RefuseOptions(folder);
        var command = new Command("install-merge-driver", ProjectHelp.InstallDriver) { folder };
        command.SetAction((parsed, cancel) => new CommandRun(cancel) { Options = CommandRun.WithoutConfiguration }.RunAsync(
            async (_, log) =>
            {
                var git = new GitFolder(Path.GetFullPath(parsed.GetValue(folder)!), cancel);
                string root = await git.RootAsync().ConfigureAwait(false);
                await git.SetAsync("merge.wisehub.name", ProjectMessages.DriverName).ConfigureAwait(false);
                await git.SetAsync("merge.wisehub.driver", $"{Self()} lock merge-driver %O %A %B %P").ConfigureAwait(false);
                string attributes = Path.Combine(root, Attributes);
                bool isNew = await AddAttributeAsync(attributes, cancel).ConfigureAwait(false);
                log.Info(ProjectMessages.DriverInstalled(root, isNew ? attributes : null));
                return root;
            }, root => Console.Out.WriteLine(Failures.Printable(root))));
        return command;
    }

    private static async Task<bool> AddAttributeAsync(string path, CancellationToken cancel)
    {
        byte[] before = File.Exists(path) ? await ReadAsync(path, cancel).ConfigureAwait(false) : [];
        string text = Encoding.UTF8.GetString(before);
        if (text.Split('\n').Any(l => l.Trim() == AttributeLine))
            return false;
        string newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        string added = (text.Length > 0 && !text.EndsWith('\n') ? newLine : "") + AttributeLine + newLine;
        await WriteAsync(path, [.. before, .. Encoding.UTF8.GetBytes(added)], cancel).ConfigureAwait(false);
        return true;
    }

    private static Command CreateDriver()
    {
        Argument<string>[] files = [.. ProjectHelp.DriverArguments.Select(a => new Argument<string>(a))];
        var command = new Command("merge-driver", ProjectHelp.Driver);
        foreach (Argument<string> file in files)
            command.Add(file);
        command.SetAction((parsed, cancel) => new CommandRun(cancel) { Options = CommandRun.WithoutConfiguration }.RunAsync(
            async (_, _) =>
            {
                string[] paths = [.. files.Select(f => parsed.GetValue(f)!)];
                byte[] ancestor = await ReadAsync(paths[0], cancel).ConfigureAwait(false);
                LockFileMerge merge = LockFileMerge.Of(Ancestor(ancestor, paths[3]),
                    LockFile.Parse(await ReadAsync(paths[1], cancel).ConfigureAwait(false), paths[3]),
                    LockFile.Parse(await ReadAsync(paths[2], cancel).ConfigureAwait(false), paths[3]));
                await WriteAsync(paths[1], merge.Result?.ToBytes() ?? merge.ToTextWithConflicts(), cancel).ConfigureAwait(false);
                return merge.Result is null ? throw ProjectMessages.Conflicts(paths[3], merge.Conflicts) : merge;
            }, _ => { }));
        return command;
    }

    // Without a common ancestor, git passes an empty file. One that is itself a merge of several ancestors may have markers.
    private static LockFile? Ancestor(byte[] bytes, string path)
    {
        try
        {
            return bytes.Length == 0 ? null : LockFile.Parse(bytes, path);
        }
        catch (HubException e) when (e.Code == WiseCodes.LockConflict)
        {
            return null;
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProjectMessages.NotRead(path, e);
        }
    }

    private static async Task WriteAsync(string path, byte[] bytes, CancellationToken cancel)
    {
        try
        {
            await File.WriteAllBytesAsync(path, bytes, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ProjectMessages.NotWritten(path, e);
        }
    }

    // git passes the line to sh on every system, after it has replaced what begins with '%'.
    private static string Self()
    {
        string program = Environment.ProcessPath!;
        string[] parts = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [program, Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : [program];
        return string.Join(' ', parts.Select(p => "'" + p.Replace("'", "'\\''", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal) + "'"));
    }
}
