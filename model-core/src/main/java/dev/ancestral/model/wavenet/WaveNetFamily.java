package dev.ancestral.model.wavenet;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Family;
import java.util.List;
import java.util.Locale;

/**
 * Reads the keys of {@code family: wavenet}.
 *
 * <pre>
 * {family: wavenet, channels: 32, skipChannels: 128, dilations: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
 *  blocks: 1, kernel: 2, head: categorical, mixtures: 10, conditional: false, chunk: 2048}
 * </pre>
 */
public final class WaveNetFamily implements Family {
  private static final List<Integer> DILATIONS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512);
  private static final int LONGEST = 1 << 24;

  @Override
  public String name() {
    return "wavenet";
  }

  @Override
  public Definition define(Settings settings, EventSpec event) {
    List<Integer> dilations = settings.counts("dilations", DILATIONS, 1, 1 << 16);
    if (dilations.isEmpty()) {
      settings.wrong("dilations", dilations, "a list of at least one dilation");
      dilations = DILATIONS;
    }
    WaveNet.Configuration configuration =
        new WaveNet.Configuration(
            settings.count("channels", 32, 1, 1 << 14),
            settings.count("skipChannels", 128, 1, 1 << 14),
            dilations,
            settings.count("blocks", 1, 1, 1 << 10),
            settings.count("kernel", 2, 2, 1 << 10),
            WaveNet.HeadKind.valueOf(
                settings
                    .text("head", "categorical", "categorical", "logistic-mixture")
                    .toUpperCase(Locale.ROOT)
                    .replace('-', '_')),
            settings.count("mixtures", 10, 1, 1 << 10),
            settings.flag("conditional", false),
            settings.count("chunk", 2048, 1, LONGEST));
    return new WaveNet(configuration, event);
  }
}
