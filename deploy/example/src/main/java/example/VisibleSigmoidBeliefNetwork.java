package example;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.Bernoulli;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.Family;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/**
 * The fully visible sigmoid belief network over D binary elements: each is a logistic regression on
 * the ones before it,
 *
 * <pre>
 * log p(x) = Σ_d log p(x_d | x_1 ... x_{d−1}),  p(x_d = 1 | ...) = σ(b_d + Σ_{j&lt;d} W_{jd} x_j)
 * </pre>
 *
 * (Frey, Hinton &amp; Dayan 1996). {@code family: example.VisibleSigmoidBeliefNetwork} in a spec
 * names it; the key {@code scale} is the standard deviation of the initial weights.
 */
public final class VisibleSigmoidBeliefNetwork implements Family {
  private static final Bernoulli ELEMENT = new Bernoulli();

  @Override
  public Definition define(Settings settings, EventSpec event) {
    double scale = settings.number("scale", 0.01, 0, 1);
    if (event.levels() != 2 || event.variableLength()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "the event is " + event.describe() + "; this family models 2 levels in a fixed shape");
    }
    return new Regressions(event, scale);
  }

  private record Regressions(EventSpec event, double scale) implements ExactNetwork {

    @Override
    public ParameterLayout parameters() {
      int d = event.size();
      return ParameterLayout.builder()
          .add("weight", new Initializer.Normal(scale), d, d) // from, to
          .add("bias", Initializer.zeros(), d)
          .build();
    }

    @Override
    public Tensor logProb(TensorMap weights, TensorMap inputs) {
      Tensor x = inputs.get("x").reshape(-1, event.size()); // [B, D]
      Tensor logits = x.matmul(earlierOnly(weights)).add(weights.get("bias")); // [B, D]
      return ELEMENT.logProb(logits, x).sum(1); // [B]
    }

    @Override
    public List<Noise> samplingNoise(SampleRequest request) {
      return List.of(new Noise("uniform", Noise.Kind.UNIFORM, 0, event.shape()));
    }

    @Override
    public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
      Tensor uniform = inputs.get("uniform");
      Tensor u = uniform.reshape(-1, event.size()); // [B, D]
      Tensor weight = earlierOnly(weights); // [D, D]
      Tensor logits = weights.get("bias").add(u.mul(0)); // [B, D], complete up to the element drawn
      Tensor[] x = new Tensor[event.size()]; // of [B, 1]
      for (int d = 0; d < x.length; d++) {
        Tensor logit = logits.slice(1, d, d + 1);
        x[d] = ELEMENT.sample(logit, u.slice(1, d, d + 1), request.temperature());
        logits = logits.add(x[d].mul(weight.slice(0, d, d + 1)));
      }
      Tensor[] others = List.of(x).subList(1, x.length).toArray(Tensor[]::new);
      return x[0].concat(1, others).reshape(uniform.shape());
    }

    /** The weights W_jd with j &lt; d; zero elsewhere. */
    private Tensor earlierOnly(TensorMap weights) {
      int n = event.size();
      float[] mask = new float[n * n];
      for (int d = 0; d < n; d++) {
        for (int j = 0; j < d; j++) {
          mask[j * n + d] = 1;
        }
      }
      return weights.get("weight").mul(weights.engine().constant(mask, n, n));
    }
  }
}
