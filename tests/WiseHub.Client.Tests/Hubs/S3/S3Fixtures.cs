using WiseHub.Testing.S3;

[assembly: AssemblyFixture(typeof(CephServer))]
[assembly: AssemblyFixture(typeof(SwiftServer))]
