namespace WiseHub.Client.Tests.House;

/// <summary>A source file that names a type of another source file.</summary>
/// <param name="From">The file, with <c>/</c>, below the project.</param>
/// <param name="To">The file of the type.</param>
/// <param name="Type">The type that is named.</param>
internal sealed record Arrow(string From, string To, string Type);
