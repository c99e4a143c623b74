namespace WiseHub.Client.Tests.House;

internal abstract class SampleBase<T>
{
    public T? Value { get; init; }
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class SampleAttribute : Attribute;
