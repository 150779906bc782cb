package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.RatioMoments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HiddenStatesTest {
  private static final EventSpec EVENT =
      new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 0, List.of(), 0);

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void paths_and_posteriors_are_those_of_the_model() throws IOException {
    String model =
        fixtures.chain(at("model"), Map.of("states", 3, "emissions", "bernoulli"), EVENT, 1);
    String data = fixtures.sequencesOf(model, at("data"), "test", 70);
    EvaluationReport report = evaluate(model, data);
    assertEquals(report, ReportJson.read(storage, at("out")));
    assertEquals(report, evaluate(model, data), "complete the second time");
    Batch all = Dataset.open(storage, data).shard("test", 0).batch(0, 70);
    try (LoadedModel loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      HiddenStateModel states = (HiddenStateModel) loaded.model();
      List<HiddenStateModel.Path> paths = states.mostProbablePaths(all);
      double[] nats = ((ExactModel) loaded.model()).logProb(all);
      double[][] posteriors = states.posteriors(all);
      RatioMoments perElement = new RatioMoments();
      for (int i = 0; i < nats.length; i++) {
        perElement.add(nats[i], all.lengths()[i] * 2.0);
      }
      LogLikelihood likelihood = report.likelihood();
      assertEquals(perElement.ratio(), likelihood.natsPerElement(), 1e-12);
      assertEquals(perElement.standardError(), likelihood.natsPerElementError(), 1e-12);
      double meanLength = (double) likelihood.elements() / likelihood.examples();
      assertTrue(
          likelihood.natsPerElementError() < 0.5 * likelihood.standardError() / meanLength,
          "most of the spread of log p is that of the lengths");
      int row = 0;
      for (EvaluationReport.NamedFile file : report.states()) {
        try (ParquetReader<Group> reader = reader(file)) {
          for (Group group = reader.read(); group != null; group = reader.read()) {
            assertEquals(all.ids()[row], group.getLong("id", 0));
            assertEquals(all.lengths()[row], group.getFieldRepetitionCount("path"));
            int[] path = paths.get(row).states();
            assertEquals(paths.get(row).logProb(), group.getDouble("path_log_probability", 0));
            assertTrue(paths.get(row).logProb() < nats[row], "a path is one of several");
            for (int t = 0; t < path.length; t++) {
              assertEquals(path[t], group.getInteger("path", t));
            }
            for (int i = 0; i < posteriors[row].length; i++) {
              assertEquals(posteriors[row][i], group.getDouble("posterior", i), 1e-12);
            }
            row++;
          }
        }
      }
      assertEquals(70, row);
    }
  }

  @Test
  void models_without_hidden_states_are_refused() {
    EventSpec bits = EventSpec.discrete(2, 4);
    String data = fixtures.dataset(at("data"), "test", bits, 20, 20);
    String model =
        fixtures.fitted(at("nb"), "naive-bayes", Map.of("likelihood", "bernoulli"), data, "test");
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> evaluate(model, data));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("--hidden-states"), refusal.getMessage());
  }

  private ParquetReader<Group> reader(EvaluationReport.NamedFile file) throws IOException {
    return ParquetReader.builder(
            new GroupReadSupport(), storage.path(at("out") + "/" + file.file()))
        .withConf(storage.configuration())
        .build();
  }

  private EvaluationReport evaluate(String model, String data) {
    EvaluateSpec spec = EvaluateSpec.standard().withHiddenStates();
    return new EvaluateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at("out"), false));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
