package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The contract on the smallest exact network, and what binding refuses. */
class VisibleBeliefNetworkTest extends NetworkContract {

  @Override
  protected Network network() {
    return new VisibleBeliefNetwork(4);
  }

  @Test
  void requests_that_do_not_suit_the_event_are_refused() {
    TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
    BoundParameters parameters = engine.bind(network().parameters());
    GenerativeModel model = NetworkModel.bind(network(), parameters);
    long[] ids = {1};
    SampleRequest labelled = new SampleRequest(OptionalInt.of(3), OptionalInt.empty(), 1);
    SampleRequest long7 = new SampleRequest(OptionalInt.empty(), OptionalInt.of(7), 1);
    for (SampleRequest request : List.of(labelled, long7)) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> model.sample(ids, RandomKey.of(1), request));
      assertEquals(ErrorCode.SPEC, refusal.code());
    }
    model.close();
    engine.close();
  }

  /** Bits of which each is a logistic regression on those before it (Frey, Hinton, Dayan 1996). */
  private record VisibleBeliefNetwork(int bits) implements ExactNetwork {

    @Override
    public EventSpec event() {
      return EventSpec.discrete(2, bits);
    }

    @Override
    public ParameterLayout parameters() {
      return ParameterLayout.builder()
          .add("weight", Initializer.glorot(bits, bits), bits, bits)
          .add("bias", Initializer.zeros(), bits)
          .build();
    }

    @Override
    public Tensor logProb(TensorMap weights, TensorMap inputs) {
      Tensor x = inputs.get("x"); // [B, D]
      Tensor signs = x.mul(2).add(-1); // [B, D]
      return logits(weights, x).mul(signs).logSigmoid().sum(-1); // [B]
    }

    @Override
    public List<Noise> samplingNoise(SampleRequest request) {
      return List.of(new Noise("u", Noise.Kind.UNIFORM, 0, List.of(bits)));
    }

    @Override
    public Tensor sample(TensorMap weights, TensorMap inputs, SampleRequest request) {
      Tensor u = inputs.get("u"); // [B, D]
      Tensor x = u.mul(0); // [B, D]
      for (int d = 0; d < bits; d++) { // bit d sees the bits before it, which are right by now
        x = logits(weights, x).mul(1 / request.temperature()).sigmoid().greater(u); // [B, D]
      }
      return x;
    }

    private Tensor logits(TensorMap weights, Tensor x) {
      float[] below = new float[bits * bits];
      for (int i = 0; i < bits; i++) {
        for (int j = i + 1; j < bits; j++) {
          below[i * bits + j] = 1;
        }
      }
      Tensor mask = x.engine().constant(below, bits, bits);
      return x.matmul(weights.get("weight").mul(mask)).add(weights.get("bias")); // [B, D]
    }
  }
}
