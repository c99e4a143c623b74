using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Folder hubs whose pages tests look at.</summary>
internal static class SiteHub
{
    public const string Card = """
        ---
        license: mit
        language: [en, de]
        pipeline_tag: text-classification
        tags:
        - embeddings
        - retrieval
        model-index:
        - name: tiny
          results: []
        ---
        # Tiny

        [![build](https://img.example/b.svg)](https://ci.example/)

        A model for **short texts**, see [the license](LICENSE) and [how to use it](#use).

        ## Use

        | benchmark | result |
        |---|---:|
        | a long name of a benchmark that nobody shortens | 0.613 |

        ```csharp
        float[] vector = Embed(session, "Where is the nearest station, and when does the next train leave from it?");
        ```

        """;

    /// <summary>Two models, one of them with two revisions, and a dataset.</summary>
    public static async Task FillAsync(StoreBuilder hub)
    {
        await hub.PushAsync("acme/tiny", "v1", [("LICENSE", "MIT"u8.ToArray()), ("model.bin", "one"u8.ToArray())]);
        await hub.PushAsync("acme/tiny", "main", [("LICENSE", "MIT"u8.ToArray()), ("README.md", Encoding.UTF8.GetBytes(Card)),
            ("model.bin", "second"u8.ToArray()), ("onnx/model.onnx", new byte[12_345])]);
        await hub.PushAsync("plain", "main", [("weights.bin", new byte[2_000_000])]);
        await hub.PushAsync("acme/questions", "main",
            [("README.md", "---\nlicense: cc-by-4.0\n---\nQuestions of travellers.\n"u8.ToArray())], RepoType.Dataset);
    }

    /// <summary>Writes a commit with any names, as no push would.</summary>
    /// <param name="hub">The folder of the hub.</param>
    /// <param name="folder">The folder of the repo in the hub.</param>
    /// <param name="message">The message of the commit.</param>
    /// <param name="files">The files by their paths.</param>
    public static string Write(string hub, string folder, string message, params (string Path, byte[] Content)[] files)
    {
        Put("wisehub-store.json", """{"version":1}"""u8.ToArray());
        var entries = new List<string>();
        foreach ((string path, byte[] content) in files)
        {
            string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
            Put($"blobs/{sha256[..2]}/{sha256[2..]}", content);
            entries.Add($$"""{"path":{{JsonSerializer.Serialize(path)}},"size":{{content.Length}},"sha256":"{{sha256}}"}""");
        }
        byte[] tree = Encoding.UTF8.GetBytes(
            $$"""{"version":1,"message":{{JsonSerializer.Serialize(message)}},"files":[{{string.Join(',', entries)}}]}""");
        string commit = Convert.ToHexStringLower(SHA256.HashData(tree));
        Put($"{folder}/trees/{commit}.json", tree);
        Put($"{folder}/refs/main", Encoding.ASCII.GetBytes(commit));
        return commit;

        void Put(string relative, byte[] content)
        {
            string path = Path.Combine(hub, relative.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }
}
