using System.Xml.Linq;
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
        Messages = new MSBuildLog(Log, Settings.Warnings, Locate);
        try
        {
            Run(Messages, _cancel.Token);
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
            Messages.Finish();
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

    /// <summary>The log of this call.</summary>
    private protected MSBuildLog Messages { get; private set; } = null!;

    /// <summary>The work.</summary>
    protected abstract void Run(IHubLog log, CancellationToken cancel);

    /// <summary>Remembers the item of a reference, for messages about it.</summary>
    private protected void Remember(RepoReference reference, ITaskItem item) => _items[reference] = item;

    /// <summary>Warns of names in the project that mean nothing.</summary>
    private protected void CheckProject() => ProjectCheck.Run(Settings.ProjectFiles,
        (BuildEngine as IBuildEngine6)?.GetGlobalProperties().Keys ?? [],
        (message, place) => Messages.Warning(WiseCodes.UnknownName, message,
            place.File is null ? new Place(Settings.ProjectFile, 0, 0) : place));

    private protected void LogError(HubException e) =>
        LogError(e, e.File is not null && e.Line > 0 ? new Place(e.File, e.Line, e.Column) : Locate(e.Reference));

    private protected void LogError(HubException e, ITaskItem item) => LogError(e, Locate(item));

    private protected void LogError(HubException e, Place place)
    {
        Log.LogError(null, e.Code, null, e.HelpLink, place.File, place.Line, place.Column, 0, 0, "{0}", e.Message);
        if (e.Details is not null)
            Log.LogMessage(MessageImportance.Low, "{0}", e.Details);
        for (Exception? cause = e.InnerException; cause is not null; cause = cause.InnerException)
            Log.LogMessage(MessageImportance.Low, "{0}: {1}", cause.GetType().Name, cause.Message);
    }

    /// <summary>The file that declares an item.</summary>
    private protected static string DeclaredIn(ITaskItem item) =>
        item.GetMetadata(Names.DefiningProject) is { Length: > 0 } carried ? carried
            : item.GetMetadata("DefiningProjectFullPath");

    private Place Locate(RepoReference? reference) =>
        reference is not null && _items.TryGetValue(reference, out ITaskItem? item) ? Locate(item)
        : new Place(Settings.ProjectFile is { Length: > 0 } project ? project : null, 0, 0);

    private Place Locate(ITaskItem item)
    {
        string project = DeclaredIn(item);
        if (project.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
            return FileBasedApp.Locate(project);
        return ProjectXml.TryLoad(project) is XDocument document
            ? ProjectXml.PlaceOf(project, ProjectXml.FindItem(document, ItemType, item))
            : new Place(project.Length > 0 ? project : Settings.ProjectFile, 0, 0);
    }
}
