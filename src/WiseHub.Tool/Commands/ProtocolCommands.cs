using WiseHub.Tool.Protocols.Git;
using WiseHub.Tool.Protocols.HgLocalization;

namespace WiseHub.Tool.Commands;

/// <summary>
/// The one list of the commands that single protocols add. A new one is a folder below <c>Protocols</c> and a line here. No other
/// file of the tool names a protocol or a hub.
/// </summary>
internal static class ProtocolCommands
{
    /// <summary>In the order in which the help lists them.</summary>
    public static IReadOnlyList<IProtocolCommand> All => [new HgCommand(), new LfsCommand()];
}
