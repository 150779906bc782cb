package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.Phases;
import dev.ancestral.job.evaluate.subset.Selection;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.output.Fingerprint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The held-out rows that scores are compared with: the split {@code valid} of the dataset that the
 * run was trained on, or of another one that is named. Of more than {@value #MOST_EXAMPLES}
 * examples those are taken whose ids have the smallest keyed hashes.
 *
 * @param dataset null where there is none
 * @param note why there is none; else empty
 */
record ReferenceSource(Dataset dataset, String note) {
  private static final int MOST_EXAMPLES = 100_000;
  private static final String VALID = "valid";
  private static final String FILE = "reference.json";

  /**
   * The source for a model.
   *
   * @param named a dataset that is asked for
   * @throws AncestralException (DATA) if the one that is asked for is missing or has no such split,
   *     (MISMATCH) if its examples are others
   */
  static ReferenceSource of(Storage storage, ModelDirectory model, Optional<String> named) {
    if (named.isPresent()) {
      Dataset dataset = model.fitting(Dataset.open(storage, named.get()));
      if (dataset.split(VALID).examples() == 0) {
        throw new AncestralException(
            ErrorCode.DATA,
            "split valid of "
                + named.get()
                + " has no examples; name another dataset (--reference)");
      }
      return new ReferenceSource(dataset, "");
    }
    Optional<String> uri = trainedOn(model.description().spec());
    if (uri.isEmpty()) {
      return none("the run does not say what it was trained on");
    }
    try {
      if (!storage.exists(new Path(storage.path(uri.get()), DatasetManifest.FILE))) {
        return none("the dataset of the run, " + uri.get() + ", is not there");
      }
      Dataset dataset = model.fitting(Dataset.open(storage, uri.get()));
      DatasetManifest.Split valid = dataset.manifest().splits().get(VALID);
      if (valid == null || valid.examples() == 0) {
        return none("the dataset of the run, " + uri.get() + ", has no split valid");
      }
      Object known = model.description().provenance().get("valid_sha256");
      return known == null || known.equals(dataset.sha256(VALID))
          ? new ReferenceSource(dataset, "")
          : none("split valid of " + uri.get() + " is not the one that the run knows");
    } catch (AncestralException unfit) {
      return none("the dataset of the run, " + uri.get() + ", cannot be used");
    }
  }

  private static ReferenceSource none(String why) {
    return new ReferenceSource(
        null,
        "percentile and least_likely_columns are null: "
            + why
            + " (--reference DATASET names one with a split valid)");
  }

  /** The dataset that a spec names, or that its pipeline prepares. */
  private static Optional<String> trainedOn(Map<String, Object> spec) {
    if (spec.get("data") instanceof Map<?, ?> data && data.get("path") instanceof String path) {
      return Optional.of(path);
    }
    return spec.get("output") instanceof String output
        ? Optional.of(output + "/data")
        : Optional.empty();
  }

  /** What the reference depends on, as part of a fingerprint. */
  String sha256() {
    return dataset == null ? "none" : dataset.sha256(VALID);
  }

  /** The reference, or null where there is none. */
  Reference reference(ScoringModel plan, Phases phases) {
    if (dataset == null) {
      return null;
    }
    int shards = dataset.split(VALID).shards().size();
    Selection selection =
        dataset.split(VALID).examples() <= MOST_EXAMPLES
            ? Selection.all()
            : Selection.of(MOST_EXAMPLES, phases.smallest(dataset, VALID, MOST_EXAMPLES));
    List<ReferenceTask.Part> parts =
        phases.onEach(
            "scoring split valid", shards, new ReferenceTask(plan, dataset, VALID, selection));
    return ReferenceTask.merge(parts);
  }

  /** The reference, kept in a folder so that it is computed once. */
  Reference reference(ScoringModel plan, Phases phases, Storage storage, Path folder) {
    if (dataset == null) {
      return null;
    }
    Path file = new Path(folder, FILE);
    Map<String, Object> inputs = new LinkedHashMap<>(plan.inputs());
    inputs.put(VALID, sha256());
    String fingerprint = Fingerprint.of(inputs);
    if (storage.exists(file)) {
      Reference kept = kept(storage, file, fingerprint);
      if (kept != null) {
        return kept;
      }
    }
    Reference made = reference(plan, phases);
    storage.commit(file, made.toJson(fingerprint));
    return made;
  }

  private static Reference kept(Storage storage, Path file, String fingerprint) {
    try {
      return Reference.parse(storage.read(file), fingerprint, file.toString());
    } catch (AncestralException damaged) {
      if (damaged.code() == ErrorCode.DATA) {
        return null;
      }
      throw damaged;
    }
  }
}
