using System.Globalization;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Store;

/// <summary>A file in a JSON record: path, stamp and digest.</summary>
internal static class StampedFile
{
    /// <summary>Writes the members of a file, including the opening brace but not the closing one.</summary>
    public static void Append(StringBuilder text, string path, FileStamp stamp, Digest sha256) =>
        text.Append("{\"path\":").Append(JsonText.Quote(path)).Append(CultureInfo.InvariantCulture,
            $",\"size\":{stamp.Size},\"time\":{stamp.Modified},\"inode\":\"{stamp.Inode}\",\"sha256\":\"{sha256.Hex}\"");

    /// <summary>Reads the stamp and digest that <see cref="Append"/> wrote.</summary>
    public static (FileStamp Stamp, Digest Sha256) Read(StrictJson json, JsonElement item)
    {
        if (!Digest.TryParse(json.RequiredString(item, "sha256"), out Digest sha256)
            || json.Integer(item, "size") is not long size || json.Integer(item, "time") is not long time
            || !ulong.TryParse(json.RequiredString(item, "inode"), CultureInfo.InvariantCulture, out ulong inode))
        {
            throw json.Wrong(StoreMessages.FactsMalformed, item);
        }
        return (new FileStamp(size, time, inode), sha256);
    }
}
