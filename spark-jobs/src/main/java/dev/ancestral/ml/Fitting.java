package dev.ancestral.ml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.data.Dataset;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.SpecTraining;
import dev.ancestral.job.train.TrainJob;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Trains what an estimator asks for, by the spec that the command line would be given. */
record Fitting(Checkpoints folder, FamilyEstimator<?, ?> estimator) {
  private static final int NAME_LENGTH = 24;

  /**
   * The directory of the finished run; one of the same data and spec is kept or gone on with.
   *
   * @param data directory of the prepared rows
   * @param contents fingerprint of them
   */
  String run(String data, String contents) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("family", estimator.family());
    model.putAll(estimator.modelKeys(Dataset.open(folder.storage(), data).event()));
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("model", model);
    inputs.put("train", estimator.trainKeys());
    inputs.put("seed", estimator.getSeed());
    inputs.put("data", contents);
    String run = folder.at("run-" + Fingerprint.of(inputs).substring(0, NAME_LENGTH));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", estimator.getClass().getSimpleName());
    document.put("seed", estimator.getSeed());
    document.put("output", run);
    document.put("data", Map.of("path", data));
    document.put("model", model);
    if (!estimator.trainKeys().isEmpty()) {
      document.put("train", estimator.trainKeys());
    }
    JobSpec spec = SpecFile.read(folder.storage(), yaml(document), Optional.empty());
    synchronized (folder.monitor(run)) {
      new SpecTraining(folder.application(), ProgressListener.silent())
          .run(spec, run, TrainJob.Mode.CONTINUE);
    }
    return run;
  }

  /** JSON is YAML. */
  private YamlDocument yaml(Map<String, Object> document) {
    try {
      return YamlDocument.parse(estimator.uid(), new ObjectMapper().writeValueAsString(document));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("parameters must be plain values", e);
    }
  }
}
