package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  void kept_tensors_outlive_their_scope() {
    try (TensorCache cache = engine.cache()) {
      Tensor kept = engine.inference(() -> cache.keep(engine.full(2, 3).mul(5)));
      engine.inference(() -> engine.full(1, 3).add(1).toFloats());
      assertArrayEquals(new float[] {10, 10, 10}, kept.toFloats());
    }
  }

  @Test
  void what_was_made_from_a_released_tensor_stays_whole() {
    try (TensorCache cache = engine.cache()) {
      Tensor whole = engine.scoped(() -> cache.keep(engine.full(7, 2, 4).add(0)));
      Tensor view = engine.scoped(() -> cache.keep(whole.slice(1, 1, 3)));
      cache.release(whole);
      engine.scoped(() -> engine.full(1, 2, 4).add(0).toFloats());
      assertArrayEquals(new float[] {7, 7, 7, 7}, view.toFloats());
    }
  }

  @Test
  void a_loop_of_thousands_of_steps_holds_no_more_than_one_step() {
    Runnable loop = () -> engine.inference(this::carryOn);
    loop.run();
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      loop.run();
    }
    assertHoldsAtMost(before);
  }

  /** Garbage that other tests left behind may be collected meanwhile: never more, perhaps less. */
  private static void assertHoldsAtMost(long objects) {
    long now = Pointer.totalCount();
    assertTrue(now <= objects, now + " native objects, at most " + objects + " were expected");
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
      assertHoldsAtMost(afterFirst);
      return assertHolds(2000, carried[0]);
    }
  }

  @Test
  void release_before_the_scope_ends_leaves_the_tensor_to_the_scope() {
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
