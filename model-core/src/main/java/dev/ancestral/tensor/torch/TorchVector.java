package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.FlatVector;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A one-dimensional contiguous libtorch tensor that lives until it is closed. */
final class TorchVector implements FlatVector {
  private final TorchEngine engine;
  private final Tensor data;
  private final long size;

  TorchVector(TorchEngine engine, Tensor data) {
    this.engine = engine;
    this.data = data;
    size = data.numel();
  }

  Tensor data() {
    return data;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void fill(double value) {
    run(() -> data.fill_(TorchTensor.scalar(value)));
  }

  @Override
  public void copyFrom(FlatVector x) {
    run(() -> data.copy_(nativeOf(x)));
  }

  @Override
  public void scale(double factor) {
    run(() -> data.mul_(TorchTensor.scalar(factor)));
  }

  @Override
  public void addScaled(FlatVector x, double factor) {
    run(() -> data.add_(nativeOf(x), TorchTensor.scalar(factor)));
  }

  @Override
  public void decayTowards(FlatVector x, double decay) {
    run(() -> data.lerp_(nativeOf(x), TorchTensor.scalar(1 - decay)));
  }

  @Override
  public void adam(FlatVector gradient, FlatVector mean, FlatVector square, AdamStep step) {
    run(
        () -> {
          FusedAdam.step(data, nativeOf(gradient), nativeOf(mean), nativeOf(square), step);
          return data;
        });
  }

  @Override
  public double norm() {
    return engine.inference(
        () ->
            torch
                .linalg_vector_norm(
                    data,
                    TorchTensor.scalar(2),
                    new LongArrayRefOptional(),
                    false,
                    new ScalarTypeOptional(torch.ScalarType.Double))
                .item_double());
  }

  @Override
  public FlatVector window(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, size);
    return engine.inference(
        () -> new TorchVector(engine, engine.own(data.narrow(0, offset, count))));
  }

  @Override
  public FlatVector viewOf(FlatVector other, long offset, long count) {
    Objects.checkFromIndexSize(offset, count, other.size());
    return engine.inference(
        () -> new TorchVector(engine, engine.own(nativeOf(other).narrow(0, offset, count))));
  }

  @Override
  public void read(long offset, FloatBuffer into) {
    int count = into.remaining();
    Objects.checkFromIndexSize(offset, count, size);
    if (count > 0) {
      run(
          () -> {
            Tensor part = engine.onHost(data.narrow(0, offset, count), torch.ScalarType.Float);
            into.put(floats(part));
            return part;
          });
    }
  }

  @Override
  public void write(long offset, FloatBuffer from) {
    int count = from.remaining();
    Objects.checkFromIndexSize(offset, count, size);
    if (count > 0) {
      run(
          () -> {
            Tensor part = data.narrow(0, offset, count);
            if (engine.isHostFloat()) {
              floats(part).put(from);
              return part;
            }
            Tensor staged = engine.hostFloats(count);
            floats(staged).put(from);
            return part.copy_(staged);
          });
    }
  }

  @Override
  public FloatBuffer host(long offset, int count) {
    Objects.checkFromIndexSize(offset, count, size);
    if (!engine.isHostFloat()) {
      return null;
    }
    return engine.inference(() -> floats(data.narrow(0, offset, count)));
  }

  @Override
  public void close() {
    engine.free(data);
  }

  /** The memory of a contiguous float32 tensor on the host, without a copy. */
  static FloatBuffer floats(Tensor tensor) {
    return tensor.data_ptr_float().capacity(tensor.numel()).asBuffer();
  }

  private void run(java.util.function.Supplier<?> work) {
    engine.inference(work);
  }

  private static Tensor nativeOf(FlatVector vector) {
    if (vector instanceof TorchVector torchVector) {
      return torchVector.data;
    }
    throw new IllegalArgumentException(
        "a vector of " + vector.getClass().getSimpleName() + " is none of the torch engine");
  }
}
