namespace WiseHub.Client.Tests.House;

/// <summary>Names types of other files in the ways that <see cref="CompiledTypes"/> must see.</summary>
[Sample]
internal sealed class ArrowSamples : SampleBase<Arrow>
{
    public static void Dispose(object? any) => (any as CompiledTypes)?.Dispose();

    public static Func<object> Make => () => new RefusingFiles();
}
