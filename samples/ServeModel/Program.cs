WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
// Fetches the model while the host already runs.
builder.Services.AddWiseModels(WiseModels.Langid.Model);
builder.Services.AddHealthChecks().AddWiseModels();
builder.Services.AddSingleton<Languages>();
WebApplication app = builder.Build();

// Ready: the model is there.
app.MapHealthChecks("/health");
// Alive: the process answers. No check runs.
app.MapHealthChecks("/alive", new() { Predicate = _ => false });
// A request that comes before the model waits for it.
app.MapGet("/language", (string text, Languages languages, CancellationToken cancel) => languages.OfAsync(text, cancel));

await app.RunAsync();
