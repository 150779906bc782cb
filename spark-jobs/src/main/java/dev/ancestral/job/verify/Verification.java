package dev.ancestral.job.verify;

import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** All oracles that need no data. */
public final class Verification {
  private Verification() {}

  /**
   * Consults all of them.
   *
   * @param report hears each verdict at once
   * @return how many laws do not hold
   */
  public static long run(Consumer<Verdict> report) {
    long broken = 0;
    for (Oracle oracle : oracles()) {
      for (Verdict verdict : oracle.verdicts()) {
        report.accept(verdict);
        broken += verdict.holds() ? 0 : 1;
      }
    }
    return broken;
  }

  private static List<Oracle> oracles() {
    EnumeratedEvents bits = new EnumeratedEvents(EventSpec.discrete(2, 8), 1);
    EnumeratedEvents levels = new EnumeratedEvents(EventSpec.discrete(4, 4), 1);
    EnumeratedEvents sequences = new EnumeratedEvents(ExactOracle.sequence(3), 5);
    return List.of(
        new RandomOracle(),
        new ExactOracle(
            "naive-bayes, bernoulli", "naive-bayes", Map.of("likelihood", "bernoulli"), bits),
        new ExactOracle(
            "naive-bayes, categorical", "naive-bayes", Map.of("likelihood", "categorical"), levels),
        new ExactOracle(
            "naive-bayes, latent classes",
            "naive-bayes",
            Map.of("likelihood", "bernoulli", "components", 3),
            bits),
        new ExactOracle(
            "hmm, categorical", "hmm", Map.of("emissions", "categorical", "states", 3), sequences),
        new ExactNetworkOracle(
            "wavenet, categorical",
            "wavenet",
            Map.of("channels", 6, "skipChannels", 8, "dilations", List.of(1, 2)),
            sequences),
        new ExactNetworkOracle(
            "wavenet, logistic mixture",
            "wavenet",
            Map.of(
                "channels",
                6,
                "skipChannels",
                8,
                "dilations",
                List.of(1, 2),
                "head",
                "logistic-mixture",
                "mixtures",
                3),
            sequences),
        new ExactNetworkOracle(
            "pixelcnn",
            "pixelcnn",
            Map.of("channels", 6, "layers", 2),
            new EnumeratedEvents(EventSpec.discrete(2, 3, 3, 1), 1)),
        new BoundOracle(),
        new LinearGaussianOracle());
  }
}
