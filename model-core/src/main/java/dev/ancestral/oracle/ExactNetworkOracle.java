package dev.ancestral.oracle;

import dev.ancestral.model.Batch;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A network with an exact likelihood and random weights: Σ_x p(x) = 1 over all events, and the
 * sampler draws what the scorer scores. Where the event has labels the network is conditional, and
 * both hold of p(x | label) for each label, and labels tell different distributions.
 *
 * @param name for the table
 * @param settings the keys under {@code model:}
 * @param events the whole space
 */
record ExactNetworkOracle(
    String name, String family, Map<String, Object> settings, EnumeratedEvents events)
    implements Oracle {
  private static final int DRAWS = 10_000;
  private static final double TOLERANCE = 1e-9;

  @Override
  public List<String> families() {
    return List.of(family);
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws(name);
    try (SmallNetwork small = SmallNetwork.of(family, settings, events.event())) {
      ExactModel model = (ExactModel) small.model();
      if (!events.event().hasLabels()) {
        judge(laws, model, OptionalInt.empty());
        return laws.verdicts();
      }
      double[][] byLabel = new double[events.event().classes()][];
      for (int label = 0; label < byLabel.length; label++) {
        byLabel[label] = judge(laws, model, OptionalInt.of(label));
      }
      double distance = 0;
      for (int i = 0; i < byLabel[0].length; i++) {
        distance += 0.5 * Math.abs(byLabel[0][i] - byLabel[1][i]);
      }
      return laws.atMost("0.01 - variation distance of labels", 0.01, distance).verdicts();
    }
  }

  private double[] judge(Laws laws, ExactModel model, OptionalInt label) {
    Batch all = events.all();
    if (label.isPresent()) {
      int[] labels = new int[all.size()];
      Arrays.fill(labels, label.getAsInt());
      all = new Batch(all.event(), all.ids(), all.values(), labels, all.lengths());
    }
    double[] probabilities = Arrays.stream(model.logProb(all)).map(Math::exp).toArray();
    String given = label.isPresent() ? " given label " + label.getAsInt() : "";
    OptionalInt length =
        events.event().variableLength() ? OptionalInt.of(events.steps()) : OptionalInt.empty();
    laws.equal(
        "probabilities of all " + events.count() + " events sum to 1" + given,
        1,
        Arrays.stream(probabilities).sum(),
        TOLERANCE);
    laws.add(
        Frequencies.verdict(
            name, given, model, events, probabilities, new SampleRequest(label, length, 1), DRAWS));
    return probabilities;
  }
}
