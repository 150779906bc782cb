package dev.ancestral;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * What {@link ServiceLoader} finds of an interface, by name: classes of this program and classes of
 * jars that {@code --jars} brought, on the driver and on executors.
 */
public final class Providers {
  private Providers() {}

  /**
   * All providers of an interface.
   *
   * @param what a provider is called in messages
   * @param name of a provider
   * @param order of the result; equal ones stay as they were found
   * @throws Refusal (SPEC) if two have one name, or one cannot be made
   */
  public static <T> Map<String, T> byName(
      Class<T> service, String what, Function<T, String> name, Comparator<T> order) {
    List<T> found = new ArrayList<>();
    try {
      // The context class loader is the one that sees what spark-submit --jars brought.
      ServiceLoader.load(service, Thread.currentThread().getContextClassLoader())
          .forEach(found::add);
    } catch (ServiceConfigurationError e) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "an "
              + what
              + " cannot be loaded ("
              + e.getMessage()
              + "); mend its jar, or leave it out"
              + " of --jars",
          e);
    }
    found.sort(order);
    Map<String, T> byName = new LinkedHashMap<>();
    for (T provider : found) {
      T other = byName.putIfAbsent(name.apply(provider), provider);
      if (other != null) {
        throw new Refusal(
            Refusal.Kind.SPEC,
            "two "
                + what
                + "s have the name '"
                + name.apply(provider)
                + "': "
                + other.getClass().getName()
                + " and "
                + provider.getClass().getName()
                + "; rename one of them, or leave its jar out of --jars");
      }
    }
    return byName;
  }

  /**
   * The provider of a name.
   *
   * @param key that gives the name, for the message
   * @throws Refusal (SPEC) if there is none
   */
  public static <T> T named(Map<String, T> providers, String key, String name) {
    T provider = providers.get(name);
    if (provider == null) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          key
              + " is "
              + name
              + "; it must be one of "
              + String.join(", ", providers.keySet())
              + Suggestion.question(name, providers.keySet()));
    }
    return provider;
  }
}
