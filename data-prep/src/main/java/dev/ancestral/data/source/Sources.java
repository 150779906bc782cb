package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.Services;
import dev.ancestral.config.Settings;
import java.util.List;
import java.util.Map;
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
   * @throws AncestralException (SPEC) if a jar registers what cannot be made, or two formats have
   *     one name
   */
  public static List<String> names() {
    return List.copyOf(providers().keySet());
  }

  private static Map<String, SourceProvider> providers() {
    return Services.byName(
        SourceProvider.class, SourceProvider::name, "an input format", "input formats");
  }

  /**
   * The source that {@code format} and the options of that format say. Problems go to the settings;
   * the result is then of no use.
   *
   * @throws AncestralException (SPEC) if a jar registers what cannot be made, or two formats have
   *     one name
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
    } catch (AncestralException e) {
      settings.wrong(key, text, allowed);
      return otherwise;
    }
  }
}
