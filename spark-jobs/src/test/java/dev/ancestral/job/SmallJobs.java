package dev.ancestral.job;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** A command of every kind that writes, on small inputs, to be run into any output. */
public final class SmallJobs {
  /** Samples that {@code generate} draws. */
  static final int SAMPLES = 300;

  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final EventSpec STEPS =
      new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 0, List.of(), 0);

  private final Path folder;
  private final String model;
  private final String chain;
  private final String sequences;
  private final Path rows;
  private final Path spec;

  /** Writes the inputs. */
  public SmallJobs(Path folder) throws IOException {
    this.folder = folder;
    Storage storage = new Storage(new Configuration());
    Fixtures fixtures = new Fixtures(storage);
    String data = fixtures.dataset(at("bits"), "train", BITS, 200, 40);
    model =
        fixtures.fitted(
            at("model"), "naive-bayes", Map.of("likelihood", "bernoulli"), data, "train");
    chain = fixtures.chain(at("chain"), Map.of("states", 2, "emissions", "bernoulli"), STEPS, 1);
    fixtures.sequencesOf(chain, at("one"), "test", 60);
    Batch all = Dataset.open(storage, at("one")).shard("test", 0).batch(0, 60);
    sequences = fixtures.stored(at("sequences"), "test", all, 20);
    rows = folder.resolve("rows.csv");
    Files.writeString(
        rows,
        IntStream.range(0, 80)
            .mapToObj(i -> (i % 2) + "," + (i / 2 % 2) + "," + (i / 5 % 2))
            .collect(Collectors.joining("\n", "", "\n")));
    spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: small
        seed: 3
        data: {path: %s}
        model: {family: naive-bayes, likelihood: bernoulli, components: 2, iterations: 5}
        """
            .formatted(data));
  }

  /** The command of a kind: prepare, train, evaluate, generate or pipeline. */
  public String[] command(String kind, String output) throws IOException {
    return switch (kind) {
      case "prepare" ->
          new String[] {
            "prepare",
            "--format",
            "matrix",
            "--input",
            rows.toString(),
            "--split",
            "range=0.5,0.25,0.25",
            "--shard-size",
            "20",
            "--output",
            output
          };
      case "train" -> new String[] {"train", "--spec", spec.toString(), "--output", output};
      case "evaluate" ->
          new String[] {
            "evaluate", "--model", chain, "--data", sequences, "--hidden-states", "--output", output
          };
      case "generate" ->
          new String[] {
            "generate",
            "--model",
            model,
            "--count",
            Integer.toString(SAMPLES),
            "--shard-size",
            "100",
            "--seed",
            "3",
            "--preview",
            "--output",
            output
          };
      case "pipeline" -> new String[] {"pipeline", "--spec", pipeline(output).toString()};
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private Path pipeline(String output) throws IOException {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        name: small
        seed: 3
        output: "%s"
        data:
          prepare:
            - {format: matrix, input: ["%s"], split: "range=0.5,0.25,0.25", shardSize: 20}
        model: {family: naive-bayes, likelihood: bernoulli}
        generate: {count: 100, seed: 7}
        """
            .formatted(output, rows));
    return file;
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
