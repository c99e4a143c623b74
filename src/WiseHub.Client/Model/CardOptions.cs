namespace WiseHub.Client;

/// <summary>What happens to a model card, the <c>README.md</c> of a repo, when there is one in the set already.</summary>
public enum CardMode
{
    /// <summary>It is checked and pushed as it is.</summary>
    Keep,
    /// <summary>
    /// It is checked, and keys of its front matter that are missing are added. Those that are there, and the text,
    /// stay byte for byte.
    /// </summary>
    Merge,
}

/// <summary>
/// What the card of a model or dataset should say: <c>README.md</c> with YAML between two lines of <c>---</c>, by which hubs show
/// and find a repo. A set without one gets one if anything is stated here; a set with one has it checked (see
/// docs/publishing.md).
/// </summary>
public sealed record CardOptions
{
    /// <summary>What happens to a card that the set has.</summary>
    public CardMode Mode { get; init; }

    /// <summary>
    /// Identifier of the licence, as <c>mit</c> or <c>apache-2.0</c>; written in lower case, as hubs have them.
    /// </summary>
    public string? License { get; init; }

    /// <summary>Tags by which the repo is found.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Repo ids of the models that this one was made from. Models only.</summary>
    public IReadOnlyList<string> BaseModel { get; init; } = [];

    /// <summary>Languages as ISO 639 codes: <c>en</c>, <c>zh</c>.</summary>
    public IReadOnlyList<string> Language { get; init; } = [];

    /// <summary>Repo ids of the datasets that the model was trained on. Models only.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>The task, as <c>text-classification</c>; of a dataset its <c>task_categories</c>.</summary>
    public string? PipelineTag { get; init; }

    /// <summary>Example texts with which the page of the model can be tried. Models only.</summary>
    public IReadOnlyList<string> Widget { get; init; } = [];

    /// <summary>The library that runs the model; null = <c>dotnet</c> in a card that is made. Models only.</summary>
    public string? LibraryName { get; init; }

    /// <summary>
    /// The heading of a card that is made, and the <c>pretty_name</c> of a dataset; null = the name of the repo.
    /// </summary>
    public string? Title { get; init; }

    /// <summary>The text of a card that is made, as Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>Whether anything is stated that a card could say.</summary>
    public bool IsAnythingStated => License is not null || Tags.Count > 0 || BaseModel.Count > 0 || Language.Count > 0
        || Datasets.Count > 0 || PipelineTag is not null || Widget.Count > 0
        || LibraryName is not null || Title is not null || Description is not null;
}
