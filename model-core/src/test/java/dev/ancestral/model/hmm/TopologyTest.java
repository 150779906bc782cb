package dev.ancestral.model.hmm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.hmm.Hmm.HmmFamily;
import dev.ancestral.model.hmm.Hmm.Topology;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopologyTest {

  @Test
  void structural_zeros_survive_em_with_smoothing() {
    EventSpec event = new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of(), 0);
    StatisticsModel model =
        (StatisticsModel)
            new HmmFamily()
                .define(
                    Settings.of(
                        Map.of(
                            "states",
                            3,
                            "emissions",
                            "categorical",
                            "beginnings",
                            "101",
                            "successors",
                            List.of("011", "100", "111"))),
                    event);
    float[] values = new float[40];
    for (int t = 0; t < values.length; t++) {
      values[t] = RandomKey.of(4).below(t, 3);
    }
    Batch batch = new Batch(event, new long[] {1, 2}, values, null, new int[] {20, 20});
    NamedArrays parameters = model.initial(RandomKey.of(5));
    double before = Double.NEGATIVE_INFINITY;
    for (int pass = 0; pass < 6; pass++) {
      double[] statistics = new double[model.statisticsSize()];
      model.accumulate(parameters, batch, statistics);
      parameters = model.maximize(statistics);
      if (model.logLikelihood(statistics).isPresent()) {
        before = model.logLikelihood(statistics).getAsDouble();
      }
    }
    assertTrue(Double.isFinite(before));
    double[] initial = parameters.array("initial", 3);
    double[] transition = parameters.array("transition", 3, 3);
    assertTrue(initial[0] > 0 && initial[2] > 0);
    assertEquals(0, initial[1]);
    boolean[] allowed = {false, true, true, true, false, false, true, true, true};
    for (int i = 0; i < 9; i++) {
      assertEquals(allowed[i], transition[i] > 0, "transition " + i);
    }
  }

  @Test
  void patterns_that_do_not_fit_are_reported() {
    for (Map<String, Object> keys :
        List.<Map<String, Object>>of(
            Map.of("beginnings", "10"),
            Map.of("beginnings", "000"),
            Map.of("successors", List.of("111", "111")),
            Map.of("successors", List.of("111", "1x1", "111")),
            Map.of("topology", "left-right", "beginnings", "100"))) {
      Settings settings = Settings.of(keys);
      Topology.read(settings, 3);
      assertEquals(1, settings.problems().size(), keys + ": " + settings.problems());
    }
    Settings fine = Settings.of(Map.of("topology", "left-right"));
    Topology leftRight = Topology.read(fine, 3);
    assertTrue(fine.problems().isEmpty());
    assertTrue(leftRight.begins(0) && leftRight.follows(0, 1) && leftRight.follows(1, 1));
    assertFalse(leftRight.begins(1) || leftRight.follows(0, 2) || leftRight.follows(1, 0));
  }
}
