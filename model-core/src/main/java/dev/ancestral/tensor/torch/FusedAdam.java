package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.FlatVector;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's kernel that does a whole step of AdamW in one pass over memory; it has no C++ function
 * of its own in the bindings, so it is called by name through the dispatcher.
 */
final class FusedAdam {
  private static final String OPERATOR = "aten::_fused_adamw_";

  private FusedAdam() {}

  /** To be called in a scope. */
  static void step(
      Tensor values, Tensor gradient, Tensor mean, Tensor square, FlatVector.AdamStep step) {
    // float32 counts steps exactly to 2^24; beyond it both corrections are 1.
    Tensor count =
        torch.full(new long[] {1}, TorchTensor.scalar((double) step.count()), gradient.options());
    IValueVector arguments =
        new IValueVector(
            list(values),
            list(gradient),
            list(mean),
            list(square),
            list(),
            list(count),
            new IValue(step.learningRate()),
            new IValue(step.beta1()),
            new IValue(step.beta2()),
            new IValue(step.weightDecay()),
            new IValue(step.epsilon()),
            new IValue(false), // amsgrad
            new IValue(false), // maximize
            new IValue(), // gradient scale
            new IValue()); // found infinity
    Dispatcher.singleton().findSchemaOrThrow(OPERATOR, "").callBoxed(arguments);
  }

  private static IValue list(Tensor... tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return new IValue(list);
  }
}
