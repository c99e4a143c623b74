using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WiseHub.Client;
using WiseHub.Extensions.Hosting;

// Where hosts look for extensions of services and health checks.
#pragma warning disable IDE0130
namespace Microsoft.Extensions.DependencyInjection;
#pragma warning restore IDE0130

/// <summary>Adds models that are fetched at run time to a host (docs/run-time.md).</summary>
public static class WiseModelsExtensions
{
    /// <summary>The name of the health check.</summary>
    public const string HealthCheckName = "wise-models";

    /// <summary>
    /// Adds models. They are fetched when the host starts, and <see cref="IWiseModels"/> gives their folders. May be called
    /// several times.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="models">The models, as generated: <c>WiseModels.&lt;alias&gt;.Model</c>.</param>
    public static IServiceCollection AddWiseModels(this IServiceCollection services, params RunTimeModel[] models)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(models);
        services.AddOptions();
        foreach (RunTimeModel model in models)
            services.AddSingleton(model);
        services.TryAddSingleton(provider => new WiseModelsService(provider.GetServices<RunTimeModel>(),
            provider.GetRequiredService<IOptions<WiseModelsOptions>>(), provider.GetService<ILogger<WiseModelsService>>(),
            provider.GetService<IConfiguration>(), provider.GetService<TimeProvider>()));
        services.TryAddSingleton<IWiseModels>(provider => provider.GetRequiredService<WiseModelsService>());
        // TryAddEnumerable cannot tell two factories apart.
        if (!services.Any(s => s.ServiceType == typeof(Starter)))
        {
            services.AddSingleton<Starter>();
            services.AddHostedService(provider => provider.GetRequiredService<WiseModelsService>());
        }
        return services;
    }

    /// <inheritdoc cref="AddWiseModels(IServiceCollection, RunTimeModel[])"/>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="models">The models, as generated: <c>WiseModels.&lt;alias&gt;.Model</c>.</param>
    public static IServiceCollection AddWiseModels(
        this IServiceCollection services, Action<WiseModelsOptions> configure, params RunTimeModel[] models)
    {
        services.Configure(configure);
        return services.AddWiseModels(models);
    }

    /// <summary>Adds a health check that is healthy when all models are there, for readiness.</summary>
    /// <param name="builder">The health checks of the host.</param>
    /// <param name="failureStatus">The status until then; null = unhealthy.</param>
    /// <param name="tags">Tags, by which endpoints select checks.</param>
    public static IHealthChecksBuilder AddWiseModels(
        this IHealthChecksBuilder builder, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(HealthCheckName,
            provider => new WiseModelsHealthCheck(provider.GetRequiredService<IWiseModels>()), failureStatus, tags));
    }

    /// <summary>Marks that the hosted service was added.</summary>
    private sealed class Starter;
}
