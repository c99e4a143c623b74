using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The metadata of a model's files. Each <see cref="TaskItem"/> copies them in turn. An ordinary table allocates an object per
/// entry whenever it is read, eight for each file. Here they are allocated once, and only the values that differ between files
/// are set. With 10,000 files this saves one garbage collection in every build.
/// </summary>
internal sealed class FileMetadata : Hashtable
{
    private readonly string _folder;
    private readonly object[] _entries;

    /// <param name="model">The model.</param>
    /// <param name="usual">The link mode that needs no metadata.</param>
    public FileMetadata(ModelItem model, LinkMode usual)
    {
        _folder = model.TargetPath.Length == 0 ? "" : model.TargetPath + "/";
        var entries = new List<object>
        {
            new DictionaryEntry(Names.PathInRepo, null),
            new DictionaryEntry(Names.Sha256, null),
            new DictionaryEntry(Names.Size, null),
            new DictionaryEntry(Names.Link, null),
            new DictionaryEntry(Names.Alias, ModelItem.Escape(model.Alias)),
            new DictionaryEntry(Names.CopyToOutputDirectory, model.CopyToOutputDirectory),
            new DictionaryEntry(Names.CopyToPublishDirectory, model.CopyToPublishDirectory),
        };
        if (model.LinkMode != usual)
            entries.Add(new DictionaryEntry(Names.LinkMode, model.LinkMode.ToString()));
        _entries = [.. entries];
    }

    public override int Count => _entries.Length;

    public TaskItem ItemOf(SnapshotFile file)
    {
        Set(0, ModelItem.Escape(file.Path));
        Set(1, file.Sha256.Hex);
        Set(2, file.Size.ToString(CultureInfo.InvariantCulture));
        Set(3, ModelItem.Escape(_folder + file.Path));
        return new TaskItem(ModelItem.Escape(file.BlobPath), this);
    }

    public override IDictionaryEnumerator GetEnumerator() => new Enumerator(_entries);

    private void Set(int index, string value) => Unsafe.Unbox<DictionaryEntry>(_entries[index]).Value = value;

    private sealed class Enumerator(object[] entries) : IDictionaryEnumerator
    {
        private int _at = -1;

        public object Current => entries[_at];

        public DictionaryEntry Entry => (DictionaryEntry)Current;

        public object Key => Entry.Key;

        public object? Value => Entry.Value;

        public bool MoveNext() => ++_at < entries.Length;

        public void Reset() => _at = -1;
    }
}
