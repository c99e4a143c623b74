using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The base of all tasks. Execute is sealed so that every task handles failures and cancellation in the same way: a failure is
/// logged with its code at the item's line, and the task succeeds only if it logged no error.
/// </summary>
public abstract class WiseTask : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    // By identity: a project may reference the same repo twice, under two aliases.
    private readonly Dictionary<RepoReference, ITaskItem> _items = new(ReferenceEqualityComparer.Instance);

    private ClientItem? _settings;

    /// <summary>The item <c>_WiseClient</c>: the settings that all task calls of a project share.</summary>
    [Required]
    public ITaskItem Client { get; set; } = null!;

    private protected ClientItem Settings => _settings ??= new ClientItem(Client);

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        var log = new MSBuildLog(Log, Settings.Warnings, Locate);
        try
        {
            Run(log, _cancel.Token);
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            LogError(BuildMessages.Cancelled());
        }
        catch (AggregateException e) when (e.InnerExceptions.All(i => i is HubException))
        {
            foreach (HubException failure in e.InnerExceptions.Cast<HubException>())
                LogError(failure);
        }
        catch (HubException e)
        {
            LogError(e);
        }
        finally
        {
            log.Finish();
        }
        return !Log.HasLoggedErrors;
    }

    /// <summary>Cancels. An out-of-process host repeats this until Execute returns, so it is cheap and never throws.</summary>
    public void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The task has already ended.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancel.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The type of the items whose lines messages refer to.</summary>
    private protected virtual string ItemType => Names.Reference;

    /// <summary>The work.</summary>
    protected abstract void Run(IHubLog log, CancellationToken cancel);

    /// <summary>Remembers the item of a reference, for messages about it.</summary>
    private protected void Remember(RepoReference reference, ITaskItem item) => _items[reference] = item;

    private protected void LogError(HubException e)
    {
        (string? file, int line, int column) = e.File is not null && e.Line > 0
            ? (e.File, e.Line, e.Column) : Locate(e.Reference);
        Log.LogError(null, e.Code, null, e.HelpLink, file, line, column, 0, 0, "{0}", e.Message);
        for (Exception? cause = e.InnerException; cause is not null; cause = cause.InnerException)
            Log.LogMessage(MessageImportance.Low, "{0}: {1}", cause.GetType().Name, cause.Message);
    }

    private protected void LogError(HubException e, ITaskItem item)
    {
        (string? file, int line, int column) = Locate(item);
        Log.LogError(null, e.Code, null, e.HelpLink, file, line, column, 0, 0, "{0}", e.Message);
    }

    private (string? File, int Line, int Column) Locate(RepoReference? reference) =>
        reference is not null && _items.TryGetValue(reference, out ITaskItem? item) ? Locate(item)
        : (Settings.ProjectFile is { Length: > 0 } project ? project : null, 0, 0);

    private (string? File, int Line, int Column) Locate(ITaskItem item)
    {
        string project = item.GetMetadata(Names.DefiningProject) is { Length: > 0 } carried ? carried
            : item.GetMetadata("DefiningProjectFullPath");
        (int line, int column) = ItemPosition.Find(project, ItemType, item);
        return (project.Length > 0 ? project : Settings.ProjectFile, line, column);
    }
}
