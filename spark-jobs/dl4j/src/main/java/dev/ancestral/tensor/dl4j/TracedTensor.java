package dev.ancestral.tensor.dl4j;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.impl.controlflow.compat.StopGradient;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.DeConv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * A variable of a SameDiff graph, with the shape that it will have.
 *
 * <p>Where SameDiff (ND4J 1.0.0-M2.1) has an operation or its gradient wrong, or differs from
 * libtorch, it is composed from others, and a comment says what is wrong.
 */
final class TracedTensor implements Tensor {
  private final TracingEngine engine;
  private final SDVariable variable;
  private final long[] shape;

  TracedTensor(TracingEngine engine, SDVariable variable, long[] shape) {
    this.engine = engine;
    this.variable = variable;
    this.shape = shape.clone();
  }

  static SDVariable variableOf(Tensor tensor) {
    return traced(tensor).variable;
  }

  private static TracedTensor traced(Tensor tensor) {
    if (tensor instanceof TracedTensor own) {
      return own;
    }
    throw new IllegalArgumentException(
        "a " + tensor.getClass().getSimpleName() + " is no tensor of the tracing engine");
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public Engine engine() {
    return engine;
  }

  // --- elementwise, two operands ---

  @Override
  public Tensor add(Tensor other) {
    return result(variable.add(variableOf(other)), broadcast(other));
  }

  @Override
  public Tensor sub(Tensor other) {
    return result(variable.sub(variableOf(other)), broadcast(other));
  }

  @Override
  public Tensor mul(Tensor other) {
    return result(variable.mul(variableOf(other)), broadcast(other));
  }

  /** By a single element it is a product: the gradient of SameDiff's quotient is wrong there. */
  @Override
  public Tensor div(Tensor other) {
    return traced(other).elements() == 1 && elements() > 1
        ? mul(other.pow(-1))
        : result(variable.div(variableOf(other)), broadcast(other));
  }

  @Override
  public Tensor maximum(Tensor other) {
    return chosen(other, greater(other), graph().math().max(stopped(), traced(other).stopped()));
  }

  @Override
  public Tensor minimum(Tensor other) {
    return chosen(
        other, other.greater(this), graph().math().min(stopped(), traced(other).stopped()));
  }

  /**
   * One of two operands: the value as it is given, the gradient to the operand that {@code mine}
   * names, and half of it to each where they are equal, as libtorch has it.
   */
  private Tensor chosen(Tensor other, Tensor mine, SDVariable value) {
    SDVariable equal = stopped().eq(traced(other).stopped()).castTo(engine.type()).mul(0.5);
    Tensor share = mine.add(result(equal, broadcast(other)));
    return result(value, broadcast(other))
        .add(share.mul(this.sub(stopGradient())))
        .add(share.neg().add(1).mul(other.sub(other.stopGradient())));
  }

  // --- elementwise with a scalar ---

  @Override
  public Tensor add(double value) {
    return same(variable.add(value));
  }

  @Override
  public Tensor mul(double value) {
    return same(variable.mul(value));
  }

  @Override
  public Tensor pow(double exponent) {
    return same(variable.pow(exponent));
  }

  /** The limits themselves let the gradient through, as in libtorch. */
  @Override
  public Tensor clamp(double low, double high) {
    SDVariable fixed = stopped();
    SDVariable inside =
        fixed.gte(low).castTo(engine.type()).mul(fixed.lte(high).castTo(engine.type()));
    SDVariable value = graph().math().clipByValue(fixed, low, high);
    return same(value.add(inside.mul(variable.sub(fixed))));
  }

  // --- elementwise, one operand ---

  @Override
  public Tensor neg() {
    return same(variable.neg());
  }

  @Override
  public Tensor exp() {
    return same(graph().math().exp(variable));
  }

  @Override
  public Tensor log() {
    return same(graph().math().log(variable));
  }

  @Override
  public Tensor log1p() {
    return same(graph().math().log1p(variable));
  }

  @Override
  public Tensor sqrt() {
    return same(graph().math().sqrt(variable));
  }

  @Override
  public Tensor square() {
    return same(graph().math().square(variable));
  }

  @Override
  public Tensor abs() {
    return same(graph().math().abs(variable));
  }

  @Override
  public Tensor tanh() {
    return same(graph().math().tanh(variable));
  }

  @Override
  public Tensor cos() {
    return same(graph().math().cos(variable));
  }

  @Override
  public Tensor sigmoid() {
    return same(graph().nn().sigmoid(variable));
  }

  /**
   * (x + |x|) / 2 + log(1 + e^−|x|): SameDiff's own is infinite beyond about ±100. With relu(x) in
   * the place of the first term the gradient at 0 would be 0, not 1/2.
   */
  @Override
  public Tensor softplus() {
    SDVariable size = graph().math().abs(variable);
    return same(variable.add(size).mul(0.5).add(logOnePlusExp(size.neg())));
  }

  /** (x − |x|) / 2 − log(1 + e^−|x|): the gradient of SameDiff's own is not a number far out. */
  @Override
  public Tensor logSigmoid() {
    SDVariable size = graph().math().abs(variable);
    return same(variable.sub(size).mul(0.5).sub(logOnePlusExp(size.neg())));
  }

  private SDVariable logOnePlusExp(SDVariable notPositive) {
    return graph().math().log1p(graph().math().exp(notPositive));
  }

  @Override
  public Tensor relu() {
    return same(graph().nn().relu(variable, 0));
  }

  /** x times 1 or the slope: SameDiff's own keeps the slope in float32. */
  @Override
  public Tensor leakyRelu(double slope) {
    return mul(greater(0).mul(1 - slope).add(slope));
  }

  @Override
  public Tensor floor() {
    return same(graph().math().floor(stopped()));
  }

  @Override
  public Tensor withoutNaN(double value) {
    return same(graph().replaceWhere(stopped(), value, Conditions.isNan()));
  }

  // --- comparison ---

  @Override
  public Tensor greater(Tensor other) {
    return result(stopped().gt(traced(other).stopped()).castTo(engine.type()), broadcast(other));
  }

  @Override
  public Tensor greater(double value) {
    return same(stopped().gt(value).castTo(engine.type()));
  }

  /** A weighted sum: SameDiff's own does not broadcast. What is not chosen must be finite. */
  @Override
  public Tensor where(Tensor ifTrue, Tensor ifFalse) {
    Tensor chosen = same(stopped().neq(0).castTo(engine.type()));
    return chosen.mul(ifTrue).add(chosen.neg().add(1).mul(ifFalse));
  }

  // --- reductions ---

  @Override
  public Tensor sum(int... axes) {
    return isOneElementEach(axes)
        ? dropped(axes)
        : result(variable.sum(dimensions(axes)), without(axes));
  }

  @Override
  public Tensor mean(int... axes) {
    return isOneElementEach(axes)
        ? dropped(axes)
        : result(variable.mean(dimensions(axes)), without(axes));
  }

  @Override
  public Tensor max(int axis) {
    return isOneElementEach(axis)
        ? dropped(axis)
        : result(variable.max(dimensions(axis)), without(axis));
  }

  /**
   * m + log Σ exp(x − m): SameDiff's own has no gradient along an axis. m is the largest, which
   * gets no gradient.
   */
  @Override
  public Tensor logSumExp(int axis) {
    if (isOneElementEach(axis)) {
      return dropped(axis);
    }
    SDVariable largest = stop(variable.max(true, dimensions(axis)));
    SDVariable sum = logSumExp(variable.sub(largest), axis).add(largest);
    return result(graph().reshape(sum, without(axis)), without(axis));
  }

  /**
   * d − log Σ exp d with d the distance from the largest: SameDiff's own is infinite where the gap
   * is large, and has no gradient along an axis other than the last.
   */
  @Override
  public Tensor logSoftmax(int axis) {
    if (isOneElementEach(axis)) {
      return sub(this);
    }
    SDVariable distance = variable.sub(stop(variable.max(true, dimensions(axis))));
    return same(distance.sub(logSumExp(distance, axis)));
  }

  private SDVariable logSumExp(SDVariable notPositive, int axis) {
    return graph().math().log(graph().math().exp(notPositive).sum(true, dimensions(axis)));
  }

  /** Whether a reduction would leave all elements as they are, which ends in a null pointer. */
  private boolean isOneElementEach(int... axes) {
    return elements() == elements(without(axes));
  }

  private Tensor dropped(int... axes) {
    return reshape(without(axes));
  }

  // --- shape ---

  @Override
  public Tensor reshape(long... sizes) {
    long[] full = sizes.clone();
    long known = 1;
    int open = -1;
    for (int i = 0; i < full.length; i++) {
      if (full[i] < 0) {
        open = i;
      } else {
        known *= full[i];
      }
    }
    if (open >= 0) {
      full[open] = elements() / known;
    }
    if (elements(full) != elements()) {
      throw new IllegalArgumentException(
          "a tensor of shape "
              + Arrays.toString(shape)
              + " cannot have the shape "
              + Arrays.toString(sizes));
    }
    if (Arrays.equals(full, shape)) {
      return this;
    }
    return result(graph().reshape(variable, full), full);
  }

  @Override
  public Tensor permute(int... axes) {
    int[] order = dimensions(axes);
    long[] sizes = new long[shape.length];
    for (int i = 0; i < order.length; i++) {
      sizes[i] = shape[order[i]];
    }
    return result(variable.permute(order), sizes);
  }

  @Override
  public Tensor expandDims(int axis) {
    int at = axis < 0 ? axis + shape.length + 1 : axis;
    long[] sizes = new long[shape.length + 1];
    System.arraycopy(shape, 0, sizes, 0, at);
    sizes[at] = 1;
    System.arraycopy(shape, at, sizes, at + 1, shape.length - at);
    return result(graph().reshape(variable, sizes), sizes);
  }

  @Override
  public Tensor broadcastTo(long... sizes) {
    if (Arrays.equals(sizes, shape)) {
      return this;
    }
    long[] padded = new long[sizes.length]; // this shape with leading axes of size 1
    Arrays.fill(padded, 1);
    System.arraycopy(shape, 0, padded, sizes.length - shape.length, shape.length);
    int[] times = new int[sizes.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = padded[i] == sizes[i] ? 1 : Math.toIntExact(sizes[i]);
    }
    return result(graph().tile(graph().reshape(variable, padded), times), sizes);
  }

  @Override
  public Tensor slice(int axis, long from, long to) {
    int at = dimension(axis);
    if (from < 0 || to > shape[at] || from > to) {
      throw new IllegalArgumentException(
          "elements " + from + " to " + to + " of an axis of size " + shape[at]);
    }
    if (from == 0 && to == shape[at]) {
      return this;
    }
    int[] begin = new int[shape.length];
    long[] sizes = shape();
    begin[at] = Math.toIntExact(from);
    sizes[at] = to - from;
    return result(graph().slice(variable, begin, ints(sizes)), sizes);
  }

  @Override
  public List<Tensor> split(int axis, int parts) {
    int at = dimension(axis);
    if (parts < 1 || shape[at] % parts != 0) {
      return Tensor.super.split(axis, parts); // says what is wrong
    }
    if (parts == 1) {
      return List.of(this);
    }
    long[] sizes = shape();
    sizes[at] /= parts;
    List<Tensor> result = new ArrayList<>(parts);
    for (SDVariable part : graph().split(variable, parts, at)) {
      result.add(result(part, sizes));
    }
    return result;
  }

  @Override
  public Tensor concat(int axis, Tensor... others) {
    if (others.length == 0) {
      return this;
    }
    int at = dimension(axis);
    SDVariable[] all = new SDVariable[others.length + 1];
    long[] sizes = shape();
    all[0] = variable;
    for (int i = 0; i < others.length; i++) {
      all[i + 1] = variableOf(others[i]);
      sizes[at] += traced(others[i]).shape[at];
    }
    return result(graph().concat(at, all), sizes);
  }

  @Override
  public Tensor pad(int axis, long before, long after) {
    if (before == 0 && after == 0) {
      return this;
    }
    int at = dimension(axis);
    int[][] pads = new int[shape.length][2];
    pads[at] = new int[] {Math.toIntExact(before), Math.toIntExact(after)};
    long[] sizes = shape();
    sizes[at] += before + after;
    return result(
        graph().nn().pad(variable, graph().constant(Nd4j.createFromArray(pads)), 0), sizes);
  }

  // --- linear algebra ---

  @Override
  public Tensor matmul(Tensor other) {
    long[] right = other.shape();
    int rank = shape.length;
    if (rank != right.length || rank < 2 || rank > 3) {
      throw new IllegalArgumentException(
          "matmul needs two matrices or two stacks of them; it was given "
              + Arrays.toString(shape)
              + " and "
              + Arrays.toString(right));
    }
    long[] sizes = shape();
    sizes[rank - 1] = right[rank - 1];
    return result(variable.mmul(variableOf(other)), sizes);
  }

  /**
   * One product of all taps side by side with all their weights: SameDiff's convolutions with
   * oneDNN have no descriptor for dilated ones.
   */
  @Override
  public Tensor conv1d(Tensor weights, int dilation, int padLeft) {
    long[] oik = weights.shape();
    long outputs = oik[0];
    long inputs = oik[1];
    int taps = Math.toIntExact(oik[2]);
    Tensor padded = pad(2, padLeft, 0); // [B, I, T]
    long steps = padded.shape()[2] - (taps - 1L) * dilation;
    Tensor[] shifted = new Tensor[taps];
    for (int k = 0; k < taps; k++) {
      long from = (long) k * dilation;
      shifted[k] = padded.slice(2, from, from + steps);
    }
    Tensor stacked = shifted[0].concat(1, Arrays.copyOfRange(shifted, 1, taps)); // [B, K I, T']
    return stacked
        .permute(0, 2, 1)
        .reshape(-1, taps * inputs) // [B T', K I]
        .matmul(weights.permute(2, 1, 0).reshape(taps * inputs, outputs))
        .reshape(shape[0], steps, outputs)
        .permute(0, 2, 1); // [B, O, T']
  }

  /** With weights Y, X, I, O: in the order O, I, Y, X the gradient is wrong without a word. */
  @Override
  public Tensor conv2d(Tensor weights, int stride, int padY, int padX) {
    long[] oiyx = weights.shape();
    Conv2DConfig config =
        Conv2DConfig.builder()
            .kH(oiyx[2])
            .kW(oiyx[3])
            .sH(stride)
            .sW(stride)
            .pH(padY)
            .pW(padX)
            .dH(1)
            .dW(1)
            .paddingMode(PaddingMode.VALID)
            .dataFormat("NCHW")
            .weightsFormat(WeightsFormat.YXIO)
            .build();
    long height = (shape[2] + 2L * padY - oiyx[2]) / stride + 1;
    long width = (shape[3] + 2L * padX - oiyx[3]) / stride + 1;
    return result(
        graph().cnn().conv2d(variable, variableOf(weights.permute(2, 3, 1, 0)), config),
        shape[0],
        oiyx[0],
        height,
        width);
  }

  @Override
  public Tensor convTranspose2d(Tensor weights, int stride, int pad) {
    long[] ioyx = weights.shape();
    DeConv2DConfig config =
        DeConv2DConfig.builder()
            .kH(ioyx[2])
            .kW(ioyx[3])
            .sH(stride)
            .sW(stride)
            .pH(pad)
            .pW(pad)
            .dH(1)
            .dW(1)
            .isSameMode(false)
            .dataFormat("NCHW")
            .build();
    // The operation takes its weights as Y, X, O, I.
    return result(
        graph().cnn().deconv2d(variable, variableOf(weights.permute(2, 3, 1, 0)), config),
        shape[0],
        ioyx[1],
        (shape[2] - 1) * stride + ioyx[2] - 2L * pad,
        (shape[3] - 1) * stride + ioyx[3] - 2L * pad);
  }

  // --- indexing ---

  @Override
  public Tensor oneHot(long classes) {
    long[] sizes = Arrays.copyOf(shape, shape.length + 1);
    sizes[shape.length] = classes;
    SDVariable index = stopped().castTo(DataType.INT32);
    return result(
        graph().oneHot(index, Math.toIntExact(classes), shape.length, 1, 0, engine.type()), sizes);
  }

  /** Σ x · one-hot: the gradient of SameDiff's gather is wrong. */
  @Override
  public Tensor pick(Tensor index) {
    return mul(index.oneHot(shape[shape.length - 1])).sum(-1);
  }

  /** One-hot · table: the gradient of SameDiff's gather is wrong. */
  @Override
  public Tensor rows(Tensor index) {
    long[] sizes = Arrays.copyOf(index.shape(), index.shape().length + 1);
    sizes[sizes.length - 1] = shape[1];
    return index.reshape(-1).oneHot(shape[0]).matmul(this).reshape(sizes);
  }

  // --- gradients ---

  @Override
  public Tensor stopGradient() {
    return same(stopped());
  }

  private SDVariable stopped() {
    return stop(variable);
  }

  private SDVariable stop(SDVariable any) {
    return new StopGradient(graph(), any).outputVariable();
  }

  // --- out of the engine ---

  @Override
  public float[] toFloats() {
    throw TracingEngine.refused("the numbers in a tensor");
  }

  @Override
  public double[] toDoubles() {
    throw TracingEngine.refused("the numbers in a tensor");
  }

  // --- shapes ---

  private SameDiff graph() {
    return engine.graph();
  }

  private Tensor same(SDVariable made) {
    return result(made, shape);
  }

  private Tensor result(SDVariable made, long... sizes) {
    return new TracedTensor(engine, made, sizes);
  }

  private long elements() {
    return elements(shape);
  }

  private static long elements(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  private int dimension(int axis) {
    return axis < 0 ? axis + shape.length : axis;
  }

  private int[] dimensions(int... axes) {
    return Arrays.stream(axes).map(this::dimension).toArray();
  }

  /** This shape without some axes; none given stands for all. */
  private long[] without(int... axes) {
    int[] gone = dimensions(axes);
    List<Long> left = new ArrayList<>();
    for (int i = 0; i < shape.length; i++) {
      int axis = i;
      if (gone.length > 0 && Arrays.stream(gone).noneMatch(d -> d == axis)) {
        left.add(shape[i]);
      }
    }
    return left.stream().mapToLong(Long::longValue).toArray();
  }

  private long[] broadcast(Tensor other) {
    long[] a = shape;
    long[] b = traced(other).shape;
    long[] sizes = new long[Math.max(a.length, b.length)];
    for (int i = 1; i <= sizes.length; i++) {
      long mine = i <= a.length ? a[a.length - i] : 1;
      long others = i <= b.length ? b[b.length - i] : 1;
      if (mine != others && mine != 1 && others != 1) {
        throw new IllegalArgumentException(
            "shapes "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b)
                + " do not fit: "
                + mine
                + " against "
                + others);
      }
      sizes[sizes.length - i] = mine == 1 ? others : mine;
    }
    return sizes;
  }

  private static int[] ints(long[] sizes) {
    return Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
  }
}
