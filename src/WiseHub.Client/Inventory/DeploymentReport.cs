namespace WiseHub.Client;

/// <summary>A locked reference in a deployed program.</summary>
/// <param name="Entry">The reference, its commit and files, its license, signer and waivers, as locked.</param>
/// <param name="Folders">
/// The folders with its files, relative to the deployed folder, with <c>/</c>; empty for the deployed folder itself.
/// </param>
/// <param name="Manifest">
/// The relative path of the manifest with which the program fetches the files at run time; null if they are deployed.
/// </param>
/// <param name="Files">The number of locked files that are there with their locked contents.</param>
/// <param name="Size">Their bytes.</param>
public sealed record DeployedModel(LockEntry Entry, IReadOnlyList<string> Folders, string? Manifest, int Files, long Size);

/// <summary>The comparison of a deployed program with its lock file.</summary>
/// <param name="Folder">The absolute path of the deployed folder.</param>
/// <param name="Models">The locked references that are there, in the order of the lock file.</param>
/// <param name="Problems">
/// WISE6050: a file has other content. WISE6051: a file or a model is missing. WISE6052: a file that is not locked is in the
/// folder of a model. Empty: what is deployed is what was locked.
/// </param>
public sealed record DeploymentReport(
    string Folder, IReadOnlyList<DeployedModel> Models, IReadOnlyList<HubException> Problems);
