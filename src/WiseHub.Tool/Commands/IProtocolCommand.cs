using System.CommandLine;

namespace WiseHub.Tool.Commands;

/// <summary>A command for the users of one protocol, in a folder below <c>Protocols</c>.</summary>
internal interface IProtocolCommand
{
    /// <summary>Creates the command, with its subcommands.</summary>
    /// <param name="args">All arguments, for <see cref="Arguments.RefuseOptions"/>.</param>
    Command Create(string[] args);

    /// <summary>The help pages by the path of their command, such as <c>lfs enable-largefiles</c>.</summary>
    IReadOnlyDictionary<string, CommandPage> Pages { get; }
}
