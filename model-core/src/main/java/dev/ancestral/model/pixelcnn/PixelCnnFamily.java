package dev.ancestral.model.pixelcnn;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import java.util.Arrays;

/**
 * Reads the keys of {@code family: pixelcnn}.
 *
 * <pre>
 * {family: pixelcnn, channels: 32, layers: 8, kernel: 3, head: bernoulli, mixtures: 10,
 *  conditional: false}
 * </pre>
 *
 * <p>Without {@code head} it is what suits the event: bernoulli for two levels, categorical for up
 * to sixteen, a mixture of logistics for more.
 */
public final class PixelCnnFamily implements Family {
  private static final int FEW_LEVELS = 16;

  @Override
  public String name() {
    return "pixelcnn";
  }

  @Override
  public Definition define(Settings settings, EventSpec event) {
    if (event.variableLength()) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "the event is "
              + event.describe()
              + "; a pixelcnn models images of fixed shape: choose family hmm or wavenet for"
              + " sequences");
    }
    PixelCnn.HeadKind suited =
        event.levels() == 2
            ? PixelCnn.HeadKind.BERNOULLI
            : event.levels() <= FEW_LEVELS
                ? PixelCnn.HeadKind.CATEGORICAL
                : PixelCnn.HeadKind.LOGISTIC_MIXTURE;
    int kernel = settings.count("kernel", 3, 3, 99);
    if (kernel % 2 == 0) {
      settings.wrong("kernel", kernel, "an odd number");
      kernel = 3;
    }
    PixelCnn.Configuration configuration =
        new PixelCnn.Configuration(
            settings.count("channels", 32, 1, 1 << 16),
            settings.count("layers", 8, 1, 1 << 10),
            kernel,
            head(settings.text("head", suited.text(), names())),
            settings.count("mixtures", 10, 1, 1 << 10),
            settings.flag("conditional", false));
    return new PixelCnn(configuration, event);
  }

  private static String[] names() {
    return Arrays.stream(PixelCnn.HeadKind.values())
        .map(PixelCnn.HeadKind::text)
        .toArray(String[]::new);
  }

  private static PixelCnn.HeadKind head(String name) {
    return Arrays.stream(PixelCnn.HeadKind.values())
        .filter(kind -> kind.text().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
