namespace WiseHub.Build;

/// <summary>Files in obj that the build generates.</summary>
internal static class GeneratedText
{
    /// <summary>Writes a file only if its content differs, so that what depends on it stays up to date.</summary>
    public static void Write(string path, byte[] content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }
}
