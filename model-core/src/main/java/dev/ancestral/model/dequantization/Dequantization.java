package dev.ancestral.model.dequantization;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.ImplicitModel;
import dev.ancestral.random.RandomKey;

/**
 * Uniform dequantization: a density p on [0, 1)^D scores discrete x through x' = (x + u) / levels
 * with u uniform on [0, 1)^D.
 *
 * <p>Law: P(x) = ∫ p(x') over the cell of x, of volume levels^−D, is a probability, and by Jensen's
 * inequality log P(x) ≥ E_u[log p((x + u) / levels)] − D log levels (Theis, van den Oord &amp;
 * Bethge 2016, eq. 6; Ho et al. 2019, eq. 4). So a score of discrete data by a density is a lower
 * bound.
 */
public final class Dequantization {
  private Dequantization() {}

  /**
   * The continuous event that stands for a discrete one.
   *
   * @throws AncestralException (MISMATCH) if the event is continuous already, or its end is learned
   */
  public static EventSpec event(EventSpec discrete) {
    requireDiscrete(discrete);
    if (discrete.learnedEnd()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "events of "
              + discrete.describe()
              + " cannot be dequantized: an end symbol is no quantity; set data.dequantize to"
              + " none");
    }
    return discrete.withElements(new EventSpec.Continuous());
  }

  /**
   * (x + u) / levels; missing elements (NaN) stay missing and padding stays zero.
   *
   * @param key the noise of element d of example id is draw d of {@code key.fold(id)}
   */
  public static Batch apply(Batch discrete, RandomKey key) {
    requireDiscrete(discrete.event());
    int levels = discrete.event().levels();
    float[] values = discrete.values().clone();
    int stride = discrete.steps() * discrete.event().size();
    double[] noise = new double[stride];
    for (int i = 0; i < discrete.size(); i++) {
      int elements = (int) discrete.elements(i);
      key.fold(discrete.ids()[i]).fillUniform(0, noise, 0, elements);
      for (int d = 0; d < elements; d++) {
        values[i * stride + d] = within(values[i * stride + d], noise[d], levels);
      }
    }
    return new Batch(
        event(discrete.event()), discrete.ids(), values, discrete.labels(), discrete.lengths());
  }

  /**
   * The middles (x + ½) / levels of the cells: what stands for a discrete example without noise.
   */
  public static Batch middles(Batch discrete) {
    requireDiscrete(discrete.event());
    int levels = discrete.event().levels();
    float[] values = discrete.values().clone();
    int stride = discrete.steps() * discrete.event().size();
    for (int i = 0; i < discrete.size(); i++) {
      int first = i * stride;
      for (int d = first; d < first + discrete.elements(i); d++) {
        values[d] = (float) ((values[d] + 0.5) / levels);
      }
    }
    return new Batch(
        event(discrete.event()), discrete.ids(), values, discrete.labels(), discrete.lengths());
  }

  /** (x + u) / levels rounded to a float32 of the same cell, so that it quantizes back to x. */
  private static float within(float x, double u, int levels) {
    float value = (float) ((x + u) / levels);
    while (Math.floor((double) value * levels) > x) {
      value = Math.nextDown(value);
    }
    while (Math.floor((double) value * levels) < x) {
      value = Math.nextUp(value);
    }
    return value;
  }

  /**
   * The bound on log P(x) in nats that log p(x') gives: minus D log levels, where D counts the
   * elements that are not missing.
   *
   * @param discrete the examples
   * @param logDensity of their dequantized values, [B]
   */
  public static double[] discreteNats(Batch discrete, double[] logDensity) {
    requireDiscrete(discrete.event());
    double[] nats = new double[logDensity.length];
    for (int i = 0; i < nats.length; i++) {
      nats[i] = logDensity[i] - discrete.observedElements(i) * Math.log(discrete.event().levels());
    }
    return nats;
  }

  /**
   * The discrete values whose cells the draws of a density fall in; what a density puts outside of
   * [0, 1) goes to the nearest level.
   */
  public static Batch quantize(Batch continuous, EventSpec discrete) {
    requireDiscrete(discrete);
    int levels = discrete.levels();
    float[] values = continuous.values().clone();
    int stride = continuous.steps() * discrete.size();
    for (int i = 0; i < continuous.size(); i++) {
      for (int d = 0; d < continuous.elements(i); d++) {
        double cell = Math.floor((double) values[i * stride + d] * levels);
        values[i * stride + d] = (float) Math.max(0, Math.min(levels - 1, cell));
      }
    }
    EventSpec event = discrete.withClasses(continuous.event().classes());
    return new Batch(event, continuous.ids(), values, continuous.labels(), continuous.lengths());
  }

  /**
   * A model of discrete events made from a model of their dequantized values: a {@link BoundModel}
   * where that has a density, an {@link ImplicitModel} where it is a sampler; with a decoder (see
   * {@link DecoderModel}), classes ({@link ClassifyingModel}) or hidden states ({@link
   * HiddenStateModel}) if it has any.
   *
   * @param inner on the event of {@link #event}; closed with the result
   */
  public static GenerativeModel model(GenerativeModel inner, EventSpec discrete) {
    requireDiscrete(discrete);
    return DequantizedModel.of(inner, discrete);
  }

  private static void requireDiscrete(EventSpec event) {
    if (!event.isDiscrete()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "events of "
              + event.describe()
              + " are continuous and need no dequantization; set data.dequantize to none");
    }
  }
}
