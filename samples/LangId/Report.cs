using System.Globalization;
using UseModel;

namespace LangId;

/// <summary>Prints the accuracy of a trained model.</summary>
internal static class Report
{
    public static void Write(IReadOnlyList<string> labels, Evaluation training, Evaluation heldOut)
    {
        Console.WriteLine($"training accuracy: {training}");
        Console.WriteLine($"held-out accuracy: {heldOut}");
        Console.WriteLine();
        Console.WriteLine("language  trained on  held out  correct");
        foreach (string label in labels)
        {
            int trained = training.Answers.Count(answer => answer.Example.Label == label);
            string[] answers = [.. heldOut.Answers.Where(answer => answer.Example.Label == label).Select(answer => answer.Answer)];
            int correct = answers.Count(answer => answer == label);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{label,-8}  {trained,10}  {answers.Length,8}  {correct,7}  {100.0 * correct / Math.Max(1, answers.Length),5:F1} %"));
        }
        Console.WriteLine();
        foreach ((Example example, string answer) in heldOut.Answers.Where(answer => answer.Answer != answer.Example.Label))
            Console.WriteLine($"{example.Label} taken for {answer}: {example.Text}");
    }
}
