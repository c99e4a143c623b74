using System.Reflection;
using WiseHub.Testing;
using Xunit.Sdk;

namespace WiseHub.Client.Tests;

public sealed class NeedTests
{
    [Fact]
    public void Every_declared_need_can_be_evaluated()
    {
        string[] needs = [.. typeof(Need).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral)
            .Select(f => (string)f.GetRawConstantValue()!)];
        Assert.NotEmpty(needs);
        foreach (string need in needs)
            Assert.Equal(Need.WhyMissing(need) is null, Need.IsHere(need));
    }

    [Fact]
    public void An_undeclared_need_is_an_error() => Assert.Throws<ArgumentException>(() => Need.WhyMissing("a unicorn"));

    [Fact]
    public void Needs_are_traits_that_can_exclude_tests_from_a_run() =>
        Assert.Equal(["System=Linux", "Needs=git"], new NeedsAttribute(Need.Linux, Need.Git).GetTraits()
            .Select(t => $"{t.Key}={t.Value}"));

    [Fact]
    public void A_missing_need_skips_the_test_with_its_reason()
    {
        string other = OperatingSystem.IsWindows() ? Need.Unix : Need.Windows;
        var attribute = new NeedsAttribute(other) { Because = "It looks at mode bits." };
        string? message = null;
        // Not Assert.Throws, which lets it pass: for xunit this exception is a skip, wherever it is thrown.
        try
        {
            attribute.Before(null!, null!);
        }
        catch (SkipException e)
        {
            message = e.Message;
        }
        Assert.Equal($"$XunitDynamicSkip${Need.WhyMissing(other)} It looks at mode bits.", message);
    }

    [Fact]
    [Needs(Need.Windows)]
    public void A_test_for_Windows_runs_only_there() => Assert.True(OperatingSystem.IsWindows());

    [Fact]
    [Needs(Need.Unix)]
    public void A_test_for_Unix_runs_only_there() => Assert.False(OperatingSystem.IsWindows());
}
