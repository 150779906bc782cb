package dev.ancestral;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;

/**
 * What implements an interface, by name: as {@link ServiceLoader} finds it in our own jar and in
 * those of {@code --jars}.
 */
public final class Services {
  private Services() {}

  /**
   * All implementations, in the order of the class path, then those of {@code --jars}.
   *
   * @param name of an implementation
   * @param one what an implementation is, for messages: "a family"
   * @param several the same of several: "families"
   * @throws AncestralException (SPEC) if a jar registers what cannot be made, or two have one name
   */
  public static <S> Map<String, S> byName(
      Class<S> type, Function<S, String> name, String one, String several) {
    Map<String, S> registered = new LinkedHashMap<>();
    // The context class loader is the one that sees what spark-submit --jars brought; on a thread
    // that was given another one, the built-in ones are found all the same. Often they are one.
    for (ClassLoader loader : loaders(type)) {
      try {
        for (S service : ServiceLoader.load(type, loader)) {
          S other = registered.putIfAbsent(name.apply(service), service);
          if (other != null && other.getClass() != service.getClass()) {
            throw new AncestralException(
                ErrorCode.SPEC,
                "the "
                    + several
                    + " "
                    + other.getClass().getName()
                    + " and "
                    + service.getClass().getName()
                    + " are both registered as "
                    + name.apply(service)
                    + "; leave one of their jars out of --jars");
          }
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "a jar on the class path registers "
                + one
                + " that cannot be made: "
                + e.getMessage()
                + "; mend its META-INF/services/"
                + type.getName()
                + ", or leave it out of --jars",
            e);
      }
    }
    return registered;
  }

  private static Set<ClassLoader> loaders(Class<?> type) {
    Set<ClassLoader> loaders = new LinkedHashSet<>();
    loaders.add(type.getClassLoader());
    loaders.add(Thread.currentThread().getContextClassLoader());
    return loaders;
  }

  /**
   * The implementation of a name.
   *
   * @param key that gives the name, for the message
   * @throws AncestralException (SPEC) if there is none
   */
  public static <S> S named(Map<String, S> services, String key, String name) {
    S service = services.get(name);
    if (service == null) {
      throw new AncestralException(
          ErrorCode.SPEC,
          key
              + " is "
              + name
              + "; it must be one of "
              + String.join(", ", services.keySet())
              + Suggestion.question(name, services.keySet()));
    }
    return service;
  }
}
