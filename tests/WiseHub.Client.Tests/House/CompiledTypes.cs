using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace WiseHub.Client.Tests.House;

/// <summary>
/// Which source file of an assembly names types of which other one: read from its metadata, its IL and the file names of its
/// embedded symbols. Constants are not seen, because the compiler puts their values in.
/// </summary>
internal sealed class CompiledTypes : IDisposable
{
    // Portable PDB 1.0, "Type Definition Document": the file of a type that has no code.
    private static readonly Guid TypeDocument = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    // ECMA-335, III: operands by opcode.
    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    private readonly PEReader _image;
    private readonly MetadataReader _types;
    private readonly MetadataReaderProvider _symbolProvider;
    private readonly MetadataReader _symbols;
    private readonly string _project;
    private readonly Dictionary<TypeDefinitionHandle, string> _files = [];
    private readonly HashSet<Arrow> _arrows = [];

    /// <param name="assembly">Path of a DLL with embedded symbols.</param>
    /// <param name="project">What the paths of the project's source files begin with.</param>
    public CompiledTypes(string assembly, string project)
    {
        _image = new PEReader(ImmutableArray.Create(File.ReadAllBytes(assembly)));
        _types = _image.GetMetadataReader();
        DebugDirectoryEntry embedded = _image.ReadDebugDirectory()
            .Single(d => d.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        _symbolProvider = _image.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        _symbols = _symbolProvider.GetMetadataReader();
        _project = project;
    }

    /// <summary>All arrows between different files.</summary>
    public IReadOnlyCollection<Arrow> Arrows
    {
        get
        {
            if (_arrows.Count == 0)
            {
                foreach (TypeDefinitionHandle type in _types.TypeDefinitions)
                    _files[type] = FileOf(type) ?? "";
                foreach (TypeDefinitionHandle type in _types.TypeDefinitions)
                    Visit(type);
            }
            return _arrows;
        }
    }

    /// <summary>The files that have a type.</summary>
    public IReadOnlyCollection<string> Files =>
        [.. Arrows.SelectMany(a => new[] { a.From, a.To }).Concat(_files.Values).Where(f => f.Length > 0).Distinct()];

    public void Dispose()
    {
        _symbolProvider.Dispose();
        _image.Dispose();
    }

    private string? FileOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _types.GetTypeDefinition(handle);
        foreach (CustomDebugInformationHandle h in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(h);
            if (_symbols.GetGuid(information.Kind) != TypeDocument)
                continue;
            BlobReader blob = _symbols.GetBlobReader(information.Value);
            if (Relative(MetadataTokens.DocumentHandle(blob.ReadCompressedInteger())) is string file)
                return file;
        }
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            if (FileOf(method) is string file)
                return file;
        }
        foreach (TypeDefinitionHandle nested in type.GetNestedTypes())
        {
            if (FileOf(nested) is string file)
                return file;
        }
        TypeDefinitionHandle declaring = type.GetDeclaringType();
        return declaring.IsNil ? null : _files.GetValueOrDefault(declaring);
    }

    private string? FileOf(MethodDefinitionHandle method)
    {
        MethodDebugInformation information = _symbols.GetMethodDebugInformation(method.ToDebugInformationHandle());
        if (!information.Document.IsNil)
            return Relative(information.Document);
        foreach (SequencePoint point in information.GetSequencePoints())
        {
            if (Relative(point.Document) is string file)
                return file;
        }
        return null;
    }

    // Generated files are nobody's.
    private string? Relative(DocumentHandle handle)
    {
        string path = _symbols.GetString(_symbols.GetDocument(handle).Name).Replace('\\', '/');
        return path.StartsWith(_project, StringComparison.Ordinal)
            && !path.StartsWith(_project + "obj/", StringComparison.Ordinal)
            ? path[_project.Length..] : null;
    }

    private void Visit(TypeDefinitionHandle handle)
    {
        string from = _files[handle];
        if (from.Length == 0)
            return;
        TypeDefinition type = _types.GetTypeDefinition(handle);
        var signatures = new Signatures(this, from);
        Name(type.BaseType, from);
        foreach (InterfaceImplementationHandle i in type.GetInterfaceImplementations())
            Name(_types.GetInterfaceImplementation(i).Interface, from);
        foreach (FieldDefinitionHandle field in type.GetFields())
            _types.GetFieldDefinition(field).DecodeSignature(signatures, null);
        foreach (GenericParameterHandle parameter in type.GetGenericParameters())
            VisitConstraints(parameter, from);
        foreach (CustomAttributeHandle attribute in type.GetCustomAttributes())
            Name(_types.GetCustomAttribute(attribute).Constructor, from);
        foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
            Visit(methodHandle, FileOf(methodHandle) ?? from);
    }

    private void Visit(MethodDefinitionHandle handle, string from)
    {
        MethodDefinition method = _types.GetMethodDefinition(handle);
        var signatures = new Signatures(this, from);
        method.DecodeSignature(signatures, null);
        foreach (GenericParameterHandle parameter in method.GetGenericParameters())
            VisitConstraints(parameter, from);
        foreach (CustomAttributeHandle attribute in method.GetCustomAttributes())
            Name(_types.GetCustomAttribute(attribute).Constructor, from);
        if (method.RelativeVirtualAddress == 0)
            return;
        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
            _types.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(signatures, null);
        foreach (ExceptionRegion region in body.ExceptionRegions)
            Name(region.CatchType, from);
        Visit(body.GetILReader(), from);
    }

    private void Visit(BlobReader code, string from)
    {
        while (code.RemainingBytes > 0)
        {
            short value = code.ReadByte();
            if (value == 0xFE)
                value = (short)((0xFE << 8) | code.ReadByte());
            switch (OpCodes[value].OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.ReadByte();
                    break;
                case OperandType.InlineVar:
                    code.ReadInt16();
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.ReadInt64();
                    break;
                case OperandType.InlineSwitch:
                    for (int targets = code.ReadInt32(); targets > 0; targets--)
                        code.ReadInt32();
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Name(MetadataTokens.EntityHandle(code.ReadInt32()), from);
                    break;
                default:
                    code.ReadInt32();
                    break;
            }
        }
    }

    private void VisitConstraints(GenericParameterHandle handle, string from)
    {
        foreach (GenericParameterConstraintHandle constraint in _types.GetGenericParameter(handle).GetConstraints())
            Name(_types.GetGenericParameterConstraint(constraint).Type, from);
    }

    private void Name(EntityHandle handle, string from)
    {
        if (handle.IsNil)
            return;
        var signatures = new Signatures(this, from);
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                Add((TypeDefinitionHandle)handle, from);
                break;
            case HandleKind.TypeSpecification:
                _types.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(signatures, null);
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _types.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(method.GetDeclaringType(), from);
                method.DecodeSignature(signatures, null);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _types.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(field.GetDeclaringType(), from);
                field.DecodeSignature(signatures, null);
                break;
            case HandleKind.MemberReference:
                MemberReference member = _types.GetMemberReference((MemberReferenceHandle)handle);
                Name(member.Parent, from);
                if (member.GetKind() == MemberReferenceKind.Method)
                    member.DecodeMethodSignature(signatures, null);
                else
                    member.DecodeFieldSignature(signatures, null);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _types.GetMethodSpecification((MethodSpecificationHandle)handle);
                Name(specification.Method, from);
                specification.DecodeSignature(signatures, null);
                break;
            default:
                // A type of another assembly.
                break;
        }
    }

    private void Add(TypeDefinitionHandle handle, string from)
    {
        string to = _files[handle];
        if (to.Length > 0 && to != from)
            _arrows.Add(new Arrow(from, to, NameOf(handle)));
    }

    private string NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _types.GetTypeDefinition(handle);
        string name = _types.GetString(type.Name);
        return type.GetDeclaringType().IsNil ? name : $"{NameOf(type.GetDeclaringType())}.{name}";
    }

    /// <summary>Names every type of a signature.</summary>
    private sealed class Signatures(CompiledTypes types, string from) : ISignatureTypeProvider<object?, object?>
    {
        public object? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            types.Add(handle, from);
            return null;
        }

        public object? GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            reader.GetTypeSpecification(handle).DecodeSignature(this, null);
            return null;
        }

        public object? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => null;

        public object? GetArrayType(object? elementType, ArrayShape shape) => null;

        public object? GetByReferenceType(object? elementType) => null;

        public object? GetFunctionPointerType(MethodSignature<object?> signature) => null;

        public object? GetGenericInstantiation(object? genericType, ImmutableArray<object?> typeArguments) => null;

        public object? GetGenericMethodParameter(object? genericContext, int index) => null;

        public object? GetGenericTypeParameter(object? genericContext, int index) => null;

        public object? GetModifiedType(object? modifier, object? unmodifiedType, bool isRequired) => null;

        public object? GetPinnedType(object? elementType) => null;

        public object? GetPointerType(object? elementType) => null;

        public object? GetPrimitiveType(PrimitiveTypeCode typeCode) => null;

        public object? GetSZArrayType(object? elementType) => null;
    }
}
