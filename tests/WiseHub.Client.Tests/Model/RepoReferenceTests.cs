using System.Reflection;

namespace WiseHub.Client.Tests;

/// <summary>References are values: what they ask for makes them equal.</summary>
public sealed class RepoReferenceTests
{
    private static RepoReference Reference() => new()
    {
        RepoId = "acme/tiny",
        Hubs = ["web", "copy"],
        RepoType = RepoType.Dataset,
        Revision = "main",
        Config = "mrpc",
        Files = new FileSelection(["*.bin"], []),
        RequiredPaths = ["a.bin"],
        Sha256 = Digest.Parse(new string('1', 64)),
        Waive = ["pickle"],
        Optional = true,
        Fallback = true,
    };

    // One for each property that a program can set.
    private static readonly Dictionary<string, Func<RepoReference, RepoReference>> Changes = new()
    {
        [nameof(RepoReference.RepoId)] = r => r with { RepoId = "acme/other" },
        [nameof(RepoReference.Hubs)] = r => r with { Hubs = ["copy", "web"] },
        [nameof(RepoReference.RepoType)] = r => r with { RepoType = RepoType.Model },
        [nameof(RepoReference.Revision)] = r => r with { Revision = null },
        [nameof(RepoReference.Config)] = r => r with { Config = null },
        [nameof(RepoReference.Files)] = r => r with { Files = FileSelection.All },
        [nameof(RepoReference.RequiredPaths)] = r => r with { RequiredPaths = [] },
        [nameof(RepoReference.Sha256)] = r => r with { Sha256 = null },
        [nameof(RepoReference.Waive)] = r => r with { Waive = [] },
        [nameof(RepoReference.Optional)] = r => r with { Optional = false },
        [nameof(RepoReference.Fallback)] = r => r with { Fallback = false },
    };

    public static TheoryData<string> Properties =>
        [.. typeof(RepoReference).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .Select(p => p.Name)];

    [Fact]
    public void References_with_the_same_values_are_equal()
    {
        Assert.Equal(Reference(), Reference());
        Assert.Equal(Reference().GetHashCode(), Reference().GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_reference_with_another_value_of_one_property_is_another_reference(string property)
    {
        RepoReference other = Changes[property](Reference());

        Assert.NotEqual(Reference(), other);
        Assert.NotEqual(other, Reference());
    }

    [Fact]
    public void A_reference_is_equal_to_nothing_else()
    {
        Assert.False(Reference().Equals(null));
        Assert.True(Reference() != null);
    }
}
