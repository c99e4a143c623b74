using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A fetch request to a git server, for objects by their ids.</summary>
/// <param name="Wants">A commit, or blobs.</param>
internal sealed record GitFetchRequest(IReadOnlyList<string> Wants)
{
    /// <summary>Leaves out blobs of this size or larger; null for no filter. Not every server supports it.</summary>
    public int? SmallerThan { get; init; }

    /// <summary>Uses version 0 of the protocol, for old servers; otherwise version 2.</summary>
    public bool IsOld { get; init; }

    /// <summary>The wants are commits, to be fetched without their history.</summary>
    public bool IsCommit { get; init; }

    private const string RequestType = "application/x-git-upload-pack-request";

    /// <summary>The HTTP request.</summary>
    /// <param name="repo">The repo's URL, with <c>.git</c>.</param>
    public HubRequest ToRequest(Uri repo)
    {
        byte[] body = IsOld ? OldBody() : Body();
        return new HubRequest(new Uri(repo.AbsoluteUri.TrimEnd('/') + "/git-upload-pack"))
        {
            Accept = "application/x-git-upload-pack-result",
            Headers = IsOld ? [] : [KeyValuePair.Create("Git-Protocol", "version=2")],
            Body = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(RequestType) } },
        };
    }

    // https://git-scm.com/docs/gitprotocol-v2#_fetch
    private byte[] Body()
    {
        var body = new StringBuilder();
        Line(body, "command=fetch");
        if (Wants[0].Length == 64)
            Line(body, "object-format=sha256");
        body.Append("0001");
        Line(body, "ofs-delta");
        Line(body, "no-progress");
        if (IsCommit)
            Line(body, "deepen 1");
        if (SmallerThan is int most)
            Line(body, string.Create(CultureInfo.InvariantCulture, $"filter blob:limit={most}"));
        foreach (string want in Wants)
            Line(body, "want " + want);
        Line(body, "done");
        return Encoding.ASCII.GetBytes(body.Append("0000").ToString());
    }

    // https://git-scm.com/docs/gitprotocol-pack#_packfile_negotiation
    private byte[] OldBody()
    {
        var body = new StringBuilder();
        // The first line also has the capabilities of the client.
        string capabilities = " side-band-64k ofs-delta no-progress" + (IsCommit ? " shallow" : "");
        if (Wants[0].Length == 64)
            capabilities += " object-format=sha256";
        for (int i = 0; i < Wants.Count; i++)
            Line(body, "want " + Wants[i] + (i == 0 ? capabilities : ""));
        if (IsCommit)
            Line(body, "deepen 1");
        body.Append("0000");
        Line(body, "done");
        return Encoding.ASCII.GetBytes(body.ToString());
    }

    private static void Line(StringBuilder body, string text) =>
        body.Append(CultureInfo.InvariantCulture, $"{text.Length + 5:x4}{text}\n");
}
