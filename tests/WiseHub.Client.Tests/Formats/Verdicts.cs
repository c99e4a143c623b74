using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Asks for verdicts in both ways.</summary>
internal static class Verdicts
{
    /// <summary>The verdict about the whole file. That of its beginning must be the same or none.</summary>
    public static FormatVerdict Of(string path, byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        FormatVerdict whole = FormatJudge.OfFile(path, file, TestContext.Current.CancellationToken);
        FormatVerdict? complete = FormatJudge.FromBeginning(path, bytes, bytes.Length);
        Assert.Equal(Show(whole), Show(complete));
        // A few bytes may look like anything.
        foreach (int length in new[] { 16, 100, bytes.Length / 2, bytes.Length - 1 }.Where(l => l >= 16 && l < bytes.Length))
        {
            FormatVerdict? beginning = FormatJudge.FromBeginning(path, bytes.AsSpan(0, length), bytes.Length);
            if (whole.Risk == FormatRisk.Code)
                Assert.True(beginning is null || beginning.Risk != FormatRisk.Data, $"{length} bytes: {beginning}");
            else
                Assert.True(beginning is null || beginning.Risk != FormatRisk.Code, $"{length} bytes: {beginning}");
        }
        return whole;
    }

    /// <summary>The same about the whole file alone, where its beginning is something else.</summary>
    public static string OfWhole(string path, byte[] bytes)
    {
        using var file = new MemoryStream(bytes);
        FormatVerdict verdict = FormatJudge.OfFile(path, file, TestContext.Current.CancellationToken);
        return $"{verdict.Format.Id} {verdict.Risk} {verdict.Format.Waiver}".TrimEnd();
    }

    private static string Show(FormatVerdict? verdict) =>
        $"{verdict?.Format} {string.Join(' ', verdict?.Imports ?? [])} {verdict?.Reason}";

    /// <summary>The format, the risk and the waiver in one text.</summary>
    public static string Show(string path, byte[] bytes)
    {
        FormatVerdict verdict = Of(path, bytes);
        return $"{verdict.Format.Id} {verdict.Risk} {verdict.Format.Waiver}".TrimEnd();
    }
}
