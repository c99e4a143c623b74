using System.Security;
using System.Text;

namespace WiseHub.Testing;

/// <summary>The text of a project file, one line an item, so that a test can say on which line something stands.</summary>
/// <param name="sdk">The SDK attribute.</param>
public sealed class ProjectBuilder(string sdk = "Microsoft.NET.Sdk")
{
    private readonly StringBuilder _body = new();
    private bool _hasFramework;

    /// <summary>An executable that uses the package.</summary>
    public static ProjectBuilder App() => new ProjectBuilder().Property("OutputType", "Exe").UseWiseHub();

    /// <summary>A library that uses the package.</summary>
    public static ProjectBuilder Library() => new ProjectBuilder().UseWiseHub();

    /// <summary>Adds a property.</summary>
    public ProjectBuilder Property(string name, string value)
    {
        _hasFramework |= name is "TargetFramework" or "TargetFrameworks";
        return Raw($"<PropertyGroup><{name}>{SecurityElement.Escape(value)}</{name}></PropertyGroup>");
    }

    /// <summary>Adds an item with metadata (or conditions) as attributes.</summary>
    public ProjectBuilder Item(string type, string include, params (string Name, string Value)[] attributes) =>
        Raw($"<ItemGroup><{type} "
            + $"Include=\"{SecurityElement.Escape(include)}\""
            + $"{string.Concat(attributes.Select(a => $" {a.Name}=\"{SecurityElement.Escape(a.Value)}\""))} /></ItemGroup>");

    /// <summary>Adds a <c>WiseModelReference</c>.</summary>
    public ProjectBuilder Model(string repoId, params (string Name, string Value)[] attributes) =>
        Item("WiseModelReference", repoId, attributes);

    /// <summary>References the packed WiseHub.Build; its version stands in the workspace's Directory.Packages.props.</summary>
    public ProjectBuilder UseWiseHub() => Item("PackageReference", "WiseHub.Build");

    /// <summary>References another project of the workspace.</summary>
    public ProjectBuilder Reference(string project) => Item("ProjectReference", project);

    /// <summary>Adds a line of XML.</summary>
    public ProjectBuilder Raw(string xml)
    {
        _body.Append("  ").Append(xml).Append('\n');
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"<Project Sdk=\"{sdk}\">\n"
        + $"{(_hasFramework ? "" : "  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>\n")}{_body}</"
        + "Project>\n";
}
