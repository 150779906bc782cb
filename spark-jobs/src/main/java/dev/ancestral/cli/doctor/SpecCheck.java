package dev.ancestral.cli.doctor;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.submit.SubmitTrust;
import dev.ancestral.job.train.replica.MemoryEstimate;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Spec, data and output, as the driver sees them before anything is started. */
final class SpecCheck {
  private static final long LITTLE_DISK = 2L << 30;

  private final Storage storage;
  private final Consumer<Finding> report;

  SpecCheck(Storage storage, Consumer<Finding> report) {
    this.storage = storage;
    this.report = report;
  }

  /**
   * What was found.
   *
   * @param needs of the spec, if it is in order and fits the data
   * @param data a file of the dataset, if it is there
   * @param output the nearest folder above the output that is there and can be written, if so
   */
  record Result(Optional<Requirements> needs, Optional<String> data, Optional<String> output) {
    static Result nothing() {
      return new Result(Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  Result at(String uri) {
    JobSpec spec;
    try {
      spec = SpecFile.read(storage, uri, Optional.empty());
    } catch (AncestralException refusal) {
      report.accept(Finding.bad("spec", refusal.code(), refusal.getMessage()));
      return Result.nothing();
    }
    report.accept(Finding.good("spec", uri + " is in order"));
    SubmitTrust.obstacle(storage, uri, spec.submit())
        .ifPresent(why -> report.accept(Finding.doubtful("submit", why)));
    Optional<Dataset> dataset = data(spec);
    Optional<Requirements> needs = needs(spec, dataset);
    Optional<String> output = output(spec, needs.flatMap(Requirements::footprint));
    return new Result(
        needs, dataset.map(data -> new Path(data.path(), DatasetManifest.FILE).toString()), output);
  }

  private Optional<Requirements> needs(JobSpec spec, Optional<Dataset> dataset) {
    try {
      return Optional.of(Requirements.of(spec, dataset));
    } catch (AncestralException refusal) {
      report.accept(Finding.bad("model", refusal.code(), refusal.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Dataset> data(JobSpec spec) {
    String path = spec.data().path();
    try {
      if (!spec.data().prepare().isEmpty()
          && !storage.exists(new Path(storage.path(path), DatasetManifest.FILE))) {
        report.accept(Finding.good("data", "will be prepared in " + path));
        return Optional.empty();
      }
      Dataset dataset = Dataset.open(storage, path);
      dataset.split("train");
      String splits =
          dataset.manifest().splits().entrySet().stream()
              .map(s -> String.format(Locale.ROOT, "%s %,d", s.getKey(), s.getValue().examples()))
              .collect(Collectors.joining(", "));
      report.accept(Finding.good("data", path + ": " + dataset.event().describe() + "; " + splits));
      if (!dataset.manifest().splits().containsKey("valid")) {
        report.accept(
            Finding.doubtful(
                "data", "there is no split valid: nothing is validated and no best round is kept"));
      }
      return Optional.of(dataset);
    } catch (AncestralException refusal) {
      report.accept(Finding.bad("data", refusal.code(), refusal.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<String> output(JobSpec spec, Optional<MemoryEstimate> footprint) {
    try {
      Path path = storage.path(spec.output());
      Path existing = WriteProbe.nearest(storage, path);
      Optional<String> obstacle = WriteProbe.obstacle(storage, existing);
      if (obstacle.isPresent()) {
        report.accept(
            Finding.bad(
                "output",
                ErrorCode.SPEC,
                path + " cannot be written (" + obstacle.get() + "); choose another output"));
        return Optional.empty();
      }
      // Those kept, the best one, and the one that is being written.
      long states = spec.train().checkpoint().keep() + 2L;
      long needed = footprint.map(each -> states * Float.BYTES * each.stateFloats()).orElse(0L);
      FileSystem fileSystem = storage.fileSystem(existing);
      report.accept(room(path, fileSystem.getStatus(existing).getRemaining(), needed, states));
      return Optional.of(existing.toString());
    } catch (AncestralException refusal) {
      report.accept(Finding.bad("output", refusal.code(), refusal.getMessage()));
    } catch (IOException e) {
      report.accept(
          Finding.bad(
              "output",
              ErrorCode.SPEC,
              spec.output() + " cannot be looked at (" + e.getMessage() + "); choose another"));
    }
    return Optional.empty();
  }

  /** Judges the room for the output. */
  static Finding room(Path path, long free, long needed, long states) {
    String detail = path + " can be written, " + Sizes.of(free) + " free";
    if (free < needed) {
      return Finding.bad(
          "output",
          ErrorCode.CLUSTER,
          detail
              + " but "
              + states
              + " checkpoints take about "
              + Sizes.of(needed)
              + "; make room, choose another output, or lower train.checkpoint.keep");
    }
    return free < LITTLE_DISK
        ? Finding.doubtful("output", detail + ": that is little; checkpoints need room")
        : Finding.good("output", detail);
  }
}
