package dev.ancestral.model.gan;

import dev.ancestral.model.EventSpec;
import dev.ancestral.tensor.Tensor;

/**
 * Between the three units that an element has: <em>raw</em>, what the generator's last layer gives;
 * <em>y</em>, what the discriminator sees; and <em>x</em>, that of the event.
 *
 * <p>Discrete levels 0 to V − 1 become y = 2 x / (V − 1) − 1 in [−1, 1] whatever the output.
 * Continuous elements: {@code sigmoid} is for x in [0, 1], which becomes y = 2 x − 1 (dequantized
 * data are such); {@code tanh} for x in [−1, 1], and {@code linear} for any real x, both with y =
 * x. The generator squashes raw into the range of y: y = 2 σ(raw) − 1, tanh(raw) or raw.
 *
 * @param output how raw becomes y
 * @param levels V; 0 for continuous elements
 */
record Scaling(Output output, int levels) {

  /** What the generator's last layer ends with. */
  enum Output {
    SIGMOID,
    TANH,
    LINEAR
  }

  static Scaling of(EventSpec event, Output output) {
    return new Scaling(output, event.levels());
  }

  /** raw → y. */
  Tensor squash(Tensor raw) {
    return switch (output) {
      case SIGMOID -> raw.mul(0.5).tanh(); // 2 σ(raw) − 1
      case TANH -> raw.tanh();
      case LINEAR -> raw;
    };
  }

  /** x → y. */
  Tensor fromEvent(Tensor x) {
    double unit = unit();
    return unit == 0 ? x : x.mul(2 / unit).add(-1);
  }

  /** y → x, between the levels where x is discrete. */
  Tensor toEvent(Tensor y) {
    double unit = unit();
    return unit == 0 ? y : y.add(1).mul(unit / 2);
  }

  /** The nearest value that an event can have. */
  Tensor toValid(Tensor x) {
    return levels == 0 ? x : x.add(0.5).floor().clamp(0, levels - 1);
  }

  /** The length in units of x of what counts as 1 for {@code observationScale}. */
  double span() {
    return levels == 0 ? 1 : levels - 1;
  }

  /** The x that becomes y = 1 where y = −1 is x = 0; 0 where y is x. */
  private double unit() {
    return levels > 0 ? levels - 1 : output == Output.SIGMOID ? 1 : 0;
  }
}
