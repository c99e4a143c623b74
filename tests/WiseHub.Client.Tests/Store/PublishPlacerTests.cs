using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The times of models in a publish folder show what changed, and what did not change is not touched.</summary>
public sealed class PublishPlacerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _temp = new();
    private readonly RecordingLog _log = new();
    private readonly Clock _clock = new() { Now = Start };

    public void Dispose() => _temp.Dispose();

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private string Destination => _temp["publish/model.bin"];

    private (string Text, DateTime Time) Published => (File.ReadAllText(Destination), File.GetLastWriteTimeUtc(Destination));

    private string Blob(string text)
    {
        string sha256 = RestoreBench.Sha256(text), blob = _temp.Write($"cache/blobs/{sha256[..2]}/{sha256[2..]}", text);
        File.SetLastWriteTimeUtc(blob, TimeOf(text));
        return blob;
    }

    // A function of the content, and the later content has the earlier time.
    private static DateTime TimeOf(string text) =>
        new DateTime(2010, 1, 1, 0, 0, 0, DateTimeKind.Utc) - TimeSpan.FromDays(text[0] - 'a');

    private void Publish(string text, bool always = false)
    {
        PublishPlacer placer = new PublishPlacer(_temp["obj/wise.published.json"], _log, _clock);
        placer.Place(Blob(text), Destination, always);
        placer.Save();
    }

    [Fact]
    public void A_changed_content_has_the_time_of_its_publish_and_an_unchanged_one_keeps_it()
    {
        Publish("a1");
        Assert.Equal(("a1", Start.UtcDateTime), Published);
        DateTime record = File.GetLastWriteTimeUtc(_temp["obj/wise.published.json"]);
        FileStamp? placed = FileStamp.Of(Destination);
        _clock.Now += TimeSpan.FromHours(1);
        Publish("a1");
        Assert.Equal((placed, record), (FileStamp.Of(Destination), File.GetLastWriteTimeUtc(_temp["obj/wise.published.json"])));
        Publish("b2");
        Assert.Equal(("b2", Start.UtcDateTime.AddHours(1)), Published);
        _clock.Now += TimeSpan.FromHours(1);
        Publish("a1");
        Assert.Equal(("a1", Start.UtcDateTime.AddHours(2)), Published);
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_no_earlier_time()
    {
        Publish("a1");
        _clock.Now -= TimeSpan.FromDays(1);
        Publish("b2");
        Assert.Equal(("b2", Start.UtcDateTime.AddSeconds(2)), Published);
        File.Delete(Destination);
        Publish("c3");
        Assert.Equal(("c3", Start.UtcDateTime.AddSeconds(4)), Published);
    }

    [Fact]
    public void The_file_of_the_store_keeps_its_time_also_where_a_link_to_it_stood_in_the_folder()
    {
        string blob = Blob("a1");
        Directory.CreateDirectory(_temp["publish"]);
        new Linker(_log).Place(blob, Destination, LinkMode.Hardlink);
        Publish("a1");
        Assert.Equal((("a1", Start.UtcDateTime), TimeOf("a1"), false),
            (Published, File.GetLastWriteTimeUtc(blob), FileIdentity.IsHardLinkOf(Destination, blob)));
    }

    [Fact]
    public void A_file_that_somebody_edited_is_replaced()
    {
        Publish("a1");
        File.WriteAllText(Destination, "x1");
        _clock.Now = DateTimeOffset.UtcNow.AddHours(1);
        Publish("a1");
        Assert.Equal(("a1", _clock.Now.UtcDateTime), Published);
    }

    [Fact]
    public void A_file_that_no_earlier_publish_of_the_project_put_there_stays()
    {
        _temp.Write("publish/model.bin", "another project's");
        PublishPlacer placer = new PublishPlacer(_temp["obj/wise.published.json"], _log, _clock);
        placer.Place(Blob("a1"), Destination);
        placer.Place(Blob("a1"), Destination, always: true);
        placer.Save();
        Assert.Equal(("another project's", $"{Destination} {Destination}", false),
            (File.ReadAllText(Destination), string.Join(' ', placer.Foreign), File.Exists(_temp["obj/wise.published.json"])));
    }

    [Fact]
    public void What_the_SDK_copied_or_a_killed_publish_left_gets_a_time_and_is_not_copied_again()
    {
        string blob = Blob("a1");
        Directory.CreateDirectory(_temp["publish"]);
        File.Copy(blob, Destination);
        Publish("a1");
        Assert.Equal((("a1", Start.UtcDateTime), ""), (Published, _log.Text));
    }

    [Fact]
    public void Always_gives_a_new_time()
    {
        Publish("a1", always: true);
        _clock.Now += TimeSpan.FromHours(1);
        Publish("a1", always: true);
        Assert.Equal(("a1", Start.UtcDateTime.AddHours(1)), Published);
    }

    [Fact]
    public void A_damaged_record_costs_a_copy_and_is_written_anew()
    {
        Publish("a1");
        _temp.Write("obj/wise.published.json", "{");
        _clock.Now += TimeSpan.FromHours(1);
        Publish("a1");
        Assert.Equal(("a1", Start.UtcDateTime.AddHours(1)), Published);
        FileStamp? placed = FileStamp.Of(Destination);
        Publish("a1");
        Assert.Equal(placed, FileStamp.Of(Destination));
    }

    [Fact]
    public void Where_the_record_is_damaged_an_edited_file_is_taken_for_this_project_s()
    {
        Publish("a1");
        File.WriteAllText(Destination, "edited");
        _temp.Write("obj/wise.published.json", "{");
        Publish("a1");
        Assert.Equal("a1", Published.Text);
    }

    [Fact]
    public void A_record_that_cannot_be_written_is_a_warning()
    {
        Directory.CreateDirectory(_temp["obj/wise.published.json"]);
        Publish("a1");
        Assert.Equal("a1", Published.Text);
        Assert.Contains("WISE5071", _log.Text, StringComparison.Ordinal);
    }
}
