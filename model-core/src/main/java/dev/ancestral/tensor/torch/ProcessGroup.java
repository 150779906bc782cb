package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Precision;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/**
 * Processes that exchange flat vectors through libtorch's c10d: Gloo between hosts' memories, NCCL
 * between CUDA devices. Every process makes the same calls in the same order; a call fails when a
 * peer has gone or the deadline passes.
 *
 * <p>Gloo's connections are neither authenticated nor encrypted.
 */
@SuppressWarnings("try") // a scope is there for what it closes
public final class ProcessGroup implements AutoCloseable {
  static {
    TorchLibrary.load();
  }

  // Gloo tries to connect about as often, each time as long as its timeout.
  private static final int CONNECT_TRIES = 5;
  private static final long SHORTEST_TRY_MILLIS = 2000;

  private final Backend backend;
  private final TorchEngine engine;
  private final long deadlineMillis;
  private final int rank;
  private final int size;
  private final boolean onHost;
  private final UseCount uses = new UseCount("the process group");
  private final Optional<LocalStore> store;
  private long bytesSent;

  private ProcessGroup(
      Backend backend,
      Optional<LocalStore> store,
      Device device,
      long deadlineMillis,
      int rank,
      int size) {
    this.backend = backend;
    this.store = store;
    // The buffers belong to no replica: a group outlives them.
    this.engine = TorchEngine.open(new TorchEngine.Options(device, Precision.FLOAT32));
    this.deadlineMillis = deadlineMillis;
    this.rank = rank;
    this.size = size;
    this.onHost = device.kind() == Device.Kind.CPU;
  }

  /**
   * Joins a group whose vectors lie in host memory.
   *
   * @param store where the members find each other, this group's alone; not used afterwards
   * @param rank of this process, 0 to size − 1
   * @param size number of processes
   * @param address of this host by which the others reach it
   */
  public static ProcessGroup gloo(
      LocalStore store, int rank, int size, String address, long deadlineMillis) {
    try (PointerScope scope = new PointerScope()) {
      long tryMillis =
          Math.max(deadlineMillis / CONNECT_TRIES, Math.min(deadlineMillis, SHORTEST_TRY_MILLIS));
      ProcessGroupGloo.Options options =
          ProcessGroupGloo.Options.create(new Milliseconds(tryMillis));
      options.devices().push_back(ProcessGroupGloo.createDeviceForHostname(address));
      ProcessGroupGloo group = new ProcessGroupGloo(store.connection(), rank, size, options);
      group.setTimeout(new Milliseconds(deadlineMillis));
      group.retainReference();
      return new ProcessGroup(group, Optional.empty(), Device.cpu(), deadlineMillis, rank, size);
    }
  }

  /**
   * Joins a group whose vectors lie on CUDA devices, one a process.
   *
   * @param store where the members find each other, this group's alone; NCCL asks it as long as the
   *     group lives, so closing the group closes it
   * @param rank of this process, 0 to size − 1
   * @param size number of processes
   * @param device of this process
   */
  public static ProcessGroup nccl(
      LocalStore store, int rank, int size, Device device, long deadlineMillis) {
    try (PointerScope scope = new PointerScope()) {
      ProcessGroupNCCL group = new ProcessGroupNCCL(store.connection(), rank, size);
      group.setTimeout(new Milliseconds(deadlineMillis));
      group.retainReference();
      return new ProcessGroup(group, Optional.of(store), device, deadlineMillis, rank, size);
    }
  }

  public int rank() {
    return rank;
  }

  public int size() {
    return size;
  }

  /** Zeros where the group's vectors lie. */
  public FlatVector vector(long length) {
    return engine.vector(length);
  }

  /**
   * Sends a piece of {@code in} to every process and receives one from each.
   *
   * @param in pieces for processes 0, 1, … one after the other
   * @param inSizes their lengths
   * @param out pieces from processes 0, 1, … one after the other
   * @param outSizes their lengths
   */
  public void allToAll(FlatVector in, long[] inSizes, FlatVector out, long[] outSizes) {
    exchange(
        () ->
            await(
                backend.alltoall_base(
                    tensor(out), tensor(in), new LongVector(outSizes), new LongVector(inSizes))));
    bytesSent += Float.BYTES * (in.size() - inSizes[rank]);
  }

  /** Whether {@link #swap} can be used: NCCL would need both directions in one group call. */
  public boolean swaps() {
    return onHost;
  }

  /**
   * Sends vectors to one other process and receives as many, equally long, from it, all under way
   * at once: half the waits of a collective where there are only two.
   */
  public void swap(int peer, FlatVector[] out, FlatVector[] in) {
    exchange(
        () -> {
          Work[] works = new Work[2 * out.length];
          for (int i = 0; i < out.length; i++) {
            works[2 * i] = backend.recv(new TensorVector(tensor(in[i])), peer, i);
            works[2 * i + 1] = backend.send(new TensorVector(tensor(out[i])), peer, i);
          }
          for (Work work : works) {
            await(work);
          }
        });
    for (FlatVector each : out) {
      bytesSent += Float.BYTES * each.size();
    }
  }

  /** Gathers the vectors of all processes, equally long, one after the other. */
  public void allGather(FlatVector in, FlatVector out) {
    exchange(() -> await(backend._allgather_base(tensor(out), tensor(in))));
    bytesSent += Float.BYTES * in.size() * (size - 1);
  }

  /** Replaces the vector by the sum over the processes, added in whatever order is quickest. */
  public void allReduce(FlatVector vector) {
    exchange(() -> await(backend.allreduce(new TensorVector(tensor(vector)))));
    bytesSent += 2 * Float.BYTES * vector.size() * (size - 1) / size;
  }

  /** Bytes that this process has sent. */
  public long bytesSent() {
    return bytesSent;
  }

  private void exchange(Runnable calls) {
    uses.run(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            calls.run();
          }
        });
  }

  private void await(Work work) {
    work._wait(new Milliseconds(deadlineMillis));
  }

  private static Tensor tensor(FlatVector vector) {
    return ((TorchVector) vector).data();
  }

  /**
   * Closes the connections once no call is under way, at the latest after the deadline; peers that
   * wait for this process fail.
   */
  @Override
  public void close() {
    uses.close(
        () -> {
          backend.releaseReference();
          store.ifPresent(LocalStore::close);
        });
  }
}
