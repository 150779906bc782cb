package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Decimal;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;

/** Makes elements 0 or 1; missing ones stay missing. */
public sealed interface Binarization extends Serializable {
  /** What {@link #parse} takes, for messages. */
  String ALLOWED = "none, stochastic or threshold=K (an element is 1 if its value is above K)";

  /** Leaves elements as they are. */
  record None() implements Binarization {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return "none";
    }
  }

  /** 1 where the value is above the threshold. */
  record Threshold(double value) implements Binarization {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return "threshold=" + value;
    }
  }

  /**
   * 1 with probability value / (levels − 1), drawn once for each element by the id of the example
   * (Salakhutdinov and Murray: On the quantitative analysis of deep belief networks, 2008).
   */
  record Stochastic() implements Binarization {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return "stochastic";
    }
  }

  /**
   * {@code none}, {@code stochastic} or {@code threshold=K}.
   *
   * @throws AncestralException (SPEC) if it is none of these
   */
  static Binarization parse(String text) {
    String rule = text.strip();
    if (rule.equals("none")) {
      return new None();
    }
    if (rule.equals("stochastic")) {
      return new Stochastic();
    }
    if (rule.startsWith("threshold=")) {
      String value = rule.substring("threshold=".length()).strip();
      if (Decimal.isNumber(value)) {
        return new Threshold(Decimal.value(value));
      }
    }
    throw new AncestralException(ErrorCode.SPEC, "binarize is " + text + "; it must be " + ALLOWED);
  }

  /**
   * The event after it.
   *
   * @throws AncestralException (SPEC) if such an event cannot be made binary so
   */
  default EventSpec event(EventSpec event) {
    if (this instanceof None) {
      return event;
    }
    if (!event.vocabulary().isEmpty()
        || event.isRows()
        || (this instanceof Stochastic && !event.isDiscrete())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "binarize "
              + this
              + " does not suit "
              + (event.vocabulary().isEmpty() ? event.describe() : "text")
              + "; leave it out");
    }
    return event.withElements(new EventSpec.Discrete(2));
  }

  /**
   * The example after it.
   *
   * @param event of the example as it is
   * @param key of the dataset
   */
  default Example apply(Example example, EventSpec event, RandomKey key) {
    if (this instanceof None) {
      return example;
    }
    int elements = example.payload().length / Payload.width(event);
    float[] values = new float[elements];
    Payload.decode(event, example.payload(), 0, elements, values, 0);
    float[] binary = new float[elements];
    if (this instanceof Threshold threshold) {
      for (int i = 0; i < elements; i++) {
        binary[i] = values[i] > threshold.value() ? 1 : 0;
      }
    } else {
      float[] uniform = new float[elements];
      key.fold("binarize").fold(example.id()).fillUniform(0, uniform, 0, elements);
      float largest = event.levels() - 1;
      for (int i = 0; i < elements; i++) {
        binary[i] = uniform[i] < values[i] / largest ? 1 : 0;
      }
    }
    for (int i = 0; i < elements; i++) {
      binary[i] = Float.isNaN(values[i]) ? values[i] : binary[i];
    }
    byte[] payload = Payload.encode(event(event), binary, 0, elements);
    return new Example(example.id(), payload, example.label(), example.length());
  }
}
