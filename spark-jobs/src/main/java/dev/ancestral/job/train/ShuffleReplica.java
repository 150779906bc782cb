package dev.ancestral.job.train;

import dev.ancestral.job.train.ShuffleTransport.Exchange;
import dev.ancestral.job.train.ShuffleTransport.Piece;
import dev.ancestral.job.train.ShuffleTransport.Scalars;
import dev.ancestral.job.train.TrainSpec.Strategy;
import dev.ancestral.tensor.FlatVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import scala.Tuple2;

/** A replica's side of {@link ShuffleTransport}: pieces in, steps, pieces out. */
final class ShuffleReplica {
  private final Run run;
  private final int index;
  private final Workplace place;

  private ShuffleReplica(Run run, int index) {
    this.run = run;
    this.index = index;
    this.place = Workplace.ofTask(run.spec().device());
  }

  /** The replica of the task on this thread. */
  static ShuffleReplica of(Run run, int index) {
    return new ShuffleReplica(run, index);
  }

  /** Takes in the sums of the exchange before, computes up to the next, and contributes to it. */
  Iterator<Tuple2<Piece, byte[]>> compute(
      RoundPlan plan, Exchange before, Exchange now, Iterator<Tuple2<Piece, byte[]>> sums) {
    return with(
        replica -> {
          if (before == null) {
            replica.begin(plan);
          } else {
            replica.require(position(plan, before));
            takeIn(replica, before, sums);
          }
          double[] scalars = steps(replica, now);
          replica.standsAt(position(plan, now));
          byte[] first = new Scalars(scalars, Map.of(index, place.location())).bytes();
          return new Contribution(replica, now, first);
        });
  }

  /** Takes in the last sums of a round and ends it. */
  RoundReport end(RoundPlan plan, Exchange before, Iterator<Tuple2<Piece, byte[]>> sums) {
    return with(
        replica -> {
          replica.require(position(plan, before));
          takeIn(replica, before, sums);
          return replica.end(plan, place, replica.takeBytesSent());
        });
  }

  private <T> T with(Function<Replica, T> work) {
    return ResidentReplicas.with(run, index, place.device(), work, () -> {});
  }

  private static String position(RoundPlan plan, Exchange exchange) {
    return plan.stamp() + " " + exchange;
  }

  private boolean averaging() {
    return run.spec().strategy() == Strategy.PARAMETER_AVERAGING;
  }

  private double[] steps(Replica replica, Exchange now) {
    return averaging()
        ? replica.learner().localSteps(now.from(), now.to())
        : new double[] {replica.learner().sharedGradient(now.from(), now.player(), now.update())};
  }

  private void takeIn(Replica replica, Exchange exchange, Iterator<Tuple2<Piece, byte[]>> sums) {
    long started = System.nanoTime();
    double[] scalars = {};
    List<byte[]> messages = new ArrayList<>();
    while (sums.hasNext()) {
      Tuple2<Piece, byte[]> piece = sums.next();
      int slice = piece._1().slice();
      if (slice < 0) {
        scalars = Scalars.of(piece._2()).values();
      } else if (replica.isCompressed()) {
        messages.add(piece._2());
      } else {
        FloatBuffer values =
            ByteBuffer.wrap(piece._2()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        write(replica, exchange, slice * sliceSize(replica, exchange), values);
      }
    }
    if (replica.isCompressed()) {
      replica
          .learner()
          .applyMessages(exchange.player(), messages.toArray(byte[][]::new), new double[0]);
    }
    replica.addExchangeNanos(System.nanoTime() - started);
    if (!averaging()) {
      if (!replica.isCompressed()) {
        replica.learner().applyGradient(exchange.from(), exchange.player(), exchange.update());
      }
      PlayerShare last = replica.players().get(replica.players().size() - 1);
      if (exchange.player() == replica.players().size() - 1
          && exchange.update() == last.player().updates() - 1) {
        replica.learner().afterStep(exchange.from());
      }
    }
    replica.learner().noteDivergence(scalars, exchange.to() - 1);
  }

  private void write(Replica replica, Exchange exchange, long at, FloatBuffer values) {
    if (averaging()) {
      replica.state().write(at, values);
    } else {
      replica
          .parameters()
          .gradient()
          .write(replica.players().get(exchange.player()).offset() + at, values);
    }
  }

  private long size(Replica replica, Exchange exchange) {
    return averaging() ? replica.state().size() : replica.players().get(exchange.player()).size();
  }

  private long sliceSize(Replica replica, Exchange exchange) {
    long even = (size(replica, exchange) + run.replicas() - 1) / run.replicas();
    return Math.min(ReplicaState.CHUNK, even);
  }

  /** The pieces of a contribution, copied out of the engine one at a time. */
  private final class Contribution implements Iterator<Tuple2<Piece, byte[]>> {
    private final Replica replica;
    private final Exchange exchange;
    private final byte[] scalars;
    private int next = -1;

    private Contribution(Replica replica, Exchange exchange, byte[] scalars) {
      this.replica = replica;
      this.exchange = exchange;
      this.scalars = scalars;
    }

    @Override
    public boolean hasNext() {
      return replica.isCompressed()
          ? next < 1
          : next * sliceSize(replica, exchange) < size(replica, exchange);
    }

    @Override
    public Tuple2<Piece, byte[]> next() {
      int slice = next++;
      if (slice < 0) {
        return new Tuple2<>(new Piece(-1, index), scalars);
      }
      if (replica.isCompressed()) {
        byte[] message =
            with(
                one ->
                    one.learner()
                        .message(
                            exchange.from(), exchange.player(), exchange.update(), new double[0]));
        replica.addBytesSent((long) message.length * (run.replicas() - 1));
        return new Tuple2<>(new Piece(index, index), message);
      }
      long from = slice * sliceSize(replica, exchange);
      int count = (int) Math.min(sliceSize(replica, exchange), size(replica, exchange) - from);
      byte[] bytes = with(one -> slice(one, from, count));
      // Out as a contribution, and as much again when the sums are handed out.
      replica.addBytesSent(2L * bytes.length);
      return new Tuple2<>(new Piece(slice, index), bytes);
    }

    private byte[] slice(Replica one, long from, int count) {
      ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      if (averaging()) {
        one.state().read(from, bytes.asFloatBuffer());
        one.weigh(exchange.from(), exchange.to(), bytes.asFloatBuffer());
      } else {
        try (FlatVector own =
            one.parameters()
                .gradient()
                .window(one.players().get(exchange.player()).offset() + from, count)) {
          own.read(0, bytes.asFloatBuffer());
        }
      }
      return bytes.array();
    }
  }
}
