package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;

/** Holds one reference to each native tensor beside the one of its scope. */
final class TorchTensorCache implements TensorCache {
  private final Set<Pointer> kept = Collections.newSetFromMap(new IdentityHashMap<>());

  @Override
  public Tensor keep(Tensor tensor) {
    Pointer pointer = TorchTensor.nativeOf(tensor);
    if (kept.add(pointer)) {
      pointer.retainReference();
    }
    return tensor;
  }

  @Override
  public void release(Tensor tensor) {
    Pointer pointer = TorchTensor.nativeOf(tensor);
    if (!kept.remove(pointer)) {
      throw new IllegalArgumentException(
          "this cache does not keep that tensor of shape "
              + java.util.Arrays.toString(tensor.shape())
              + "; release each kept tensor once");
    }
    pointer.releaseReference();
  }

  @Override
  public void close() {
    kept.forEach(Pointer::releaseReference);
    kept.clear();
  }
}
