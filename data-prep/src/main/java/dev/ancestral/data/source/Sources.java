package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;

/** The input formats that there are, and the source that settings describe. */
public final class Sources {
  private Sources() {}

  /** Stands for the source of settings that are refused. */
  private record Unknown() implements Source {
    private static final long serialVersionUID = 1L;

    @Override
    public Survey survey(SourceContext context) {
      throw new IllegalStateException("the settings of this source were refused");
    }
  }

  /**
   * The names of the formats: the built-in ones, then those of {@code --jars}.
   *
   * @throws Refusal (SPEC) if two formats have one name, or one cannot be loaded
   */
  public static List<String> names() {
    return List.copyOf(providers().keySet());
  }

  private static Map<String, SourceProvider> providers() {
    Map<String, SourceProvider> providers = new LinkedHashMap<>();
    try {
      // The context class loader is the one that sees what spark-submit --jars brought.
      for (SourceProvider provider :
          ServiceLoader.load(
              SourceProvider.class, Thread.currentThread().getContextClassLoader())) {
        SourceProvider other = providers.putIfAbsent(provider.name(), provider);
        if (other != null) {
          throw new Refusal(
              Refusal.Kind.SPEC,
              "two input formats have the name '"
                  + provider.name()
                  + "': "
                  + other.getClass().getName()
                  + " and "
                  + provider.getClass().getName()
                  + "; rename one of them, or leave its jar out of --jars");
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "an input format cannot be loaded ("
              + e.getMessage()
              + "); mend its jar, or leave it out of --jars",
          e);
    }
    return providers;
  }

  /**
   * The source that {@code format} and the options of that format say. Problems go to the settings;
   * the result is then of no use.
   *
   * @throws Refusal (SPEC) if two formats have one name, or one cannot be loaded
   */
  public static Source read(Settings settings) {
    Map<String, SourceProvider> providers = providers();
    String format = settings.text("format", null, providers.keySet().toArray(String[]::new));
    return format == null ? new Unknown() : providers.get(format).read(settings);
  }

  /** A text that is parsed; what the parser refuses is reported, and the default returned. */
  public static <T> T parsed(
      Settings settings,
      String key,
      String byDefault,
      String allowed,
      Function<String, T> parser,
      T otherwise) {
    String text = settings.text(key, byDefault);
    try {
      return parser.apply(text);
    } catch (Refusal e) {
      settings.wrong(key, text, allowed);
      return otherwise;
    }
  }
}
