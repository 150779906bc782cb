package dev.ancestral.tensor.torch;

import com.sun.management.OperatingSystemMXBean;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.NativeShutdown;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorCache;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Executes tensors eagerly on libtorch, one thread per engine, on the CPU or one CUDA device.
 *
 * <p>Native memory is counted, not collected: what a scope makes is freed when it ends, and tensors
 * made outside every scope are freed when the engine closes. Any thread may use an engine, but one
 * at a time; several engines in several threads do not know of each other.
 *
 * <p>In {@link Precision#BFLOAT16} the operands of products and convolutions are rounded to
 * bfloat16 where they enter and the result is float32 again, so that the same places are rounded on
 * every device (libtorch's autocast lists differ between CPU and CUDA).
 */
public final class TorchEngine implements Engine {
  private static final long MACHINE_BYTES =
      ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
          ? system.getTotalMemorySize()
          : Long.MAX_VALUE;

  static {
    TorchLibrary.load();
  }

  /**
   * What an engine computes on and with.
   *
   * @param device where
   * @param precision with which numbers
   */
  public record Options(Device device, Precision precision) {

    /** Float32 on the CPU. */
    public static Options cpu() {
      return new Options(Device.cpu(), Precision.FLOAT32);
    }
  }

  private final Options options;
  private final torch.ScalarType type;
  private final org.bytedeco.pytorch.Device hostDevice;
  private final TensorOptions hostFloats;
  private final TensorOptions hostDoubles;
  private final TensorOptions elements;
  private final MemoryFormatOptional contiguous;
  private final Set<Pointer> owned =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  private TorchEngine(Options options) {
    this.options = options;
    type =
        options.precision() == Precision.FLOAT64 ? torch.ScalarType.Double : torch.ScalarType.Float;
    hostDevice = own(new org.bytedeco.pytorch.Device(torch.DeviceType.CPU));
    org.bytedeco.pytorch.Device device =
        options.device().kind() == Device.Kind.CPU
            ? hostDevice
            : own(
                new org.bytedeco.pytorch.Device(
                    torch.DeviceType.CUDA, (byte) options.device().index()));
    hostFloats = own(tensorOptions(hostDevice, torch.ScalarType.Float));
    hostDoubles = own(tensorOptions(hostDevice, torch.ScalarType.Double));
    elements = own(tensorOptions(device, type));
    contiguous = own(new MemoryFormatOptional());
  }

  /**
   * An engine for the calling thread.
   *
   * @throws AncestralException (CLUSTER) if the device is not there
   */
  public static TorchEngine open(Options options) {
    // Convolutions by NNPACK would differ from those of processors that it does not support, where
    // it prints a warning for every convolution instead.
    torch.globalContext().setUserEnabledNNPACK(false);
    Device device = options.device();
    if (device.kind() == Device.Kind.CUDA) {
      int devices = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
      if (device.index() >= devices) {
        throw new AncestralException(
            ErrorCode.CLUSTER,
            "device "
                + device.describe()
                + " is not there: libtorch sees "
                + devices
                + " CUDA devices; use the build with GPU natives on a machine with a driver for"
                + " CUDA 13, or train with device: cpu");
      }
    }
    TorchEngine engine = new TorchEngine(options);
    prepareThread();
    return engine;
  }

  public Options options() {
    return options;
  }

  @Override
  public Tensor constant(float[] values, long... shape) {
    org.bytedeco.pytorch.Tensor host = torch.empty(shape, hostFloats, contiguous);
    requireSize(values.length, host);
    if (values.length > 0) {
      TorchVector.floats(host).put(values);
    }
    return adopt(onDevice(host));
  }

  @Override
  public Tensor constant(double[] values, long... shape) {
    org.bytedeco.pytorch.Tensor host = torch.empty(shape, hostDoubles, contiguous);
    requireSize(values.length, host);
    host.data_ptr_double().put(values);
    return adopt(onDevice(host));
  }

  @Override
  public Tensor full(double value, long... shape) {
    return adopt(torch.full(shape, TorchTensor.scalar(value), elements));
  }

  @Override
  public TorchVector vector(long size) {
    requireMemory(size);
    return new TorchVector(this, own(zeros(size)));
  }

  @Override
  public BoundParameters bind(ParameterLayout layout) {
    return new TorchParameters(this, layout);
  }

  @Override
  public <T> T scoped(Supplier<T> work) {
    return within(GradMode.is_enabled(), work);
  }

  @Override
  public <T> T inference(Supplier<T> work) {
    return within(false, work);
  }

  @Override
  public TensorCache cache() {
    return new TorchTensorCache();
  }

  @Override
  public ValueAndGradient gradient(Function<Tensor, Tensor> function, Tensor point) {
    org.bytedeco.pytorch.Tensor[] results =
        within(
            true,
            () -> {
              org.bytedeco.pytorch.Tensor leaf =
                  TorchTensor.nativeOf(point).detach().requires_grad_(true);
              org.bytedeco.pytorch.Tensor value =
                  TorchTensor.nativeOf(function.apply(new TorchTensor(this, leaf)));
              org.bytedeco.pytorch.Tensor gradient =
                  torch
                      .grad(
                          new TensorVector(value),
                          new TensorVector(leaf),
                          new TensorVector(),
                          new BoolOptional(),
                          false,
                          false)
                      .get(0);
              // One reference of our own carries both past the end of this scope.
              return new org.bytedeco.pytorch.Tensor[] {
                value.detach().retainReference(),
                new org.bytedeco.pytorch.Tensor(gradient).retainReference()
              };
            });
    return new ValueAndGradient(handOver(results[0]), handOver(results[1]));
  }

  @Override
  public Tensor differentiableGradient(Function<Tensor, Tensor> function, Tensor point) {
    boolean before = GradMode.is_enabled();
    try {
      GradMode.set_enabled(true);
      org.bytedeco.pytorch.Tensor at = TorchTensor.nativeOf(point);
      // A constant becomes a leaf; what was computed from weights stays connected to them.
      org.bytedeco.pytorch.Tensor input =
          at.requires_grad() ? at.alias() : at.detach().requires_grad_(true);
      org.bytedeco.pytorch.Tensor value =
          TorchTensor.nativeOf(function.apply(new TorchTensor(this, input)));
      org.bytedeco.pytorch.Tensor gradient =
          new org.bytedeco.pytorch.Tensor(
              torch
                  .grad(
                      new TensorVector(value),
                      new TensorVector(input),
                      new TensorVector(),
                      new BoolOptional(true),
                      true,
                      false)
                  .get(0));
      return adopt(before ? gradient : gradient.detach());
    } finally {
      GradMode.set_enabled(before);
    }
  }

  @Override
  public String description() {
    String build = torch.show_config().getString();
    int at = build.indexOf("TORCH_VERSION=");
    String version = at < 0 ? "" : " " + build.substring(at + 14, build.indexOf(',', at));
    return "libtorch"
        + version
        + ", "
        + options.device().describe()
        + ", "
        + options.precision().name().toLowerCase(java.util.Locale.ROOT)
        + ", "
        + torch.get_cpu_capability().getString();
  }

  @Override
  @SuppressWarnings("try") // a scope is there for what is made within it
  public long memoryBytes() {
    if (options.device().kind() == Device.Kind.CPU) {
      return Pointer.physicalBytes();
    }
    try (PointerScope scope = new PointerScope()) {
      return torch.getDeviceStats((byte) options.device().index()).reserved_bytes().current();
    }
  }

  @Override
  public void close() {
    owned.forEach(Pointer::deallocate);
    owned.clear();
  }

  /** Runs work in a scope of its own, with or without recording for gradients. */
  <T> T within(boolean recording, Supplier<T> work) {
    return NativeShutdown.inside(
        () -> {
          prepareThread();
          boolean before = GradMode.is_enabled();
          PointerScope scope = new PointerScope();
          try {
            GradMode.set_enabled(recording);
            return work.get();
          } finally {
            GradMode.set_enabled(before);
            scope.close();
          }
        });
  }

  /** Wraps a new native tensor, which the innermost scope frees, or else the engine. */
  TorchTensor adopt(org.bytedeco.pytorch.Tensor tensor) {
    if (PointerScope.getInnerScope() == null) {
      own(tensor);
    }
    return new TorchTensor(this, tensor);
  }

  /** Takes a native object out of any scope; the engine frees it when it closes. */
  <P extends Pointer> P own(P pointer) {
    pointer.retainReference();
    owned.add(pointer);
    return pointer;
  }

  /** Frees an object that the engine owns before the engine closes. */
  void free(Pointer pointer) {
    owned.remove(pointer);
    pointer.deallocate();
  }

  /**
   * Refuses (CLUSTER) a vector that the machine has no room for. A system that promises memory
   * which it does not have would end the process while the vector is filled.
   */
  void requireMemory(long size) {
    long bytes = Math.multiplyExact(size, Float.BYTES);
    if (options.device().kind() == Device.Kind.CPU && bytes > MACHINE_BYTES) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "a vector of "
              + size
              + " numbers takes "
              + (bytes >> 20)
              + " MiB and the machine has "
              + (MACHINE_BYTES >> 20)
              + " MiB: memory ran out; choose a smaller model, or machines with more memory");
    }
  }

  org.bytedeco.pytorch.Tensor zeros(long... shape) {
    return torch.zeros(shape, elements);
  }

  org.bytedeco.pytorch.Tensor hostFloats(long size) {
    return torch.empty(new long[] {size}, hostFloats, contiguous);
  }

  /** The elements on the host, row-major; the same tensor if they already are. */
  org.bytedeco.pytorch.Tensor onHost(org.bytedeco.pytorch.Tensor tensor, torch.ScalarType as) {
    return tensor.to(hostDevice, as).contiguous();
  }

  boolean isHostFloat() {
    return options.device().kind() == Device.Kind.CPU && type == torch.ScalarType.Float;
  }

  boolean isBfloat16() {
    return options.precision() == Precision.BFLOAT16;
  }

  torch.ScalarType type() {
    return type;
  }

  private org.bytedeco.pytorch.Tensor onDevice(org.bytedeco.pytorch.Tensor host) {
    if (host.scalar_type() == type && options.device().kind() == Device.Kind.CPU) {
      return host;
    }
    return host.to(elements, false, false, contiguous);
  }

  private TorchTensor handOver(org.bytedeco.pytorch.Tensor retained) {
    PointerScope outer = PointerScope.getInnerScope();
    if (outer == null) {
      owned.add(retained);
    } else {
      outer.attach(retained);
      retained.releaseReference();
    }
    return new TorchTensor(this, retained);
  }

  private static TensorOptions tensorOptions(
      org.bytedeco.pytorch.Device device, torch.ScalarType type) {
    return new TensorOptions()
        .device(new DeviceOptional(device))
        .dtype(new ScalarTypeOptional(type));
  }

  /** One thread an engine: a pool of OpenMP threads for each would fight the other engines. */
  private static void prepareThread() {
    if (torch.get_num_threads() != 1) {
      torch.set_num_threads(1);
    }
  }

  private static void requireSize(int values, org.bytedeco.pytorch.Tensor tensor) {
    if (values != tensor.numel()) {
      throw new IllegalArgumentException(
          values
              + " values do not fill a tensor of shape "
              + java.util.Arrays.toString(tensor.shape()));
    }
  }
}
