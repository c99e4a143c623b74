namespace MultiProject.Library.Tests;

public sealed class VocabularyTests
{
    [Fact]
    public void The_files_of_the_model_are_in_the_output_of_the_tests()
    {
        Vocabulary vocabulary = Vocabulary.Load();

        Assert.Contains("de", vocabulary.Labels);
        Assert.Equal(8192, vocabulary.NGrams);
    }
}
