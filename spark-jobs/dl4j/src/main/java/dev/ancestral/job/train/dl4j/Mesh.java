package dev.ancestral.job.train.dl4j;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.TaskRunner;
import dev.ancestral.spark.TaskSlots;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.parameterserver.distributed.v2.ModelParameterServer;
import org.nd4j.parameterserver.distributed.v2.transport.Transport;

/**
 * The processes between which gradients can be shared: each was seen, and datagrams pass between
 * any two of them.
 *
 * @param driver address by which executors reach the driver
 * @param executors where replicas can be
 * @param files how Aeron is set up
 */
record Mesh(String driver, List<Seat> executors, AeronFiles files) {
  private static final int PROBES = 3;
  private static final String LOOPBACK = "127.0.0.1";
  private static final String INSTEAD =
      "; or use strategy: parameter-averaging, which travels by Spark, or engine: torch";

  /**
   * A process.
   *
   * @param executor id
   * @param host by Spark's name
   * @param address in numbers
   * @param port on which it answers datagrams
   * @param failure why it does not, or null
   */
  record Seat(
      String executor,
      String host,
      String address,
      int port,
      long sharedMemory,
      long temporary,
      String failure)
      implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Of this process. */
    static Seat here(String host) {
      String executor = ExecutorLocation.here().executor();
      long shared = AeronFiles.place().getUsableSpace();
      long temporary = new File(System.getProperty("java.io.tmpdir")).getUsableSpace();
      try {
        String address = MeshSettings.ownAddress(host);
        if (address.indexOf(':') >= 0) {
          return new Seat(
              executor, host, address, 0, shared, temporary, "DeepLearning4J takes IPv4 only");
        }
        return new Seat(executor, host, address, UdpEcho.answer(address), shared, temporary, null);
      } catch (IOException | RuntimeException e) {
        return new Seat(executor, host, "", 0, shared, temporary, e.getMessage());
      }
    }

    /** The form that Spark's scheduler understands. */
    String asPreference() {
      return "executor_" + host + "_" + executor;
    }

    String name() {
      return executor.equals("driver") ? "the driver" : "executor " + executor + " on " + host;
    }
  }

  private record Look(boolean leave) implements TaskRunner.Work<Integer, Seat> {
    private static final long serialVersionUID = 1L;

    @Override
    public Seat on(Integer probe) {
      if (leave) {
        leaveMesh();
      }
      return Seat.here(ExecutorLocation.here().host());
    }
  }

  private record Ask(List<Seat> seats) implements TaskRunner.Work<Integer, Answer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Answer on(Integer probe) {
      String own = ExecutorLocation.here().executor();
      return new Answer(
          own,
          new ArrayList<>(
              seats.stream()
                  .filter(seat -> !seat.executor().equals(own))
                  .filter(seat -> !UdpEcho.answers(seat.address(), seat.port()))
                  .map(Seat::executor)
                  .toList()));
    }
  }

  private record Answer(String executor, ArrayList<String> silent) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Looks who is there, who leaves whatever mesh he was in.
   *
   * @throws AncestralException (CLUSTER) if datagrams do not pass, or Aeron's files have no room
   */
  static Mesh join(JavaSparkContext spark) {
    List<Seat> seats = seats(spark, true);
    obstacle(spark, seats)
        .ifPresent(
            why -> {
              throw new AncestralException(ErrorCode.CLUSTER, why);
            });
    return new Mesh(
        seats.get(0).address(),
        spark.isLocal() ? seats : seats.subList(1, seats.size()),
        files(seats).orElseThrow());
  }

  /** Why gradients cannot be shared on this cluster, and how to mend it; empty if they can. */
  static Optional<String> obstacle(JavaSparkContext spark) {
    return obstacle(spark, seats(spark, false));
  }

  /** Leaves whatever mesh this process is in. */
  static void leaveMesh() {
    ModelParameterServer server = ModelParameterServer.getInstance();
    if (server.isInitialized()) {
      Transport transport = server.getTransport();
      server.shutdown();
      TransportThreads.end(transport);
    }
  }

  /** Lets all processes leave. */
  static void dissolve(JavaSparkContext spark) {
    if (!spark.isLocal()) {
      seats(spark, true);
    }
    leaveMesh();
  }

  /** The driver, then the executors; where it is local, the driver alone. */
  private static List<Seat> seats(JavaSparkContext spark, boolean leave) {
    List<Seat> seats = new ArrayList<>();
    if (spark.isLocal()) {
      seats.add(Seat.here(LOOPBACK));
      return seats;
    }
    seats.add(Seat.here(spark.getConf().get("spark.driver.host")));
    Map<String, Seat> found = new TreeMap<>();
    everywhere(spark, new Look(leave), (index, seat) -> found.put(seat.executor(), seat), found);
    seats.addAll(found.values());
    return seats;
  }

  /** Runs work on every executor at least once, as far as they are free. */
  private static <R extends Serializable> void everywhere(
      JavaSparkContext spark,
      TaskRunner.Work<Integer, R> work,
      BiConsumer<Integer, R> onResult,
      Map<String, ?> found) {
    int expected = spark.sc().statusTracker().getExecutorInfos().length - 1;
    for (int i = 0; i < PROBES && found.size() < expected; i++) {
      TaskRunner.run(
          spark,
          "shared gradients: who is there",
          IntStream.range(0, 2 * TaskSlots.now(spark)).boxed().toList(),
          work,
          onResult);
    }
  }

  private static Optional<String> obstacle(JavaSparkContext spark, List<Seat> seats) {
    for (Seat seat : seats) {
      if (seat.failure() != null) {
        return Optional.of(
            seat.name()
                + " cannot receive datagrams ("
                + seat.failure()
                + "), by which DeepLearning4J shares gradients"
                + INSTEAD);
      }
    }
    Optional<String> silence = spark.isLocal() ? Optional.empty() : silence(spark, seats);
    return silence.isPresent() ? silence : files(seats).isPresent() ? silence : noRoom(seats);
  }

  private static Optional<String> silence(JavaSparkContext spark, List<Seat> seats) {
    Map<String, List<String>> silent = new TreeMap<>();
    Ask ask = new Ask(new ArrayList<>(seats));
    silent.put("driver", ask.on(0).silent());
    Map<String, List<String>> answered = new TreeMap<>();
    everywhere(
        spark, ask, (index, answer) -> answered.put(answer.executor(), answer.silent()), answered);
    silent.putAll(answered);
    Map<String, Seat> byId = seats.stream().collect(Collectors.toMap(Seat::executor, seat -> seat));
    for (Map.Entry<String, List<String>> entry : silent.entrySet()) {
      for (String other : entry.getValue()) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "UDP datagrams of %,d bytes from %s (%s) to %s (%s) are not answered, and"
                    + " DeepLearning4J shares gradients by UDP, on ports that the system chooses;"
                    + " open UDP between the driver and all executors%s",
                UdpEcho.DATAGRAM,
                byId.containsKey(entry.getKey()) ? byId.get(entry.getKey()).name() : "executor",
                byId.containsKey(entry.getKey()) ? byId.get(entry.getKey()).address() : "",
                byId.get(other).name(),
                byId.get(other).address(),
                INSTEAD));
      }
    }
    return Optional.empty();
  }

  private static Map<String, List<Seat>> machines(List<Seat> seats) {
    return seats.stream()
        .collect(Collectors.groupingBy(Seat::address, TreeMap::new, Collectors.toList()));
  }

  private static Optional<AeronFiles> files(List<Seat> seats) {
    return AeronFiles.fitting(
        seats.size(),
        machines(seats).values().stream()
            .map(
                there ->
                    new AeronFiles.Room(
                        there.size(),
                        there.stream().mapToLong(Seat::sharedMemory).min().orElse(0),
                        there.stream().mapToLong(Seat::temporary).min().orElse(0)))
            .toList());
  }

  private static Optional<String> noRoom(List<Seat> seats) {
    long each = AeronFiles.least(seats.size());
    return machines(seats).values().stream()
        .filter(
            there ->
                there.stream().anyMatch(seat -> seat.sharedMemory() < there.size() * each)
                    && there.stream().anyMatch(seat -> seat.temporary() < there.size() * each))
        .findFirst()
        .map(
            there ->
                String.format(
                    Locale.ROOT,
                    "%s has %,d MB free below %s and %,d MB below java.io.tmpdir, and Aeron, by"
                        + " which DeepLearning4J shares gradients, needs %,d MB there for %d"
                        + " processes; make room, or start the container with a larger"
                        + " --shm-size%s",
                    there.get(0).name(),
                    there.get(0).sharedMemory() >> 20,
                    AeronFiles.place(),
                    there.get(0).temporary() >> 20,
                    (there.size() * each) >> 20,
                    there.size(),
                    INSTEAD));
  }
}
