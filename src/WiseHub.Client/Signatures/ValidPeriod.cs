namespace WiseHub.Client.Signatures;

/// <summary>The period in which a trust root trusts a log or an authority.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">The last moment; null for no end.</param>
internal readonly record struct ValidPeriod(DateTimeOffset Start, DateTimeOffset? End)
{
    public bool Contains(DateTimeOffset time) => time >= Start && !(time > End);

    public Text Describe() => SignatureMessages.Between(Start, End);
}
