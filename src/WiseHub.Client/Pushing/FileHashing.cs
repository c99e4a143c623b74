using WiseHub.Client.Contents;

namespace WiseHub.Client.Pushing;

/// <summary>Reads local files in parallel, those with a remembered digest excepted.</summary>
internal static class FileHashing
{
    /// <returns>The files, in ordinal UTF-8 order of their paths in the repo.</returns>
    /// <exception cref="HubException">As <see cref="LocalFile.Read"/>.</exception>
    public static async Task<List<LocalFile>> ReadAsync(
        IReadOnlyList<PushFile> sources, PushMemory memory, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        var read = new LocalFile[sources.Count];
        // Digests of temporary files are not remembered, because the next push has other paths.
        var forgotten = new PushMemory(null, log);
        await Parallel.ForAsync(0, read.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
            (i, token) =>
            {
                PushFile file = sources[i];
                read[i] = LocalFile.Read(file, file.IsTemporary ? forgotten : memory, time, token);
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        List<LocalFile> files = [.. read];
        Utf8Ordinal.Sort(files, f => f.PathInRepo);
        return files;
    }
}
