package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.dequantization.Dequantization;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Independent normal elements as a model of levels: P(x) is the mass of the cell [x/V, (x + 1)/V),
 * a difference of the normal distribution function; the bound E log p((x + u)/V) − log V has a
 * closed form; many draws come to log P(x); and draws fall into cells with those probabilities
 * (what lies outside goes to the outermost level).
 */
record DequantizationOracle() implements Oracle {
  private static final int LEVELS = 4;
  private static final int D = 2;
  private static final double[] MEAN = {0.3, 0.8};
  private static final double[] VARIANCE = {0.04, 0.09};
  private static final int COPIES = 1000;
  private static final int MANY = 20_000;
  private static final int DRAWS = 20_000;

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("dequantization");
    EventSpec event = EventSpec.discrete(LEVELS, D);
    EnumeratedEvents events = new EnumeratedEvents(event, 1);
    StatisticsModel normal =
        (StatisticsModel)
            Families.named("naive-bayes")
                .define(Settings.of(Map.of("likelihood", "gaussian")), Dequantization.event(event));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("mean", MEAN.clone(), 1, D)
            .with("variance", VARIANCE.clone(), 1, D);
    Batch all = events.all();
    double[] bound = new double[all.size()];
    double[] mass = new double[all.size()];
    double[] drawn = new double[all.size()];
    for (int i = 0; i < bound.length; i++) {
      drawn[i] = 1;
      for (int d = 0; d < D; d++) {
        float level = all.values()[i * D + d];
        bound[i] += bound(level, d);
        mass[i] += Math.log(upTo(level + 1, d) - upTo(level, d));
        drawn[i] *=
            (level == LEVELS - 1 ? 1 : upTo(level + 1, d)) - (level == 0 ? 0 : upTo(level, d));
      }
    }
    try (GenerativeModel model = Dequantization.model(normal.bind(parameters), event)) {
      BoundModel levels = (BoundModel) model;
      double[] elbo = levels.elbo(LinearGaussian.copies(all, COPIES), 2, RandomKey.of(111));
      laws.means(
          "the bound on each event", bound, LinearGaussianOracle.byExample(elbo, all.size()));
      laws.equal(
          "many draws come to the mass of each cell",
          mass,
          levels.iwae(all, MANY, RandomKey.of(112)),
          0.05);
      laws.add(
          Frequencies.verdict(
              "dequantization", "", model, events, drawn, SampleRequest.plain(), DRAWS));
    }
    Batch dequantized = Dequantization.apply(all, RandomKey.of(113));
    laws.equal(
        "levels that do not come back from their cell",
        0,
        Arrays.mismatch(Dequantization.quantize(dequantized, event).values(), all.values()) + 1,
        0);
    return laws.verdicts();
  }

  private static double upTo(double level, int d) {
    return Normal.cumulative((level / LEVELS - MEAN[d]) / Math.sqrt(VARIANCE[d]));
  }

  /** E log N((x + u) / V; μ, σ²) − log V with u uniform on [0, 1): (b³ − a³) / 3 over the cell. */
  private static double bound(double level, int d) {
    double from = level / LEVELS - MEAN[d];
    double to = (level + 1) / LEVELS - MEAN[d];
    double squares = (to * to * to - from * from * from) / 3 * LEVELS;
    return -0.5 * (Math.log(2 * Math.PI * VARIANCE[d]) + squares / VARIANCE[d]) - Math.log(LEVELS);
  }
}
