package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Definition;
import dev.ancestral.model.Network;
import dev.ancestral.tensor.Arithmetic;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.torch.TorchArithmetic;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The arithmetic of the processes that compute for a command. Unlike ones are refused before what
 * they compute is mixed, and so are those that did not choose what {@value ArithmeticPin#KEY} asks
 * for.
 */
public final class CommonArithmetic {
  private static final int PROBES = 3;

  private CommonArithmetic() {}

  /** A process and its arithmetic. */
  private record Seen(ExecutorLocation place, Arithmetic arithmetic) implements Serializable {
    private static final long serialVersionUID = 1L;

    static Seen here() {
      ExecutorLocation here = ExecutorLocation.here();
      try {
        return new Seen(here, TorchArithmetic.inUse());
      } catch (LinkageError e) {
        throw new AncestralException(
            ErrorCode.CLUSTER,
            name(here)
                + ": libtorch cannot be loaded ("
                + e
                + "); ancestral doctor says what is missing");
      }
    }

    private static String name(ExecutorLocation place) {
      return place.isDriver()
          ? "this process"
          : "executor " + place.executor() + " on " + place.host();
    }

    String name() {
      return name(place);
    }
  }

  private record Look() implements TaskRunner.Work<Integer, Seen> {
    private static final long serialVersionUID = 1L;

    @Override
    public Seen on(Integer probe) {
      return Seen.here();
    }
  }

  /**
   * What all executors compute with.
   *
   * @return empty where they differ and may: {@code spark.ancestral.arithmetic} is {@code any}, or
   *     tasks have GPUs, and what processors would do is of no account
   * @throws AncestralException (CLUSTER) if they differ among themselves, or from what was asked
   *     for
   */
  public static Optional<Arithmetic> of(JavaSparkContext spark) {
    ArithmeticPin pin = ArithmeticPin.of(spark.getConf());
    List<Seen> seen = spark.isLocal() ? List.of(Seen.here()) : look(spark);
    for (Seen process : seen) {
      pin.obstacle(process.arithmetic())
          .ifPresent(
              obstacle -> {
                throw new AncestralException(ErrorCode.CLUSTER, process.name() + " " + obstacle);
              });
    }
    boolean same = seen.stream().map(Seen::arithmetic).distinct().count() == 1;
    if (!same && !pin.allowsAny() && !onGpus(spark)) {
      throw new AncestralException(ErrorCode.CLUSTER, unlike(seen));
    }
    return same ? Optional.of(seen.get(0).arithmetic()) : Optional.empty();
  }

  /** Before a model is scored or drawn from: nothing to see to where Java alone computes. */
  public static void requireFor(Definition model, JavaSparkContext spark) {
    if (model instanceof Network) {
      of(spark);
    }
  }

  private static boolean onGpus(JavaSparkContext spark) {
    return spark.getConf().contains("spark.task.resource.gpu.amount");
  }

  private static List<Seen> look(JavaSparkContext spark) {
    Map<String, Seen> found = new TreeMap<>();
    int slots = TaskSlots.now(spark);
    int expected = spark.sc().statusTracker().getExecutorInfos().length - 1;
    for (int i = 0; i < PROBES && (i == 0 || found.size() < expected); i++) {
      TaskRunner.run(
          spark,
          "what executors compute with",
          IntStream.range(0, Math.max(2, 2 * slots)).boxed().toList(),
          new Look(),
          (index, seen) -> found.put(seen.place().executor(), seen));
    }
    return List.copyOf(found.values());
  }

  private static String unlike(List<Seen> seen) {
    Map<Arithmetic, List<String>> groups =
        seen.stream()
            .collect(
                Collectors.groupingBy(
                    Seen::arithmetic,
                    LinkedHashMap::new,
                    Collectors.mapping(Seen::name, Collectors.toList())));
    List<Arithmetic> kinds = new ArrayList<>(groups.keySet());
    Arithmetic first = kinds.get(0);
    StringBuilder text = new StringBuilder("executors compute differently: ");
    for (Arithmetic kind : kinds) {
      text.append(kind.equals(first) ? "" : "; ")
          .append(String.join(", ", groups.get(kind)))
          .append(" with ")
          .append(kind.describe());
    }
    return text.append("; their bytes would mix: ").append(ArithmeticPin.advice(first)).toString();
  }

  /**
   * Refuses to go on with what another arithmetic began.
   *
   * @param began what did, if it is known
   * @param now what would go on, if it is one
   * @param what was begun, for the message
   * @throws AncestralException (CLUSTER) naming both, and how to pin
   */
  public static void requireSame(
      JavaSparkContext spark, Arithmetic began, Optional<Arithmetic> now, String what) {
    if (began == null
        || ArithmeticPin.of(spark.getConf()).allowsAny()
        || onGpus(spark)
        || now.map(began::equals).orElse(true)) {
      return;
    }
    throw new AncestralException(
        ErrorCode.CLUSTER,
        what
            + " was computed with "
            + began.describe()
            + ", and here is "
            + now.get().describe()
            + "; its bytes would be neither's: "
            + ArithmeticPin.advice(began)
            + ", or begin anew");
  }

  /**
   * Of an executor that came after the others were looked at.
   *
   * @param common what the others compute with, or null where any will do
   * @param device that this one computes on
   * @throws AncestralException (CLUSTER) if this process computes otherwise
   */
  public static void requireHere(Arithmetic common, Device device) {
    if (common == null
        || device.kind() == Device.Kind.CUDA
        || common.equals(TorchArithmetic.inUse())) {
      return;
    }
    Seen here = Seen.here();
    throw new AncestralException(
        ErrorCode.CLUSTER,
        here.name()
            + " computes with "
            + here.arithmetic().describe()
            + " and the others with "
            + common.describe()
            + "; their bytes would mix: "
            + ArithmeticPin.advice(common));
  }
}
