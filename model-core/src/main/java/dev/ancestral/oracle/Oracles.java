package dev.ancestral.oracle;

import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The oracles that need no cluster. */
public final class Oracles {
  private static final EnumeratedEvents BITS = new EnumeratedEvents(EventSpec.discrete(2, 8), 1);
  private static final EnumeratedEvents LEVELS = new EnumeratedEvents(EventSpec.discrete(4, 4), 1);
  private static final EnumeratedEvents SEQUENCES =
      new EnumeratedEvents(ExactOracle.sequence(3), 5);

  private Oracles() {}

  /** All of them, those of random numbers first. */
  public static List<Oracle> all() {
    List<Oracle> oracles = new ArrayList<>(withoutNetworks());
    oracles.addAll(ofNetworks());
    return oracles;
  }

  /** Those that need no engine: random numbers, statistics, tests, families without gradients. */
  static List<Oracle> withoutNetworks() {
    List<Oracle> oracles = new ArrayList<>();
    oracles.add(new RandomOracle());
    oracles.add(new MomentsOracle());
    oracles.add(new ImportanceWeightsOracle());
    oracles.addAll(statistics());
    oracles.add(new DequantizationOracle());
    oracles.add(new TwoSampleOracle());
    return oracles;
  }

  /** Those of networks and of what is estimated through them. */
  static List<Oracle> ofNetworks() {
    List<Oracle> oracles = new ArrayList<>(autoregressive());
    oracles.add(new BoundOracle("bernoulli", 2, 3));
    oracles.add(new BoundOracle("logistic", 4, 2));
    oracles.add(new LinearGaussianOracle());
    oracles.add(new AnnealingOracle());
    oracles.add(new GanOracle());
    return oracles;
  }

  /** Families that learn from statistics. */
  private static List<Oracle> statistics() {
    List<Oracle> oracles = new ArrayList<>();
    oracles.add(
        new ExactOracle(
            "naive-bayes, bernoulli", "naive-bayes", Map.of("likelihood", "bernoulli"), BITS));
    oracles.add(
        new ExactOracle(
            "naive-bayes, categorical",
            "naive-bayes",
            Map.of("likelihood", "categorical"),
            LEVELS));
    oracles.add(
        new ExactOracle(
            "naive-bayes, latent classes",
            "naive-bayes",
            Map.of("likelihood", "bernoulli", "components", 3),
            BITS));
    oracles.add(
        new ExactOracle(
            "hmm, categorical", "hmm", Map.of("emissions", "categorical", "states", 3), SEQUENCES));
    oracles.add(new ExactOracle("tree", "tree", Map.of(), BITS));
    oracles.add(
        new ExactOracle(
            "tree, mixture", "tree", Map.of("components", 3, "smoothing", 0.2), LEVELS));
    for (Elements elements : Elements.values()) {
      oracles.add(new NaiveBayesOracle(elements));
      oracles.add(new HmmOracle(elements));
    }
    for (RowSchema.Nulls nulls : RowSchema.Nulls.values()) {
      oracles.add(new RowsOracle(nulls));
    }
    return oracles;
  }

  private static List<Oracle> autoregressive() {
    Map<String, Object> wavenet =
        Map.of("channels", 6, "skipChannels", 8, "dilations", List.of(1, 2));
    Map<String, Object> pixelcnn = Map.of("channels", 6, "layers", 2);
    EnumeratedEvents pixels = new EnumeratedEvents(EventSpec.discrete(2, 3, 3, 1), 1);
    return List.of(
        new ExactNetworkOracle("wavenet, categorical", "wavenet", wavenet, SEQUENCES),
        new ExactNetworkOracle(
            "wavenet, logistic mixture",
            "wavenet",
            and(wavenet, "head", "logistic-mixture", "mixtures", 3),
            SEQUENCES),
        new ExactNetworkOracle(
            "wavenet, conditional",
            "wavenet",
            and(wavenet, "conditional", true),
            labelled(SEQUENCES)),
        new ExactNetworkOracle("pixelcnn", "pixelcnn", pixelcnn, pixels),
        new ExactNetworkOracle(
            "pixelcnn, conditional",
            "pixelcnn",
            and(pixelcnn, "conditional", true),
            labelled(pixels)),
        new ExactNetworkOracle(
            "pixelcnn, channels",
            "pixelcnn",
            pixelcnn,
            new EnumeratedEvents(EventSpec.discrete(3, 1, 2, 3), 1)),
        new ExactNetworkOracle(
            "pixelcnn, logistic mixture",
            "pixelcnn",
            and(pixelcnn, "head", "logistic-mixture", "mixtures", 3),
            new EnumeratedEvents(EventSpec.discrete(4, 2, 2, 1), 1)));
  }

  private static EnumeratedEvents labelled(EnumeratedEvents events) {
    return new EnumeratedEvents(events.event().withClasses(2), events.steps());
  }

  private static Map<String, Object> and(Map<String, Object> settings, Object... more) {
    Map<String, Object> all = new HashMap<>(settings);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }
}
