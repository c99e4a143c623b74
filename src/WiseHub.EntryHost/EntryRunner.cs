using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using WiseHub.Client;
using WiseHub.Client.Entries;

namespace WiseHub.EntryHost;

/// <summary>Checks, loads and calls the code of a repo.</summary>
internal static class EntryRunner
{
    [UnconditionalSuppressMessage("Trimming", "IL2026",
        Justification = "This program is neither trimmed nor compiled ahead of time.")]
    public static async Task<EntryHostResponse> RunAsync(EntryHostRequest request)
    {
        string? detail = null;
        try
        {
            if (EntryLoadContext.Missing(request.Dependencies) is { Count: > 0 } missing)
                throw HostMessages.DependencyMissing(request.Repo, Path.GetFileName(request.Path), missing);
            // It was verified before this process started, and others may be able to write to its folder.
            if (await HashAsync(request.Path).ConfigureAwait(false) != request.Sha256)
                throw EntryCodeMessages.Tampered(request.Repo, request.Path);
            using var code = EntryCode.Load(request.Path, request.Repo);
            if (request.Entry is null)
                return new EntryHostResponse { Assembly = code.Assembly.FullName };
            object? value = await code.InvokeAsync(request.Entry,
                request.Arguments.ToDictionary(a => a.Key, a => (object?)a.Value), text => detail = text, CancellationToken.None)
                .ConfigureAwait(false);
            return new EntryHostResponse { Value = Show(value, request) };
        }
        catch (HubException e)
        {
            return new EntryHostResponse { Code = e.Code, Message = e.Message, Detail = detail };
        }
    }

    private static string? Show(object? value, EntryHostRequest request)
    {
        try
        {
            return value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
        }
        // ToString is the repo's code, too.
        catch (Exception e)
        {
            throw EntryCodeMessages.Failed(request.Repo, request.Entry!, EntryCode.Describe(e));
        }
    }

    private static async Task<string?> HashAsync(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(file).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
