using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace WiseHub.Testing;

/// <summary>Serves a file with ranges (RFC 9110 section 14), and with the faults that concern contents.</summary>
internal static class ContentAnswer
{
    public static async Task WriteAsync(Call call, string file, string etag)
    {
        await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        HttpResponse response = call.Response;
        response.Headers.ETag = $"\"{etag}\"";
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";
        (long from, long length) = (0, source.Length);
        bool partial = false;
        if (call.Fault is not Fault.IgnoreRange and not Fault.Gzip and not Fault.CutAfter { IgnoresRange: true }
            && RequestedRange(call.Request, etag) is RangeItemHeaderValue range)
        {
            from = range.From ?? Math.Max(0, source.Length - range.To!.Value);
            long last = range.From is null ? source.Length - 1 : Math.Min(range.To ?? long.MaxValue, source.Length - 1);
            if (from > last)
            {
                response.Headers.ContentRange = $"bytes */{source.Length}";
                throw new ApiError(416, null, "Range not satisfiable");
            }
            length = last - from + 1;
            partial = true;
        }
        if (call.Fault is Fault.WrongRange wrong && partial)
        {
            from = Math.Clamp(from + wrong.Shift, 0, source.Length - 1);
            length = Math.Min(length, source.Length - from);
        }
        response.StatusCode = partial ? 206 : 200;
        if (partial)
            response.Headers.ContentRange = $"bytes {from}-{from + length - 1}/{source.Length}";
        if (call.Fault is Fault.OmitHeaders omit)
            Array.ForEach(omit.Names, name => response.Headers.Remove(name));
        if (call.Fault is Fault.Gzip)
        {
            response.Headers.ContentEncoding = "gzip";
            if (call.IsHead)
                return;
            await using var packed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await source.CopyToAsync(packed, call.Cancel);
            return;
        }
        long announced = length + (call.Fault is Fault.WrongLength off ? off.Delta : 0);
        if (call.Fault is not Fault.OmitHeaders { Names: var names }
            || !names.Contains("Content-Length", StringComparer.OrdinalIgnoreCase))
            response.ContentLength = announced;
        if (!call.IsHead)
            await SendAsync(call, source, from, announced);
    }

    private static async Task SendAsync(Call call, FileStream source, long from, long length)
    {
        source.Position = from;
        byte[] buffer = new byte[1 << 16];
        for (long at = from; at < from + length;)
        {
            int wanted = (int)Math.Min(buffer.Length, from + length - at);
            int read = await source.ReadAsync(buffer.AsMemory(0, wanted), call.Cancel);
            // A length that is announced too long is padded.
            if (read == 0)
                Array.Clear(buffer, 0, read = wanted);
            if (call.Fault is Fault.WrongBytes flip && flip.At >= at && flip.At < at + read)
                buffer[flip.At - at] ^= 0xFF;
            if (call.Fault is Fault.Throttle throttle)
                await throttle.WaitAsync(read, call.Cancel);
            await call.Response.Body.WriteAsync(buffer.AsMemory(0, read), call.Cancel);
            at += read;
        }
    }

    private static RangeItemHeaderValue? RequestedRange(HttpRequest request, string etag)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out RangeHeaderValue? range) || range.Unit != "bytes"
            || range.Ranges.Count != 1)
            return null;
        string condition = request.Headers.IfRange.ToString();
        return condition.Length == 0 || condition == $"\"{etag}\"" ? range.Ranges.First() : null;
    }
}
