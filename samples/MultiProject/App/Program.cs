using MultiProject.Library;

Vocabulary vocabulary = Vocabulary.Load();
Console.WriteLine($"{vocabulary.Labels.Count} languages ({string.Join(' ', vocabulary.Labels)}), {vocabulary.NGrams} n-grams");
