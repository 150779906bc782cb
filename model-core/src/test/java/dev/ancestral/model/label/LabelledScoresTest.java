package dev.ancestral.model.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Condition;
import dev.ancestral.model.Condition.Label;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** p(x), p(x | label) and p(x, label) of the same model, on events that can be enumerated. */
final class LabelledScoresTest {
  private static final int CLASSES = 3;
  private static final EventSpec IMAGES = EventSpec.discrete(2, 2, 2).withClasses(CLASSES);
  private static final EventSpec SEQUENCES =
      new EventSpec(List.of(1), new EventSpec.Discrete(2), true, CLASSES, List.of(), 0);
  private static final LabelFrequencies FREQUENCIES =
      new LabelFrequencies(List.of(30.0, 10.0, 0.0));

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void a_conditional_model_sums_over_its_labels() {
    check("pixelcnn", IMAGES, OptionalInt.empty());
    check("wavenet", SEQUENCES, OptionalInt.of(4));
  }

  private void check(String family, EventSpec event, OptionalInt length) {
    ExactModel given = conditional(family, event);
    ExactModel marginal = (ExactModel) scored(given, Label.GIVEN, Label.NONE);
    ExactModel joint = (ExactModel) scored(given, Label.GIVEN, Label.JOINT);
    double[] marginals = marginal.logProb(all(event, 0));
    double[] sums = new double[marginals.length];
    double total = 0;
    for (int label = 0; label < 2; label++) {
      double prior = label == 0 ? 0.75 : 0.25;
      double[] conditionals = given.logProb(all(event, label));
      double[] joints = joint.logProb(all(event, label));
      for (int i = 0; i < sums.length; i++) {
        assertEquals(Math.log(prior) + conditionals[i], joints[i], 1e-12);
        sums[i] += prior * Math.exp(conditionals[i]);
        total += Math.exp(joints[i]);
      }
    }
    assertEquals(1, total, 1e-5); // float32
    for (int i = 0; i < sums.length; i++) {
      assertEquals(Math.log(sums[i]), marginals[i], 1e-12);
    }
    // A label that no example had.
    double[] impossible = joint.logProb(all(event, 2));
    assertTrue(Arrays.stream(impossible).allMatch(nats -> nats == Double.NEGATIVE_INFINITY));

    // What is drawn without asking for a label is of the joint distribution.
    int draws = 8000;
    long[] ids = LongStream.range(0, draws).toArray();
    SampleRequest request = new SampleRequest(OptionalInt.empty(), length, 1);
    Batch drawn = given.sample(ids, RandomKey.of(5), request);
    int[][] counts = new int[2][sums.length];
    for (int i = 0; i < draws; i++) {
      counts[drawn.labels()[i]][number(drawn, i)]++;
    }
    for (int label = 0; label < 2; label++) {
      double[] joints = joint.logProb(all(event, label));
      for (int i = 0; i < sums.length; i++) {
        double p = Math.exp(joints[i]);
        assertEquals(p, counts[label][i] / (double) draws, 4.5 * Math.sqrt(p * (1 - p) / draws));
      }
    }
    // The draw of an id with its label is the draw of that id when the label is asked for.
    Batch asked = given.sample(ids, RandomKey.of(5), request.withLabel(1));
    for (int i = 0; i < draws; i++) {
      if (drawn.labels()[i] == 1) {
        assertEquals(number(asked, i), number(drawn, i));
      }
    }
    given.close();
  }

  @Test
  void naive_bayes_has_all_three() {
    StatisticsModel definition =
        (StatisticsModel)
            Families.define(
                "naive-bayes",
                Settings.of(Map.of("likelihood", "bernoulli", "classes", "label")),
                IMAGES);
    double[] probability = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.8, 0.7, 0.6};
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {0.5, 0.5, 0}, CLASSES)
            .with("probability", probability, CLASSES, 4);
    ExactModel model = definition.bind(parameters);
    Label own = definition.condition().label();
    double[] joint = ((ExactModel) scored(model, own, Label.JOINT)).logProb(all(IMAGES, 1));
    double[] given = ((ExactModel) scored(model, own, Label.GIVEN)).logProb(all(IMAGES, 1));
    for (int i = 0; i < joint.length; i++) {
      double expected = 0;
      for (int d = 0; d < 4; d++) {
        double p = probability[4 + d];
        expected += Math.log((i >> d & 1) == 1 ? p : 1 - p);
      }
      assertEquals(expected, given[i], 1e-12);
      assertEquals(expected + Math.log(0.5), joint[i], 1e-12);
    }
    ExactModel undefined = (ExactModel) scored(model, own, Label.GIVEN);
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> undefined.logProb(all(IMAGES, 2)));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("label 2"), refusal.getMessage());
  }

  @Test
  void what_a_model_does_not_know_is_refused() {
    ExactModel given = conditional("pixelcnn", IMAGES);
    for (Label wanted : List.of(Label.NONE, Label.JOINT)) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> LabelledScores.of(given, Label.GIVEN, wanted, Optional.empty()));
      assertEquals(ErrorCode.MISMATCH, refusal.code());
      assertTrue(refusal.getMessage().contains("labelFrequencies"), refusal.getMessage());
    }
    ExactModel plain = network("pixelcnn", IMAGES, Map.of("channels", 4, "layers", 1));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> scored(plain, Label.NONE, Label.GIVEN));
    assertTrue(refusal.getMessage().contains("is log p(x) and"), refusal.getMessage());
    plain.close();
    given.close();
  }

  @Test
  void a_network_sees_no_label_that_its_likelihood_does_not_tell_of() {
    Network plain = define("pixelcnn", IMAGES, Map.of("channels", 4, "layers", 1));
    assertEquals(null, plain.admitted(all(IMAGES, 1)).labels());
    Network given = define("pixelcnn", IMAGES, settings("pixelcnn"));
    assertArrayEquals(all(IMAGES, 1).labels(), given.admitted(all(IMAGES, 1)).labels());
    Batch unlabelled = all(IMAGES, 1).withLabels(null, 0);
    assertThrows(IllegalArgumentException.class, () -> given.admitted(unlabelled));
    Batch other = Batch.of(EventSpec.discrete(3, 2, 2), new long[1], new float[4]);
    IllegalArgumentException mixed =
        assertThrows(IllegalArgumentException.class, () -> given.admitted(other));
    assertTrue(mixed.getMessage().contains("3 levels"), mixed.getMessage());
  }

  @Test
  void conditions_are_written_and_read_as_they_are_in_mathematics() {
    Condition plain = Condition.of(IMAGES);
    assertEquals("log p(x)", plain.notation());
    assertEquals("log p(x | label)", plain.withLabel(Label.GIVEN).notation());
    assertEquals("log p(x, label)", plain.withLabel(Label.JOINT).notation());
    assertEquals("log p(x | length)", Condition.of(SEQUENCES).notation());
    Condition both = Condition.of(SEQUENCES).withLabel(Label.GIVEN);
    assertEquals("log p(x | label, length)", both.notation());
    assertEquals("label, length", both.given());
    for (Condition base : List.of(plain, Condition.of(SEQUENCES))) {
      for (Label label : Label.values()) {
        Condition condition = base.withLabel(label);
        assertEquals(condition, Condition.parse(condition.variables(), condition.given()));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Condition.parse("x, label", "label"));
  }

  private ExactModel conditional(String family, EventSpec event) {
    return network(family, event, settings(family));
  }

  private static Map<String, Object> settings(String family) {
    return family.equals("pixelcnn")
        ? Map.of("channels", 4, "layers", 2, "conditional", true)
        : Map.of("channels", 4, "skipChannels", 4, "dilations", List.of(1, 2), "conditional", true);
  }

  private static Network define(String family, EventSpec event, Map<String, Object> settings) {
    return (Network) Families.define(family, Settings.of(settings), event);
  }

  private ExactModel network(String family, EventSpec event, Map<String, Object> settings) {
    Network network = define(family, event, settings);
    BoundParameters parameters = engine.bind(network.parameters());
    FlatVector values = parameters.values();
    float[] numbers = new float[(int) network.parameters().size()];
    RandomKey.of(9).fillNormal(0, numbers, 0, numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] *= 0.7f;
    }
    values.write(0, java.nio.FloatBuffer.wrap(numbers));
    return (ExactModel) NetworkModel.bind(network, parameters, Optional.of(FREQUENCIES));
  }

  private static GenerativeModel scored(ExactModel model, Label own, Label wanted) {
    return LabelledScores.of(model, own, wanted, Optional.of(FREQUENCIES));
  }

  /** All 16 events of four bits, with one label. */
  private static Batch all(EventSpec event, int label) {
    float[] values = new float[16 * 4];
    int[] labels = new int[16];
    int[] lengths = event.variableLength() ? new int[16] : null;
    for (int i = 0; i < 16; i++) {
      labels[i] = label;
      for (int d = 0; d < 4; d++) {
        values[4 * i + d] = i >> d & 1;
      }
    }
    if (lengths != null) {
      Arrays.fill(lengths, 4);
    }
    return new Batch(event, LongStream.range(0, 16).toArray(), values, labels, lengths);
  }

  private static int number(Batch batch, int i) {
    int number = 0;
    for (int d = 0; d < 4; d++) {
      number |= (int) batch.values()[4 * i + d] << d;
    }
    return number;
  }
}
