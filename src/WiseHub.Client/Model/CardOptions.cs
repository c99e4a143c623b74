namespace WiseHub.Client;

/// <summary>The treatment of an existing model card (<c>README.md</c>) in a push.</summary>
public enum CardMode
{
    /// <summary>The card is checked and pushed unchanged.</summary>
    Keep,
    /// <summary>
    /// The card is checked, and missing keys are added to its front matter. Existing keys and the text stay byte for byte.
    /// </summary>
    Merge,
}

/// <summary>
/// The content of a model or dataset card: <c>README.md</c> with YAML between two lines of <c>---</c>, which hubs use to show and
/// find a repo. If the push has no card and any option is set, a card is made; an existing card is checked (see
/// docs/publishing.md).
/// </summary>
public sealed record CardOptions
{
    /// <summary>The treatment of an existing card.</summary>
    public CardMode Mode { get; init; }

    /// <summary>Licence identifier, such as <c>mit</c> or <c>apache-2.0</c>; written in lower case, as on hubs.</summary>
    public string? License { get; init; }

    /// <summary>Tags for finding the repo.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Repo ids of the models that this one is based on. Models only.</summary>
    public IReadOnlyList<string> BaseModel { get; init; } = [];

    /// <summary>Languages as ISO 639 codes: <c>en</c>, <c>zh</c>.</summary>
    public IReadOnlyList<string> Language { get; init; } = [];

    /// <summary>Repo ids of the datasets that the model was trained on. Models only.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>The task, such as <c>text-classification</c>; for a dataset, its <c>task_categories</c>.</summary>
    public string? PipelineTag { get; init; }

    /// <summary>Example texts for trying the model on its page. Models only.</summary>
    public IReadOnlyList<string> Widget { get; init; } = [];

    /// <summary>The library that runs the model; null = <c>dotnet</c> in a generated card. Models only.</summary>
    public string? LibraryName { get; init; }

    /// <summary>The heading of a generated card, and the <c>pretty_name</c> of a dataset; null = the name of the repo.</summary>
    public string? Title { get; init; }

    /// <summary>The text of a generated card, as Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>True if any option for the content is set.</summary>
    public bool IsAnythingStated => License is not null || Tags.Count > 0 || BaseModel.Count > 0 || Language.Count > 0
        || Datasets.Count > 0 || PipelineTag is not null || Widget.Count > 0
        || LibraryName is not null || Title is not null || Description is not null;
}
