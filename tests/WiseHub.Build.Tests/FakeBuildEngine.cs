using System.Collections;
using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;

namespace WiseHub.Build.Tests;

/// <summary>A build engine that records all output of a task as one text.</summary>
internal sealed class FakeBuildEngine : IBuildEngine
{
    private readonly StringBuilder _log = new();

    /// <summary>One line an event: kind, place, code, text, help link.</summary>
    public string Log => _log.ToString();

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 0;

    public int ColumnNumberOfTaskNode => 0;

    public string ProjectFileOfTaskNode => "WiseHub.Build.targets";

    public void LogErrorEvent(BuildErrorEventArgs e) =>
        Add("error", e.File, e.LineNumber, e.ColumnNumber, e.Code, e.Message, e.HelpLink);

    public void LogWarningEvent(BuildWarningEventArgs e) =>
        Add("warning", e.File, e.LineNumber, e.ColumnNumber, e.Code, e.Message, e.HelpLink);

    public void LogMessageEvent(BuildMessageEventArgs e)
    {
        // What only a diagnostic log shows depends on the machine (which links its file systems know).
        if (e.Importance != MessageImportance.Low)
            _log.Append(CultureInfo.InvariantCulture, $"{e.Importance}: {e.Message}\n");
    }

    public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException();

    public bool BuildProjectFile(
        string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) =>
        throw new NotSupportedException();

    private void Add(string kind, string? file, int line, int column, string? code, string? message, string? link) =>
        _log.Append(CultureInfo.InvariantCulture, $"{kind} {code} at {file}({line},{column}): {message} <{link}>\n");
}
