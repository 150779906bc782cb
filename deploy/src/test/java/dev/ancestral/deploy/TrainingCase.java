package dev.ancestral.deploy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A small training of one kind.
 *
 * @param name of the kind
 * @param file name that its files begin with
 * @param model the YAML below {@code model:}
 * @param train the YAML below {@code train:}
 * @param epochs that it goes over the data
 */
record TrainingCase(String name, String file, String model, String train, int epochs) {
  /** Rounds that every case has at least. */
  static final int ROUNDS = 12;

  private static final String VAE = "{family: vae, hidden: [16], latent: 3, likelihood: bernoulli}";
  private static final String GAN =
      "{family: gan, hidden: [16], latent: 3, discriminatorSteps: 2, gradientPenalty: 0.5}";
  private static final String LATENT_CLASS =
      "{family: naive-bayes, likelihood: bernoulli, components: 3, iterations: 6, restarts: 2}";

  // From each of two starting points: one pass that looks for it, and six iterations.
  private static final int PASSES = 14;

  /** Each strategy on each transport, statistics, and two players. */
  static List<TrainingCase> all() {
    return Stream.of(
            gradients("parameter-averaging", "gloo", "vae", VAE),
            gradients("gradient-sharing", "spark", "vae", VAE),
            new TrainingCase("latent class, EM", "latent-class", LATENT_CLASS, "{}", PASSES),
            gradients("gradient-sharing", "gloo", "vae", VAE),
            gradients("parameter-averaging", "spark", "vae", VAE),
            gradients("parameter-averaging", "gloo", "gan", GAN))
        .toList();
  }

  // 360 examples or so, a third of them for each replica: six steps an epoch, two a round.
  private static TrainingCase gradients(
      String strategy, String transport, String family, String model) {
    String train =
        "{strategy: "
            + strategy
            + ", transport: "
            + transport
            + ", replicas: 3, epochs: 4, batchSize: 20, averagingFrequency: 2, roundSteps: 2,"
            + " ema: 0.9, validation: {everyRounds: 3, limit: 30}, checkpoint: {keep: 2},"
            + " deadlineSeconds: 15}";
    return new TrainingCase(
        family + ", " + strategy + " on " + transport,
        String.join("-", family, strategy, transport),
        model,
        train,
        4);
  }

  /** The whole spec. */
  String spec(Path data, Path output) {
    return String.join(
        "\n",
        "name: " + file,
        "seed: 3",
        "output: " + output,
        "data: {path: " + data + "}",
        "model: " + model,
        "train: " + train,
        "");
  }
}
