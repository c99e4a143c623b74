using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using WiseHub.Client.Files;

namespace WiseHub.Client.Entries;

/// <summary>Reads the entries of <c>hubconf.dll</c> as data. The assembly is not loaded, so its code cannot run.</summary>
internal static class HubConfAssembly
{
    private const string ClassName = EntryCode.ClassName;

    /// <param name="file">The DLL.</param>
    /// <param name="docs">Its XML documentation, or null.</param>
    /// <param name="dependencies">The assembly names in its <c>deps.json</c>.</param>
    /// <param name="where">Repo and path, for messages.</param>
    /// <exception cref="HubException">WISE1045.</exception>
    public static List<HubEntry> Read(string file, XmlDocs? docs, IReadOnlyList<string> dependencies, string where)
    {
        try
        {
            using var stream = new FileStream(ContendedFiles.OfSystem.OpenRead(file), FileAccess.Read);
            using var image = new PEReader(stream);
            return Read(image.GetMetadataReader(), docs, dependencies, where);
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException)
        {
            throw EntryMessages.Malformed(where, EntryMessages.NotAnAssembly(e));
        }
    }

    /// <summary>The simple names of the assemblies in a <c>deps.json</c>, without the one it belongs to.</summary>
    /// <exception cref="HubException">WISE1045.</exception>
    public static List<string> ReadDependencies(byte[] bytes, string own, string where)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes);
            var names = new List<string>();
            foreach (JsonProperty target in json.RootElement.GetProperty("targets").EnumerateObject())
            {
                foreach (JsonProperty library in target.Value.EnumerateObject()
                    .Where(l => l.Value.TryGetProperty("runtime", out _)))
                    names.AddRange(library.Value.GetProperty("runtime").EnumerateObject()
                        .Select(f => Path.GetFileNameWithoutExtension(f.Name)));
            }
            return [.. names.Where(n => n != own).Distinct(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw EntryMessages.Malformed(where, EntryMessages.NotDepsJson(e));
        }
    }

    private static List<HubEntry> Read(MetadataReader metadata, XmlDocs? docs, IReadOnlyList<string> dependencies, string where)
    {
        List<TypeDefinition> classes = [.. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Where(t => metadata.StringComparer.Equals(t.Name, ClassName)
                && (t.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)];
        if (classes.Count != 1)
            throw EntryMessages.Malformed(where, EntryMessages.NotOneClass(ClassName, classes.Count));
        TypeDefinition type = classes[0];
        string space = metadata.GetString(type.Namespace), fullName = space.Length == 0 ? ClassName : $"{space}.{ClassName}";
        List<string> needed =
            [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))
                .Concat(dependencies).Distinct(StringComparer.Ordinal)];
        var entries = new List<HubEntry>();
        foreach (MethodDefinition method in type.GetMethods().Select(metadata.GetMethodDefinition))
        {
            const MethodAttributes PublicStatic = MethodAttributes.Public | MethodAttributes.Static;
            if ((method.Attributes & (MethodAttributes.MemberAccessMask | MethodAttributes.Static)) != PublicStatic
                || (method.Attributes & MethodAttributes.SpecialName) != 0 || method.GetGenericParameters().Count > 0)
                continue;
            string name = metadata.GetString(method.Name);
            if (entries.Exists(e => e.Name == name))
                throw EntryMessages.Malformed(where, EntryMessages.AmbiguousMethod(ClassName, name));
            MethodSignature<string> signature = method.DecodeSignature(TypeNames.Instance, null);
            (string? summary, string? returns, IReadOnlyDictionary<string, string> ofParameters) = docs?.Of($"{fullName}.{name}")
                ?? (null, null, new Dictionary<string, string>());
            entries.Add(new HubEntry(name, EntryKind.Code)
            {
                Summary = summary,
                Returns = returns ?? signature.ReturnType,
                Dependencies = needed,
                Parameters = [.. method.GetParameters().Select(metadata.GetParameter).Where(p => p.SequenceNumber > 0)
                    .OrderBy(p => p.SequenceNumber)
                    .Select(p => Describe(metadata, p, signature.ParameterTypes[p.SequenceNumber - 1], ofParameters))],
            });
        }
        return entries;
    }

    private static EntryParameter Describe(
        MetadataReader metadata, Parameter parameter, string type, IReadOnlyDictionary<string, string> docs)
    {
        string name = metadata.GetString(parameter.Name);
        ConstantHandle constant = parameter.GetDefaultValue();
        return new EntryParameter(name, type, (parameter.Attributes & ParameterAttributes.Optional) != 0,
            constant.IsNil ? null : Show(metadata.GetConstant(constant), metadata), docs.GetValueOrDefault(name));
    }

    private static string Show(Constant constant, MetadataReader metadata) =>
        metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode) switch
        {
            null => "null",
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            object value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    /// <summary>Type names in C# syntax.</summary>
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public static readonly TypeNames Instance = new();

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.Byte => "byte",
            PrimitiveTypeCode.SByte => "sbyte",
            PrimitiveTypeCode.Char => "char",
            PrimitiveTypeCode.Int16 => "short",
            PrimitiveTypeCode.UInt16 => "ushort",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.UInt32 => "uint",
            PrimitiveTypeCode.Int64 => "long",
            PrimitiveTypeCode.UInt64 => "ulong",
            PrimitiveTypeCode.Single => "float",
            PrimitiveTypeCode.Double => "double",
            PrimitiveTypeCode.Void => "void",
            PrimitiveTypeCode.Object => "object",
            PrimitiveTypeCode.String => "string",
            _ => typeCode.ToString(),
        };

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeReference(handle).Name);

        public string GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(
            string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) =>
            genericType == "Nullable`1" ? typeArguments[0] + "?"
            : $"{genericType.Split('`')[0]}<{string.Join(", ", typeArguments)}>";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => "ref " + elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "delegate*";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"T{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"T{index}";
    }
}
