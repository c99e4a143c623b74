using System.CommandLine;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub completion</c> prints the script for a shell, and the hidden <c>wisehub complete</c> answers that script.
/// </summary>
internal static class CompletionCommand
{
    // The words after "wisehub" up to the cursor, whose last one is completed.
    private const string Bash = """
        # Completion of wisehub for bash. Add this line to ~/.bashrc:
        #   source <(wisehub completion bash)
        _wisehub() {
            local found
            COMPREPLY=()
            while IFS= read -r found; do
                COMPREPLY+=("$found")
            done < <(wisehub complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -o default -F _wisehub wisehub
        """;

    private const string Zsh = """
        #compdef wisehub
        # Completion of wisehub for zsh. Add this line to ~/.zshrc, after compinit:
        #   source <(wisehub completion zsh)
        _wisehub() {
            local -a found
            found=("${(@f)$(wisehub complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            if [[ -n "${found[1]}" ]]; then
                compadd -a found
            else
                _files
            fi
        }
        compdef _wisehub wisehub
        """;

    private const string Fish = """
        # Completion of wisehub for fish. Write it to ~/.config/fish/completions/wisehub.fish:
        #   wisehub completion fish > ~/.config/fish/completions/wisehub.fish
        function __wisehub_complete
            set -l words (commandline --tokenize --cut-at-cursor --current-process)
            set -l last (commandline --current-token --cut-at-cursor)
            set -l found (wisehub complete -- $words[2..-1] "$last" 2>/dev/null)
            if test (count $found) -gt 0
                printf '%s\n' $found
            else
                __fish_complete_path "$last"
            end
        end
        complete --command wisehub --no-files --arguments '(__wisehub_complete)'
        """;

    // An empty argument does not reach a program from every PowerShell, so an option says that the last word is empty.
    private const string PowerShell = """
        # Completion of wisehub for PowerShell. Add this line to the file $PROFILE:
        #   wisehub completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName wisehub -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
            $options = if ("$wordToComplete" -eq '') { @('--empty-word') } else { @() }
            wisehub complete @options '--' @words 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public static Command CreateScript()
    {
        var shell = new Argument<string>("shell") { Description = ToolHelp.CompletionShell };
        Arguments.RefuseOptions(shell);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string given }] && !given.StartsWith('-') && !Shells.Contains(given))
                result.AddError(ToolMessages.UnknownShell(given, Shells));
        });
        shell.CompletionSources.Add(Shells);
        var command = new Command("completion", ToolHelp.Completion) { shell };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        }));
        return command;
    }

    public static Command CreateAnswer(RootCommand root)
    {
        var words = new Argument<string[]>("word") { Arity = ArgumentArity.ZeroOrMore };
        var empty = new Option<bool>("--empty-word");
        var command = new Command("complete", ToolHelp.Complete) { words, empty };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(words) ?? [];
            foreach (string found in Completions.Of(root, parsed.GetValue(empty) ? [.. given, ""] : given))
                Console.Out.WriteLine(Failures.Printable(found));
        });
        return command;
    }
}
