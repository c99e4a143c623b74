using System.Globalization;
using System.Reflection;

namespace WiseHub.Client.Entries;

/// <summary>Converts names and values, possibly texts from a command line, to the arguments of a method.</summary>
internal static class EntryArguments
{
    /// <exception cref="HubException">WISE1042.</exception>
    public static object?[] Bind(
        MethodInfo method, IReadOnlyDictionary<string, object?> arguments, string what, CancellationToken cancel)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (arguments.Keys.FirstOrDefault(a => Array.TrueForAll(parameters, p => p.Name != a)) is string unknown)
            throw EntryCodeMessages.UnknownParameter(what, method.Name, unknown);
        return Array.ConvertAll(parameters, parameter =>
        {
            if (arguments.TryGetValue(parameter.Name!, out object? value))
            {
                return TryConvert(value, parameter.ParameterType, out object? converted) ? converted
                    : throw EntryCodeMessages.WrongType(what, method.Name, parameter.Name!, parameter.ParameterType, value);
            }
            if (parameter.ParameterType == typeof(CancellationToken))
                return cancel;
            return parameter.HasDefaultValue ? parameter.DefaultValue
                : throw EntryCodeMessages.MissingArgument(what, method.Name, parameter.Name!);
        });
    }

    // TypeDescriptor is not used: it keeps types forever, and with them the code to be unloaded.
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
