using WiseHub.Tool;

ConsoleText.Use();
using var interrupts = new Interrupts();
return await CommandLine.RunAsync(args, Console.Error, interrupts.Token).ConfigureAwait(false);
