using System.Runtime.InteropServices;

namespace WiseHub.Tool;

/// <summary>
/// Handles Ctrl+C and SIGTERM: the first one cancels so that files are closed properly, the second one ends the process at once.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _count;

    public Interrupts() => _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];

    public CancellationToken Token => _cancel.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _cancel.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            context.Cancel = true;
            _cancel.Cancel();
        }
        else
        {
            TerminalLog.ShowCursor();
        }
    }
}
