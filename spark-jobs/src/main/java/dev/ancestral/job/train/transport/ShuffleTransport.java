package dev.ancestral.job.train.transport;

import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.data.transfer.JavaShuffle;
import dev.ancestral.data.transfer.Shared;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.train.ParameterGroup;
import dev.ancestral.train.TrainOptions.Strategy;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Exchanges over Spark's own shuffle: every exchange is a Spark job, so it works with fewer slots
 * than replicas, adds no port, and is encrypted where Spark is.
 *
 * <p>A job has three stages: the sums of the exchange before travel to the replicas; each replica
 * takes them in, computes, and cuts its contribution into slices; each slice's owner adds the
 * replicas' contributions in ascending replica index. The vectors never pass through the driver.
 */
public final class ShuffleTransport implements Transport {
  private final JavaSparkContext spark;
  private final Shared<TrainingContext> run;
  private final ExecutorLocation[] where;
  private final List<String> homes;

  public ShuffleTransport(JavaSparkContext spark, TrainingContext run) {
    this.spark = spark;
    this.run = Shared.of(spark, run, TrainingContext.class);
    where = new ExecutorLocation[run.replicas()];
    homes = DataLocality.choose(spark, run);
  }

  /** A point at which the replicas exchange: after the steps [from, to), for one group's update. */
  public record Exchange(long from, long to, int group, int update) implements Serializable {}

  /**
   * A piece of an exchange. Sorted by slice, then by replica, so that owners add in order.
   *
   * @param slice number, or −1 for the scalars; a compressed gradient is one slice, numbered by its
   *     sender
   * @param replica that sends it, or that it is for
   */
  public record Piece(int slice, int replica) implements Comparable<Piece>, Serializable {
    @Override
    public int compareTo(Piece other) {
      return slice != other.slice
          ? Integer.compare(slice, other.slice)
          : Integer.compare(replica, other.replica);
    }
  }

  @Override
  public List<RoundReport> round(RoundPlan plan) {
    List<Exchange> exchanges = exchanges(plan);
    JavaPairRDD<Integer, byte[]> sums = null;
    Exchange before = null;
    try {
      for (Exchange exchange : exchanges) {
        JavaPairRDD<Integer, byte[]> next = exchange(plan, before, exchange, sums);
        if (sums != null) {
          sums.unpersist(false);
        }
        sums = next;
        before = exchange;
        // The last exchange and the end of the round are one job, if it is known where the replicas
        // are; their reports tell what its scalars would.
        boolean last = exchange.equals(exchanges.get(exchanges.size() - 1));
        if (!(last && located()) && note(sums)) {
          break;
        }
      }
      return end(plan, before, sums);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      // Perhaps because a replica is no longer where it was: the next attempt looks.
      Arrays.fill(where, null);
      throw e;
    } finally {
      if (sums != null) {
        sums.unpersist(false);
      }
    }
  }

  private boolean located() {
    return Arrays.stream(where).noneMatch(Objects::isNull);
  }

  private List<Exchange> exchanges(RoundPlan plan) {
    TrainingContext run = this.run.value();
    List<Exchange> exchanges = new ArrayList<>();
    if (run.spec().strategy() == Strategy.PARAMETER_AVERAGING) {
      for (long step = plan.fromStep(); step < plan.toStep(); step = run.nextExchange(step)) {
        exchanges.add(new Exchange(step, run.nextExchange(step), -1, -1));
      }
    } else {
      List<ParameterGroup> groups =
          ParameterGroup.of((Network) run.recipe().define(), run.spec().optimizer());
      for (long step = plan.fromStep(); step < plan.toStep(); step++) {
        for (int group = 0; group < groups.size(); group++) {
          for (int update = 0; update < groups.get(group).updates(); update++) {
            exchanges.add(new Exchange(step, step + 1, group, update));
          }
        }
      }
    }
    return exchanges;
  }

  /** Runs one exchange and leaves its sums, by slice, with their owners. */
  private JavaPairRDD<Integer, byte[]> exchange(
      RoundPlan plan, Exchange before, Exchange now, JavaPairRDD<Integer, byte[]> sums) {
    Shared<TrainingContext> run = this.run;
    int replicas = run.value().replicas();
    JavaRDD<Tuple2<Piece, byte[]>> contributions =
        atReplicas(sums)
            .mapPartitionsWithIndex(
                (index, pieces) ->
                    ShuffleRound.compute(run.value(), index, plan, before, now, pieces),
                true);
    JavaPairRDD<Piece, byte[]> owned =
        JavaShuffle.sorted(JavaPairRDD.fromJavaRDD(contributions), new BySlice(replicas));
    boolean messages = run.value().spec().compression() == TrainSpec.Compression.TERNARY;
    return owned
        .mapPartitionsToPair(pieces -> new SliceSum(pieces, messages), true)
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** The pieces of the sums for every replica, each preferably where that replica is alive. */
  private JavaRDD<Tuple2<Piece, byte[]>> atReplicas(JavaPairRDD<Integer, byte[]> sums) {
    int replicas = run.value().replicas();
    if (sums == null) {
      return LocalityRdd.replicas(spark, where, homes)
          .mapPartitions(index -> List.<Tuple2<Piece, byte[]>>of().iterator(), true);
    }
    JavaPairRDD<Piece, byte[]> copied =
        sums.flatMapToPair(
            sum -> {
              List<Tuple2<Piece, byte[]>> copies = new ArrayList<>();
              for (int replica = 0; replica < replicas; replica++) {
                copies.add(new Tuple2<>(new Piece(sum._1(), replica), sum._2()));
              }
              return copies.iterator();
            });
    JavaPairRDD<Piece, byte[]> dealt = JavaShuffle.sorted(copied, new ByReplica(replicas));
    return LocalityRdd.at(dealt, where);
  }

  private List<RoundReport> end(
      RoundPlan plan, Exchange before, JavaPairRDD<Integer, byte[]> sums) {
    Shared<TrainingContext> run = this.run;
    List<byte[]> told =
        atReplicas(sums)
            .mapPartitionsWithIndex(
                (index, pieces) -> {
                  RoundReport report = ShuffleRound.end(run.value(), index, plan, before, pieces);
                  return List.of(JavaBytes.of(report)).iterator();
                },
                true)
            .collect();
    List<RoundReport> reports =
        told.stream().map(report -> JavaBytes.value(report, RoundReport.class)).toList();
    for (RoundReport report : reports) {
      where[report.replica()] = new ExecutorLocation(report.host(), report.executor());
    }
    return reports;
  }

  /**
   * Runs the job, and learns from the scalars where the replicas were.
   *
   * @return whether the objective is no longer a finite number
   */
  private boolean note(JavaPairRDD<Integer, byte[]> sums) {
    boolean diverged = false;
    for (byte[] sum : sums.filter(one -> one._1() < 0).values().collect()) {
      Scalars scalars = Scalars.of(sum);
      scalars.locations().forEach((replica, location) -> where[replica] = location);
      diverged |= !scalars.finite();
    }
    return diverged;
  }

  @Override
  public String describe() {
    return "spark";
  }

  @Override
  public void close() {
    ReplicaCleanup.replicas(spark, run.value(), where);
    run.destroy();
  }

  private static final class BySlice extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int owners;

    private BySlice(int owners) {
      this.owners = owners;
    }

    @Override
    public int numPartitions() {
      return owners;
    }

    @Override
    public int getPartition(Object key) {
      return Math.floorMod(((Piece) key).slice(), owners);
    }
  }

  private static final class ByReplica extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int replicas;

    private ByReplica(int replicas) {
      this.replicas = replicas;
    }

    @Override
    public int numPartitions() {
      return replicas;
    }

    @Override
    public int getPartition(Object key) {
      return ((Piece) key).replica();
    }
  }

  /** The objective summed so far in an exchange, with where the replicas that sent it are. */
  public record Scalars(double[] values, Map<Integer, ExecutorLocation> locations) {

    static Scalars of(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      double[] values = new double[in.getInt()];
      for (int i = 0; i < values.length; i++) {
        values[i] = in.getDouble();
      }
      Map<Integer, ExecutorLocation> locations = new TreeMap<>();
      String text = StandardCharsets.UTF_8.decode(in).toString();
      for (String line : text.split("\n")) {
        String[] fields = line.split("\t");
        locations.put(Integer.valueOf(fields[0]), new ExecutorLocation(fields[1], fields[2]));
      }
      return new Scalars(values, locations);
    }

    byte[] bytes() {
      StringBuilder text = new StringBuilder();
      locations.forEach(
          (replica, location) ->
              text.append(text.isEmpty() ? "" : "\n")
                  .append(replica)
                  .append('\t')
                  .append(location.host())
                  .append('\t')
                  .append(location.executor()));
      byte[] tail = text.toString().getBytes(StandardCharsets.UTF_8);
      ByteBuffer out =
          ByteBuffer.allocate(Integer.BYTES + values.length * Double.BYTES + tail.length);
      out.putInt(values.length);
      for (double value : values) {
        out.putDouble(value);
      }
      return out.put(tail).array();
    }

    boolean finite() {
      for (double value : values) {
        if (!Double.isFinite(value)) {
          return false;
        }
      }
      return true;
    }

    Scalars plus(Scalars other) {
      double[] sum = values.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other.values[i];
      }
      Map<Integer, ExecutorLocation> all = new TreeMap<>(locations);
      all.putAll(other.locations);
      return new Scalars(sum, all);
    }
  }

  /** Adds the pieces of each slice as they come, in ascending replica index. */
  private static final class SliceSum implements Iterator<Tuple2<Integer, byte[]>> {
    private final Iterator<Tuple2<Piece, byte[]>> pieces;
    private final boolean messages;
    private Tuple2<Piece, byte[]> ahead;

    /** Messages are handed on as they are: every replica decodes them all. */
    private SliceSum(Iterator<Tuple2<Piece, byte[]>> pieces, boolean messages) {
      this.pieces = pieces;
      this.messages = messages;
      ahead = pieces.hasNext() ? pieces.next() : null;
    }

    @Override
    public boolean hasNext() {
      return ahead != null;
    }

    @Override
    public Tuple2<Integer, byte[]> next() {
      int slice = ahead._1().slice();
      if (messages && slice >= 0) {
        Tuple2<Integer, byte[]> message = new Tuple2<>(slice, ahead._2());
        ahead = pieces.hasNext() ? pieces.next() : null;
        return message;
      }
      float[] sum = null;
      Scalars scalars = null;
      while (ahead != null && ahead._1().slice() == slice) {
        if (slice < 0) {
          Scalars one = Scalars.of(ahead._2());
          scalars = scalars == null ? one : scalars.plus(one);
        } else if (sum == null) {
          sum = floats(ahead._2());
        } else {
          add(ahead._2(), sum);
        }
        ahead = pieces.hasNext() ? pieces.next() : null;
      }
      return new Tuple2<>(slice, slice < 0 ? scalars.bytes() : bytes(sum));
    }

    private static float[] floats(byte[] bytes) {
      float[] values = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    }

    private static void add(byte[] bytes, float[] sum) {
      float[] addend = floats(bytes);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += addend[i];
      }
    }

    private static byte[] bytes(float[] values) {
      ByteBuffer out =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.asFloatBuffer().put(values);
      return out.array();
    }
  }

  /** {@code spark}: any cluster can carry it. */
  public static final class Shuffle implements TransportProvider {
    @Override
    public String name() {
      return SPARK;
    }

    @Override
    public boolean simultaneous() {
      return false;
    }

    @Override
    public boolean protectedBySpark() {
      return true;
    }

    @Override
    public Optional<String> obstacle(JavaSparkContext spark, TrainingContext run) {
      return Optional.empty();
    }

    @Override
    public Transport open(JavaSparkContext spark, TrainingContext run) {
      return new ShuffleTransport(spark, run);
    }
  }
}
