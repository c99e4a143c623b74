using System.Globalization;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>The language of messages and help follows <c>WISEHUB_LANG</c>, else the culture.</summary>
public sealed class LanguageTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("zh", true)]
    [InlineData("zh_CN.UTF-8", true)]
    [InlineData("en", false)]
    public async Task The_variable_chooses_the_language_and_the_code_stays(string variable, bool isChinese)
    {
        _workspace.Environment["WISEHUB_LANG"] = variable;
        _workspace.Environment["LC_ALL"] = isChinese ? "en_US.UTF-8" : "zh_CN.UTF-8";
        await AssertFailsAsync(isChinese);
    }

    [Theory]
    [Needs(Need.Unix)]
    [InlineData(null, "zh_CN.UTF-8", true)]
    [InlineData(null, "zh_TW.UTF-8", true)]
    [InlineData(null, "de_DE.UTF-8", false)]
    [InlineData(null, "C", false)]
    [InlineData("klingon", "zh_CN.UTF-8", true)]
    public async Task Without_a_known_language_in_the_variable_the_locale_decides(string? variable, string locale, bool isChinese)
    {
        _workspace.Environment["WISEHUB_LANG"] = variable;
        _workspace.Environment["LC_ALL"] = locale;
        await AssertFailsAsync(isChinese);
    }

    private async Task AssertFailsAsync(bool isChinese) => Assert.Equal(new ProcessResult(1, "", isChinese
        ? "error WISE3005: 模型库 'local' 不是存储：缺少 $/hub/wisehub-store.json。检查其 path 或 endpoint；首次推送会使文件夹成为存储。\n"
        : "error WISE3005: The hub 'local' is not a store: $/hub/wisehub-store.json is missing. Check its path or endpoint; "
            + "a first push makes a folder a store.\n"), await _workspace.RunAsync("download", "acme/tiny"));

    [Fact]
    public async Task The_help_is_Chinese_and_fits_a_screen()
    {
        _workspace.Environment["WISEHUB_LANG"] = "zh";
        ProcessResult help = await _workspace.RunAsync("help");
        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        string[] lines = help.Output.TrimEnd('\n').Split('\n');
        Assert.StartsWith("用法：wisehub <命令> [选项]", lines[0], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 20, 30);
        Assert.All(lines, l => Assert.InRange(Columns.Of(l), 0, 80));
    }

    [Fact]
    public async Task Each_page_of_the_Chinese_help_has_lines_of_at_most_80_columns()
    {
        _workspace.Environment["WISEHUB_LANG"] = "zh";
        foreach (string path in CommandPages.Paths)
        {
            ProcessResult page = await _workspace.RunAsync(["help", .. path.Split(' ')]);
            Assert.Equal((0, ""), (page.ExitCode, page.Error));
            Assert.All(page.Output.Split('\n').Where(l => !l.StartsWith("  wisehub ", StringComparison.Ordinal)),
                l => Assert.InRange(Columns.Of(l), 0, 80));
        }
    }

    [Fact]
    public void Texts_of_one_process_may_have_several_languages()
    {
        CultureInfo before = CultureInfo.CurrentUICulture;
        string? variable = Environment.GetEnvironmentVariable("WISEHUB_LANG");
        try
        {
            Environment.SetEnvironmentVariable("WISEHUB_LANG", null);
            CultureInfo.CurrentUICulture = new CultureInfo("zh-CN");
            Assert.Equal("3 个文件", FileCount.Show(3));
            CultureInfo.CurrentUICulture = new CultureInfo("fr-FR");
            Assert.Equal("3 files", FileCount.Show(3));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
            Environment.SetEnvironmentVariable("WISEHUB_LANG", variable);
        }
    }

    [Theory]
    [InlineData("模型库中的文件，以及缓存。", 10, "模型库中的|文件，以及|缓存。")]
    [InlineData("下载 model.bin 到缓存", 10, "下载|model.bin|到缓存")]
    public void A_line_breaks_at_spaces_and_beside_Chinese_characters(string text, int columns, string lines) =>
        Assert.Equal(lines.Split('|'), Columns.Wrap(text, columns));
}
