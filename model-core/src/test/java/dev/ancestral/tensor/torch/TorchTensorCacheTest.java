package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchTensorCacheTest {
  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void keptTensorsOutliveTheirScope() {
    try (TensorCache cache = engine.cache()) {
      Tensor kept = engine.inference(() -> cache.keep(engine.full(2, 3).mul(5)));
      engine.inference(() -> engine.full(1, 3).add(1).toFloats());
      assertArrayEquals(new float[] {10, 10, 10}, kept.toFloats());
    }
  }

  @Test
  void whatWasMadeFromAReleasedTensorStaysWhole() {
    try (TensorCache cache = engine.cache()) {
      Tensor whole = engine.scoped(() -> cache.keep(engine.full(7, 2, 4).add(0)));
      Tensor view = engine.scoped(() -> cache.keep(whole.slice(1, 1, 3)));
      cache.release(whole);
      engine.scoped(() -> engine.full(1, 2, 4).add(0).toFloats());
      assertArrayEquals(new float[] {7, 7, 7, 7}, view.toFloats());
    }
  }

  @Test
  void aLoopOfThousandsOfStepsHoldsNoMoreThanOneStep() {
    Runnable loop = () -> engine.inference(this::carryOn);
    loop.run();
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      loop.run();
    }
    assertEquals(before, Pointer.totalCount());
  }

  /** 2000 steps, each in a scope inside of the caller's, that carry two tensors. */
  private double carryOn() {
    try (TensorCache cache = engine.cache()) {
      Tensor[] carried = {
        cache.keep(engine.full(0, 64)), cache.keep(engine.full(1, 64)),
      };
      long afterFirst = 0;
      for (int t = 0; t < 2000; t++) {
        Tensor[] before = carried.clone();
        engine.scoped(
            () -> {
              carried[0] = cache.keep(before[0].add(before[1]));
              carried[1] = cache.keep(before[1].mul(1).tanh().mul(0).add(1));
              return null;
            });
        cache.release(before[0]);
        cache.release(before[1]);
        if (t == 0) {
          afterFirst = Pointer.totalCount();
        }
      }
      // The tensors carried into the first step belong to the caller's scope as well.
      assertEquals(afterFirst, Pointer.totalCount());
      return assertHolds(2000, carried[0]);
    }
  }

  @Test
  void releaseBeforeTheScopeEndsLeavesTheTensorToTheScope() {
    try (TensorCache cache = engine.cache()) {
      engine.inference(
          () -> {
            Tensor x = cache.keep(engine.full(3, 2));
            assertSame(x, cache.keep(x));
            cache.release(x);
            assertThrows(IllegalArgumentException.class, () -> cache.release(x));
            return assertHolds(3, x);
          });
    }
  }

  private static double assertHolds(double expected, Tensor tensor) {
    for (double value : tensor.toDoubles()) {
      assertEquals(expected, value);
    }
    return expected;
  }
}
