package dev.ancestral.model.wavenet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadTest {
  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void everyMixtureSumsToOneOverTheLevels() {
    int levels = 256;
    LogisticMixture head = new LogisticMixture(levels, 4);
    float[] outputs = new float[30 * head.outputs()];
    RandomKey.of(2).fillNormal(0, outputs, 0, outputs.length);
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] *= 4; // scales from e^-7 (the least) to e^12
    }
    double[] sums =
        engine.inference(
            () -> {
              Tensor total = engine.full(0, 30);
              for (int level = 0; level < levels; level++) {
                total =
                    total.add(
                        head.logProb(engine.constant(outputs, 30, 12), engine.full(level, 30))
                            .exp());
              }
              return total.toDoubles();
            });
    double[] ones = new double[30];
    Arrays.fill(ones, 1);
    assertArrayEquals(ones, sums, 1e-9);
  }

  @Test
  void drawsFollowTheMixture() {
    int levels = 9;
    int draws = 20_000;
    LogisticMixture head = new LogisticMixture(levels, 2);
    float[] outputs = {0.5f, -0.2f, -0.6f, 0.4f, -2, -1};
    float[] uniforms = new float[2 * draws];
    RandomKey.of(3).fillUniform(0, uniforms, 0, uniforms.length);
    engine.inference(
        () -> {
          Tensor all = engine.constant(outputs, 1, 6).broadcastTo(draws, 6);
          float[] drawn =
              head.draw(engine, 1).of(all, engine.constant(uniforms, draws, 2)).toFloats();
          for (int level = 0; level < levels; level++) {
            double p =
                head.logProb(engine.constant(outputs, 1, 6), engine.full(level, 1)).exp().item();
            int count = 0;
            for (float x : drawn) {
              count += x == level ? 1 : 0;
            }
            assertEquals(p, (double) count / draws, 5 * Math.sqrt(p / draws) + 1e-3, "" + level);
          }
          return null;
        });
  }

  @Test
  void choosesTheFirstClassAboveTheDraw() {
    Tensor logits =
        engine.constant(new double[] {Math.log(0.2), Math.log(0.3), Math.log(0.5)}, 1, 3);
    double[] uniforms = {0, 0.19, 0.21, 0.49, 0.51, 0.99, 1};
    double[] expected = {0, 0, 1, 1, 2, 2, 2};
    double[] chosen =
        engine.inference(
            () ->
                Head.choose(
                        logits.broadcastTo(7, 3),
                        engine.constant(uniforms, 7, 1),
                        Head.triangle(engine, 3))
                    .toDoubles());
    assertArrayEquals(expected, chosen);
  }
}
