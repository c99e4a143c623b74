using System.Globalization;
using System.Reflection;

namespace WiseHub.Client.Entries;

/// <summary>From names and values, which may be text of a command line, to the arguments of a method.</summary>
internal static class EntryArguments
{
    /// <summary>Judges names before any code is loaded.</summary>
    /// <exception cref="HubException">WISE1042.</exception>
    public static void Check(HubEntry entry, IReadOnlyDictionary<string, object?> arguments, string what)
    {
        string takes = entry.Parameters.Count == 0 ? "it takes none" : "it takes " + string.Join(", ",
            entry.Parameters.Select(p => $"{p.Type} {p.Name}".TrimStart() + (p.IsOptional ? " (optional)" : "")));
        if (arguments.Keys.FirstOrDefault(a => entry.Parameters.All(p => p.Name != a)) is string unknown)
            throw new HubException(WiseCodes.EntryArgument,
                $"{what}: the entry '{entry.Name}' has no parameter '{unknown}'; {takes}.");
        if (entry.Parameters.FirstOrDefault(p => !p.IsOptional && p.Type != nameof(CancellationToken)
            && !arguments.ContainsKey(p.Name)) is EntryParameter missing)
            throw new HubException(WiseCodes.EntryArgument,
                $"{what}: the entry '{entry.Name}' needs '{missing.Name}'; {takes}. Write {missing.Name}=value.");
    }

    /// <exception cref="HubException">WISE1042.</exception>
    public static object?[] Bind(
        MethodInfo method, IReadOnlyDictionary<string, object?> arguments, string what, CancellationToken cancel)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (arguments.Keys.FirstOrDefault(a => Array.TrueForAll(parameters, p => p.Name != a)) is string unknown)
            throw new HubException(WiseCodes.EntryArgument, $"{what}: the entry '{method.Name}' has no parameter '{unknown}'.");
        return Array.ConvertAll(parameters, parameter =>
        {
            if (arguments.TryGetValue(parameter.Name!, out object? value))
            {
                return TryConvert(value, parameter.ParameterType, out object? converted) ? converted
                    : throw new HubException(WiseCodes.EntryArgument, $"{what}: '{parameter.Name}' of the entry '{method.Name}' "
                        + $"is a {parameter.ParameterType.Name}, which cannot be made of {Show(value)}.");
            }
            if (parameter.ParameterType == typeof(CancellationToken))
                return cancel;
            return parameter.HasDefaultValue ? parameter.DefaultValue
                : throw new HubException(WiseCodes.EntryArgument,
                    $"{what}: the entry '{method.Name}' needs '{parameter.Name}'. Write {parameter.Name}=value.");
        });
    }

    private static string Show(object? value) =>
        value is string text ? $"'{text}'" : value is null ? "null" : $"a {value.GetType().Name}";

    // No TypeDescriptor: it remembers types for ever, and with them the code that is to be let go.
    private static bool TryConvert(object? value, Type type, out object? converted)
    {
        converted = value;
        Type wanted = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
            return !type.IsValueType || wanted != type;
        if (wanted.IsInstanceOfType(value))
            return true;
        try
        {
            converted = value switch
            {
                string text when wanted.IsEnum =>
                    Enum.TryParse(wanted, text, ignoreCase: true, out object? member) ? member : null,
                string text when wanted == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri : null,
                string text when wanted == typeof(Guid) => Guid.Parse(text, CultureInfo.InvariantCulture),
                string text when wanted == typeof(TimeSpan) => TimeSpan.Parse(text, CultureInfo.InvariantCulture),
                string text when wanted == typeof(DateTimeOffset) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
                string text when wanted == typeof(FileInfo) => new FileInfo(text),
                string text when wanted == typeof(DirectoryInfo) => new DirectoryInfo(text),
                string text when wanted == typeof(string[]) => text.Split(','),
                IConvertible number when typeof(IConvertible).IsAssignableFrom(wanted) && !wanted.IsEnum =>
                    System.Convert.ChangeType(number, wanted, CultureInfo.InvariantCulture),
                _ => null,
            };
            return converted is not null;
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException or ArgumentException)
        {
            return false;
        }
    }
}
