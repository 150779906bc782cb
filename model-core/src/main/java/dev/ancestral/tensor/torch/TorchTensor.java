package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A handle on a libtorch tensor; every method is one native call, or two. */
final class TorchTensor implements Tensor {
  private final TorchEngine engine;
  private final org.bytedeco.pytorch.Tensor value;
  private long[] shape;

  TorchTensor(TorchEngine engine, org.bytedeco.pytorch.Tensor value) {
    this.engine = engine;
    this.value = value;
  }

  static org.bytedeco.pytorch.Tensor nativeOf(Tensor tensor) {
    if (tensor instanceof TorchTensor torchTensor) {
      return torchTensor.value;
    }
    throw new IllegalArgumentException(
        "a " + tensor.getClass().getSimpleName() + " is no tensor of the torch engine");
  }

  static Scalar scalar(double value) {
    return new Scalar(value);
  }

  @Override
  public long[] shape() {
    return sizes().clone();
  }

  @Override
  public Engine engine() {
    return engine;
  }

  @Override
  public Tensor add(Tensor other) {
    return result(value.add(nativeOf(other)));
  }

  @Override
  public Tensor sub(Tensor other) {
    return result(value.sub(nativeOf(other)));
  }

  @Override
  public Tensor mul(Tensor other) {
    return result(value.mul(nativeOf(other)));
  }

  @Override
  public Tensor div(Tensor other) {
    return result(value.div(nativeOf(other)));
  }

  @Override
  public Tensor maximum(Tensor other) {
    return result(torch.maximum(value, nativeOf(other)));
  }

  @Override
  public Tensor minimum(Tensor other) {
    return result(torch.minimum(value, nativeOf(other)));
  }

  @Override
  public Tensor add(double number) {
    return result(value.add(scalar(number)));
  }

  @Override
  public Tensor mul(double number) {
    return result(value.mul(scalar(number)));
  }

  @Override
  public Tensor pow(double exponent) {
    return result(value.pow(scalar(exponent)));
  }

  @Override
  public Tensor clamp(double low, double high) {
    return result(value.clamp(new ScalarOptional(scalar(low)), new ScalarOptional(scalar(high))));
  }

  @Override
  public Tensor neg() {
    return result(value.neg());
  }

  @Override
  public Tensor exp() {
    return result(value.exp());
  }

  @Override
  public Tensor log() {
    return result(value.log());
  }

  @Override
  public Tensor log1p() {
    return result(value.log1p());
  }

  @Override
  public Tensor sqrt() {
    return result(value.sqrt());
  }

  @Override
  public Tensor square() {
    return result(value.square());
  }

  @Override
  public Tensor abs() {
    return result(value.abs());
  }

  @Override
  public Tensor tanh() {
    return result(value.tanh());
  }

  @Override
  public Tensor cos() {
    return result(value.cos());
  }

  @Override
  public Tensor sigmoid() {
    return result(value.sigmoid());
  }

  @Override
  public Tensor softplus() {
    // Above the threshold libtorch returns x; at 40 that is exact in float64 as well.
    return result(torch.softplus(value, scalar(1), scalar(40)));
  }

  @Override
  public Tensor logSigmoid() {
    return result(torch.log_sigmoid(value));
  }

  @Override
  public Tensor relu() {
    return result(value.relu());
  }

  @Override
  public Tensor leakyRelu(double slope) {
    return result(torch.leaky_relu(value, scalar(slope)));
  }

  @Override
  public Tensor floor() {
    return result(value.detach().floor());
  }

  @Override
  public Tensor withoutNaN(double number) {
    org.bytedeco.pytorch.Tensor fixed = value.detach();
    return result(torch.where(fixed.isnan(), scalar(number), fixed));
  }

  @Override
  public Tensor greater(Tensor other) {
    return result(value.gt(nativeOf(other)).to(engine.type()));
  }

  @Override
  public Tensor greater(double number) {
    return result(value.gt(scalar(number)).to(engine.type()));
  }

  @Override
  public Tensor where(Tensor ifTrue, Tensor ifFalse) {
    return result(torch.where(value.ne(scalar(0)), nativeOf(ifTrue), nativeOf(ifFalse)));
  }

  @Override
  public Tensor sum(int... axes) {
    return result(axes.length == 0 ? value.sum() : value.sum(longs(axes)));
  }

  @Override
  public Tensor mean(int... axes) {
    return result(axes.length == 0 ? value.mean() : value.mean(longs(axes)));
  }

  @Override
  public Tensor max(int axis) {
    return result(value.amax(new long[] {axis}, false));
  }

  @Override
  public Tensor cumulativeSum() {
    return result(value.cumsum(-1));
  }

  @Override
  public Tensor logSumExp(int axis) {
    return result(value.logsumexp(axis));
  }

  @Override
  public Tensor logSoftmax(int axis) {
    return result(value.log_softmax(axis));
  }

  @Override
  public Tensor reshape(long... sizes) {
    return result(value.reshape(sizes));
  }

  @Override
  public Tensor permute(int... axes) {
    return result(value.permute(longs(axes)));
  }

  @Override
  public Tensor expandDims(int axis) {
    return result(value.unsqueeze(axis));
  }

  @Override
  public Tensor broadcastTo(long... sizes) {
    return result(value.expand(sizes));
  }

  @Override
  public Tensor slice(int axis, long from, long to) {
    return result(value.narrow(axis, from, to - from));
  }

  @Override
  public List<Tensor> split(int axis, int parts) {
    long size = sizes()[axis < 0 ? axis + sizes().length : axis];
    if (parts < 1 || size % parts != 0) {
      return Tensor.super.split(axis, parts); // says what is wrong
    }
    TensorVector made = value.split(size / parts, axis);
    List<Tensor> result = new ArrayList<>(parts);
    for (int i = 0; i < parts; i++) {
      // The vector's elements are its own; a handle of ours outlives it.
      result.add(result(new org.bytedeco.pytorch.Tensor(made.get(i))));
    }
    return result;
  }

  @Override
  public Tensor concat(int axis, Tensor... others) {
    org.bytedeco.pytorch.Tensor[] all = new org.bytedeco.pytorch.Tensor[others.length + 1];
    all[0] = value;
    for (int i = 0; i < others.length; i++) {
      all[i + 1] = nativeOf(others[i]);
    }
    return result(torch.cat(new TensorVector(all), axis));
  }

  @Override
  public Tensor pad(int axis, long before, long after) {
    int rank = sizes().length;
    int fromLast = rank - 1 - (axis < 0 ? axis + rank : axis);
    long[] pads = new long[2 * (fromLast + 1)]; // pairs from the last axis backwards
    pads[2 * fromLast] = before;
    pads[2 * fromLast + 1] = after;
    return result(torch.constant_pad_nd(value, pads));
  }

  @Override
  public Tensor matmul(Tensor other) {
    org.bytedeco.pytorch.Tensor right = nativeOf(other);
    if (value.dim() != right.dim() || value.dim() < 2 || value.dim() > 3) {
      throw new IllegalArgumentException(
          "matmul needs two matrices or two stacks of them; it was given "
              + Arrays.toString(sizes())
              + " and "
              + Arrays.toString(other.shape()));
    }
    return product(operand(value).matmul(operand(right)));
  }

  @Override
  public Tensor conv1d(Tensor weights, int dilation, int padLeft) {
    org.bytedeco.pytorch.Tensor padded =
        padLeft == 0 ? value : torch.constant_pad_nd(value, padLeft, 0);
    return product(
        torch.conv1d(
            operand(padded),
            operand(nativeOf(weights)),
            new TensorOptional(),
            new long[] {1},
            new long[] {0},
            new long[] {dilation},
            1));
  }

  @Override
  public Tensor conv2d(Tensor weights, int stride, int padY, int padX) {
    return product(
        torch.conv2d(
            operand(value),
            operand(nativeOf(weights)),
            new TensorOptional(),
            new long[] {stride, stride},
            new long[] {padY, padX},
            new long[] {1, 1},
            1));
  }

  @Override
  public Tensor convTranspose2d(Tensor weights, int stride, int pad) {
    return product(
        torch.conv_transpose2d(
            operand(value),
            operand(nativeOf(weights)),
            new TensorOptional(),
            new long[] {stride, stride},
            new long[] {pad, pad},
            new long[] {0, 0},
            1,
            1,
            1));
  }

  @Override
  public Tensor oneHot(long classes) {
    long[] sizes = Arrays.copyOf(sizes(), sizes().length + 1);
    sizes[sizes.length - 1] = classes;
    return result(engine.zeros(sizes).scatter_(-1, index(value).unsqueeze(-1), scalar(1)));
  }

  @Override
  public Tensor pick(Tensor index) {
    return result(value.gather(-1, index(nativeOf(index)).unsqueeze(-1)).squeeze(-1));
  }

  @Override
  public Tensor rows(Tensor index) {
    return result(torch.embedding(value, index(nativeOf(index))));
  }

  @Override
  public Tensor stopGradient() {
    return result(value.detach());
  }

  @Override
  public float[] toFloats() {
    org.bytedeco.pytorch.Tensor host = engine.onHost(value.detach(), torch.ScalarType.Float);
    float[] out = new float[Math.toIntExact(host.numel())];
    if (out.length > 0) {
      TorchVector.floats(host).get(out);
    }
    return out;
  }

  @Override
  public double[] toDoubles() {
    org.bytedeco.pytorch.Tensor host = engine.onHost(value.detach(), torch.ScalarType.Double);
    double[] out = new double[Math.toIntExact(host.numel())];
    host.data_ptr_double().get(out);
    return out;
  }

  private Tensor result(org.bytedeco.pytorch.Tensor made) {
    return engine.adopt(made);
  }

  private org.bytedeco.pytorch.Tensor operand(org.bytedeco.pytorch.Tensor tensor) {
    return engine.isBfloat16() ? tensor.to(torch.ScalarType.BFloat16) : tensor;
  }

  private Tensor product(org.bytedeco.pytorch.Tensor made) {
    return result(engine.isBfloat16() ? made.to(engine.type()) : made);
  }

  private static org.bytedeco.pytorch.Tensor index(org.bytedeco.pytorch.Tensor wholeNumbers) {
    return wholeNumbers.detach().to(torch.ScalarType.Long);
  }

  private long[] sizes() {
    if (shape == null) {
      shape = value.shape();
    }
    return shape;
  }

  private static long[] longs(int[] axes) {
    long[] result = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      result[i] = axes[i];
    }
    return result;
  }
}
