namespace WiseHub.Client.Tests;

/// <summary>
/// Tests that count the buffers of the process's array pool. Beside other tests, those could rent a buffer just given back.
/// </summary>
[CollectionDefinition(nameof(SharedPool), DisableParallelization = true)]
public sealed class SharedPool;
