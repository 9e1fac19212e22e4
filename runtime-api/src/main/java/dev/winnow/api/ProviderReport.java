package dev.winnow.api;

import org.jspecify.annotations.Nullable;

/**
 * A plug-in provider as the runtime found it.
 *
 * @param kind      {@code attention}, {@code linear}, {@code elementwise} or {@code refiner}; {@code jar} for one that cannot be read
 * @param id        name; the class name if the provider could not be created
 * @param version   the plug-in's own version
 * @param location  the jar or folder it came from, or {@code given} for a provider handed to the builder
 * @param priority  rank among backends; null for refiners
 * @param available whether it works here
 * @param reason    why it does not work, or why it was rejected; empty if it works
 * @param remedy    what to do about it; empty if there is nothing
 * @param chosen    for backends: whether it is the one in use by default
 * @param hardware  for backends: what of the machine it uses, for example {@code vectors of 256 bits}; empty if it does not say
 * @param note      for backends: why it is chosen or not; for refiners: what it does
 */
public record ProviderReport(String kind, String id, String version, String location, @Nullable Integer priority, boolean available,
        String reason,
        String remedy, boolean chosen, String hardware, String note) {}
