package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.ListeningSockets;
import dev.ancestral.job.Strangers;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.transport.GroupProof;
import dev.ancestral.job.train.transport.GroupSecret;
import dev.ancestral.job.train.transport.Rendezvous;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.tensor.torch.RendezvousStore;
import dev.ancestral.train.collective.CollectiveException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who reaches the ports of a group can end it at most; the group never adds what is not its own.
 */
class StrangersTest {
  private static final int DEADLINE_SECONDS = 20;
  private static final long DEADLINE = TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS);
  private static final String HOST = "127.0.0.1";
  // Longer than the deadlines of joining, of proving and of adding together.
  private static final long MUCH_LONGER_SECONDS = 120;

  private final ExecutorService members = Executors.newFixedThreadPool(2);

  @AfterEach
  void stop() {
    members.shutdownNow();
  }

  // libtorch asks the resolver for the name of every address that connects: seconds, where that is
  // slow.
  @Tag("long")
  @ParameterizedTest
  // Who takes a peer's place ends the group: ClosedDoorsTest.
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PEER")
  void a_stranger_neither_joins_nor_stalls_a_group(Strangers.Manner manner) throws Exception {
    Set<Integer> known = ListeningSockets.own();
    GroupSecret secret = GroupSecret.random();
    try (RendezvousStore store = RendezvousStore.serve(HOST, DEADLINE);
        Strangers strangers = new Strangers(manner, () -> opened(known))) {
      await(() -> strangers.ports() >= 1);
      Future<float[]> first = members.submit(() -> member(store.port(), 0, secret));
      await(() -> strangers.ports() >= 2 || first.isDone());
      Future<float[]> second = members.submit(() -> member(store.port(), 1, secret));
      for (Future<float[]> member : List.of(first, second)) {
        assertArrayEquals(new float[] {3, 3, 3}, member.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
      }
      assertTrue(strangers.connections() > 0, "no port let a stranger in");
    }
  }

  // libtorch asks the resolver for the name of every address that connects: seconds, where that is
  // slow.
  @Tag("long")
  @Test
  void who_does_not_know_the_secret_is_no_member() throws Exception {
    try (RendezvousStore store = RendezvousStore.serve(HOST, DEADLINE)) {
      GroupSecret secret = GroupSecret.random();
      Future<float[]> member = members.submit(() -> member(store.port(), 0, secret));
      Future<float[]> impostor =
          members.submit(() -> member(store.port(), 1, GroupSecret.random()));
      ExecutionException refused =
          assertThrows(
              ExecutionException.class, () -> member.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
      assertInstanceOf(CollectiveException.class, refused.getCause());
      assertTrue(
          refused.getCause().getMessage().startsWith("rank 1 did not show the run's secret"),
          refused::toString);
      assertThrows(
          ExecutionException.class, () -> impostor.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
    }
  }

  @Test
  void what_a_stranger_writes_to_the_store_is_not_believed() {
    TrainingContext run = TrainingFixture.withoutData("run", 2, DEADLINE_SECONDS);
    GroupSecret secret = GroupSecret.random();
    Rendezvous.Participant participant =
        new Rendezvous.Participant(run, "attempt", 0, HOST, 1, Device.cpu());
    String key = Rendezvous.key(secret, "run/attempt", 1);
    try (RendezvousStore store = RendezvousStore.serve(HOST, DEADLINE);
        RendezvousStore stranger = RendezvousStore.connect(HOST, store.port(), DEADLINE)) {
      Rendezvous.Address address = new Rendezvous.Address(HOST, store.port(), secret);
      for (String forged :
          new String[] {
            "jvm\nelsewhere\n1\nnone", // as if there were no seal
            secret.seal("another key", "jvm\nelsewhere\n1\nnone"), // one that was seen elsewhere
            GroupSecret.random().seal(key, "jvm\nelsewhere\n1\nnone"),
            ""
          }) {
        stranger.put(key, forged);
        CollectiveException refused =
            assertThrows(CollectiveException.class, () -> Rendezvous.join(address, participant));
        assertTrue(
            refused.getMessage().contains("was not written by a member of this run"),
            refused::toString);
      }
      assertEquals("jvm", secret.open(key, secret.seal(key, "jvm")));
    }
  }

  @Test
  void the_store_listens_on_its_own_address_alone() throws IOException {
    try (RendezvousStore store = RendezvousStore.serve(HOST, DEADLINE)) {
      new Socket(InetAddress.getLoopbackAddress(), store.port()).close();
      // Another address of the same machine.
      InetAddress another = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
      assertThrows(ConnectException.class, () -> new Socket(another, store.port()));
    }
  }

  @Test
  void a_secret_is_not_printed() {
    assertEquals(
        "Address[host=h, port=1, secret=(secret)]",
        new Rendezvous.Address("h", 1, GroupSecret.random()).toString());
  }

  private static float[] member(int port, int rank, GroupSecret secret) {
    try (RendezvousStore store = RendezvousStore.connect(HOST, port, DEADLINE);
        ProcessGroup group = ProcessGroup.gloo(store, "group", rank, 2, HOST, DEADLINE)) {
      GroupProof.exchange(group, secret, "group", other -> "rank " + other);
      try (FlatVector vector = group.vector(3)) {
        vector.fill(rank + 1);
        group.allReduce(vector);
        FloatBuffer sum = FloatBuffer.allocate(3);
        vector.read(0, sum);
        return sum.array();
      }
    }
  }

  private static Set<Integer> opened(Set<Integer> known) {
    Set<Integer> opened = new TreeSet<>(ListeningSockets.own());
    opened.removeAll(known);
    return opened;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }
}
