// Every file of the model that the accessor finds beside the published program, with its size.
string root = App.WiseModels.Langid.Directory;
foreach (string file in Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
    Console.WriteLine($"{Path.GetRelativePath(root, file).Replace('\\', '/')} {new FileInfo(file).Length}");
