using System.Text;
using static WiseHub.Client.Tests.Formats.FormatFiles;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Text is data, though a pickle may be text.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("README.md", "# Model\n\nA model.\n")]
    [InlineData("data.csv", "id,name\n1,cat\n2,dog\n")]
    [InlineData("LICENSE", "Copyright (c) 2024 The authors\nAll rights reserved.\n")]
    [InlineData("LICENSE.txt", "(c) Somebody\nsystem\n")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\nthe\ncat\ndog\n")]
    [InlineData("vocab.txt", "cat\ndog\ncar\nbus\nbad\nbat\n")]
    [InlineData("vocab.txt", "cat\ndog\ncar\nbus\nRed\n")]
    [InlineData("vocab", "cat\ndog\nVery\nbad\n")]
    [InlineData("merges.txt", "#version: 0.2\ni n\nt h\n")]
    [InlineData("a.yaml", "language: en\n")]
    [InlineData("a.txt", "x^2 + y^2\n")]
    [InlineData("a.txt", "MZ is how DOS programs begin.\n")]
    [InlineData("a.txt", "\u4F60\u597D\n")]
    [InlineData("a.txt", "\uFEFFtext")]
    [InlineData("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")]
    [InlineData("data.xml", "<?xml version=\"1.0\"?><nets/>")]
    [InlineData("genome.txt", "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN")]
    public void Text_is_data(string path, string text) =>
        Assert.Equal("text Data", Verdicts.Show(path, Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("a.txt", "{\"a\":1}")]
    [InlineData("a.txt", " \n[1,2]")]
    [InlineData("a.json", "1")]
    public void Json_is_data(string path, string text) => Assert.Equal("json Data", Verdicts.Show(path, Bytes(text)));

    [Theory]
    [InlineData("<?xml version=\"1.0\"?>\n<net name=\"x\" version=\"11\"><layers/></net>")]
    [InlineData("<net>")]
    [InlineData("<!-- made by mo --><net name=\"x\">")]
    public void The_graph_of_OpenVINO_is_data(string text) =>
        Assert.Equal("openvino Data", Verdicts.Show("model.xml", Bytes(text)));

    [Theory]
    [InlineData("a.txt", new byte[] { 65, 0, 66 })]
    [InlineData("a.txt", new byte[] { 65, 0xC3 })]
    [InlineData("a.json", new byte[] { 0x7B, 0xFF, 0x7D })]
    public void Bytes_that_are_no_text_are_unknown(string path, byte[] bytes) =>
        Assert.Equal("unknown Unknown", Verdicts.Show(path, bytes));

    [Fact]
    public void A_wrong_byte_far_behind_makes_a_text_unknown()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\u4F60\u597D, a line.\n", 20_000)));
        Assert.Equal("text Data", Verdicts.Show("a.txt", text));
        text[^3] = 0xFF;
        Assert.Equal("unknown Unknown", Verdicts.Show("a.txt", text));
    }

    [Theory]
    [InlineData("run.py", "script")]
    [InlineData("a/b.SH", "script")]
    [InlineData("a.ipynb", "script")]
    [InlineData("a.ps1", "script")]
    [InlineData("a.bat", "script")]
    [InlineData("a.js", "script")]
    [InlineData("a.dll", "program")]
    [InlineData("a.jar", "program")]
    [InlineData("libx.so.1.2", "program")]
    [InlineData("model.engine", "program")]
    public void A_text_with_the_name_of_code_is_code(string path, string id) =>
        Assert.Equal($"{id} Code {id}", Verdicts.Show(path, "x = 1\n"u8.ToArray()));

    [Fact]
    public void A_script_tells_its_interpreter() =>
        Assert.Equal("script Code script", Verdicts.Show("run", "#!/bin/sh\n"u8.ToArray()));

    // Sentences, word lists, tables: nothing that people write may be taken for a pickle.
    [Fact]
    public void Random_texts_are_never_pickles()
    {
        var random = new Random(20261130);
        const string letters = "eeettaaooiinnsshhrrddllccuummwwffggyyppbbvvkjxqz";
        string[] ends = ["\n", " ", ", ", ".\n", "\t", "\r\n", ";", "\n\n", "(", ")\n", "\"", "'s "];
        for (int i = 0; i < 20_000; i++)
        {
            string end = ends[random.Next(ends.Length)];
            var text = new StringBuilder();
            bool isList = random.Next(3) > 0;
            for (int word = random.Next(3, 60); word > 0; word--)
            {
                int start = text.Length;
                for (int letter = random.Next(1, 9); letter > 0; letter--)
                    text.Append(letters[random.Next(letters.Length)]);
                if (random.Next(3) == 0)
                    text[start] = char.ToUpperInvariant(text[start]);
                text.Append(isList ? "\n" : random.Next(4) == 0 ? ends[random.Next(ends.Length)] : end);
            }
            string made = text.ToString();
            Assert.True(Verdicts.Show("vocab.txt", Encoding.UTF8.GetBytes(made)) == "text Data", made);
        }
    }
}
