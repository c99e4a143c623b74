using WiseHub.TestHubHost;

return await Host.RunAsync(args);
