namespace WiseHub.Tool.Doctor;

/// <summary>The result of a check.</summary>
internal enum CheckResult
{
    /// <summary>As it should be.</summary>
    Ok,
    /// <summary>Something works less well, or not for everyone.</summary>
    Warn,
    /// <summary>Something that is configured or needed does not work.</summary>
    Fail,
}

/// <summary>One line of the report.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Result">The result.</param>
/// <param name="Message">What was found; never a secret.</param>
/// <param name="Remedy">What to do; null if there is nothing to do.</param>
internal sealed record Check(string Name, CheckResult Result, string Message, string? Remedy = null);
