using System.Globalization;
using WiseHub.Testing;

namespace WiseHub.Benchmarks;

/// <summary>The options of the command line.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage = """
        dotnet run -c Release --project tests/WiseHub.Benchmarks [-- options]
          --rounds N        interleaved runs of each contender (default 9; builds at least 15)
          --only NAME,...   only these measures; see --list
          --report FOLDER   the folder of benchmarks.md and benchmarks.svg (default artifacts/benchmarks, which git ignores)
          --docs            also replace the results in docs/benchmarks.md
          --work FOLDER     the folder of contents and caches during the run (default the temp folder; 8 GB)
          --quick           small sizes, one round: shows that everything runs, and says nothing about speed
          --no-pack         use the last build instead of new packages
          --list            the names of the measures
        """;

    public int? Rounds { get; private init; }

    public IReadOnlySet<string> Only { get; private init; } = new HashSet<string>();

    public string Report { get; private init; } = RepoFiles.At("artifacts", "benchmarks");

    public bool Docs { get; private init; }

    public string Work { get; private init; } = Path.GetTempPath();

    public bool Quick { get; private init; }

    public bool NoPack { get; private init; }

    public bool List { get; private init; }

    public Sizes Sizes => Quick ? Sizes.Quick : Sizes.Full;

    /// <exception cref="FormatException">An option is unknown, or its value is wrong.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            string Value() =>
                ++i < arguments.Count ? arguments[i] : throw new FormatException($"{arguments[i - 1]} needs a value.");
            options = arguments[i] switch
            {
                "--rounds" => options with
                {
                    Rounds = int.Parse(Value(), NumberStyles.None, CultureInfo.InvariantCulture) is > 0 and int rounds ? rounds
                        : throw new FormatException("--rounds is at least 1.")
                },
                "--only" => options with
                {
                    Only = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                        .ToHashSet(StringComparer.Ordinal)
                },
                "--report" => options with { Report = Path.GetFullPath(Value()) },
                "--docs" => options with { Docs = true },
                "--work" => options with { Work = Path.GetFullPath(Value()) },
                "--quick" => options with { Quick = true },
                "--no-pack" => options with { NoPack = true },
                "--list" => options with { List = true },
                string other => throw new FormatException($"There is no option '{other}'."),
            };
        }
        return options is { Docs: true, Quick: true }
            ? throw new FormatException("--docs needs real figures, not those of --quick.") : options;
    }
}

/// <summary>Sizes of files and repos, and numbers of runs.</summary>
/// <param name="Large">Bytes of the one large file.</param>
/// <param name="Shard">Bytes of each of the eight large files of the mixed repo.</param>
/// <param name="Hub">Bytes of the file for the measure of all hubs.</param>
/// <param name="Many">Small files, of 1 to 64 KiB; one repo has ten times as many.</param>
/// <param name="TreePage">Entries of a page of the file list; a public hub's page has 1,000.</param>
/// <param name="Series">Sizes of the files whose peak memory is compared.</param>
/// <param name="References">References of the build that has many.</param>
/// <param name="FilesEach">Files of each of them.</param>
/// <param name="Rounds">Runs of each contender.</param>
/// <param name="Builds">Runs of each build.</param>
internal sealed record Sizes(long Large, long Shard, long Hub, int Many, int TreePage, IReadOnlyList<long> Series, int References,
    int FilesEach, int Rounds, int Builds)
{
    public static Sizes Full { get; } = new(1L << 30, 64L << 20, 256L << 20, 1000, 1000,
        [1L << 20, 64L << 20, 512L << 20], 100, 100, 9, 15);

    public static Sizes Quick { get; } = new(8L << 20, 1L << 20, 4L << 20, 30, 100, [1L << 20, 4L << 20], 2, 5, 1, 1);
}
