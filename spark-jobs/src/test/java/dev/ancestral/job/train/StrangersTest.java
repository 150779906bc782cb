package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.job.ListeningSockets;
import dev.ancestral.job.Splicer;
import dev.ancestral.job.Strangers;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.transport.GroupFormation;
import dev.ancestral.job.train.transport.GroupSecret;
import dev.ancestral.job.train.transport.Rendezvous;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.tensor.torch.RendezvousStore;
import dev.ancestral.train.collective.CollectiveException;
import java.io.IOException;
import java.io.Serializable;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who reaches the ports of a group can end it at most; the group never adds what is not its own.
 */
class StrangersTest {
  private static final int DEADLINE_SECONDS = 20;
  private static final long DEADLINE = TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS);
  private static final String HOST = "127.0.0.1";
  private static final String HIGHER = "127.0.0.2";
  // Exact, and no whole numbers, as which the bytes of proofs travel.
  private static final float[] GRADIENTS = {1.25f, 1.75f};
  private static final float[] SUM = {3, 3, 3};
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
        assertArrayEquals(SUM, member.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
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
      // What the one writes is hidden from the other: neither finds anybody.
      assertTrue(refused.getCause().getMessage().contains("timeout"), refused::toString);
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
      byte[] place = "jvm\nelsewhere\n1\nnone".getBytes(StandardCharsets.UTF_8);
      byte[] altered = secret.seal(key, place);
      altered[altered.length / 2] ^= 1;
      for (byte[] forged :
          List.of(
              place, // as if there were no seal
              secret.seal("another key", place), // one that was seen elsewhere
              GroupSecret.random().seal(key, place),
              altered,
              new byte[0])) {
        stranger.put(key, forged);
        CollectiveException refused =
            assertThrows(CollectiveException.class, () -> Rendezvous.join(address, participant));
        assertTrue(
            refused.getMessage().contains("was not written by a member of this run"),
            refused::toString);
      }
      assertArrayEquals(place, secret.open(key, secret.seal(key, place)));
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
  void a_store_that_cannot_have_its_one_address_has_none() {
    Set<Integer> before = ListeningSockets.own();
    // Kept for documentation (RFC 5737), so no machine's own.
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> RendezvousStore.serve("192.0.2.1", DEADLINE));
    assertEquals(5, refusal.code().status());
    assertTrue(
        refusal.getMessage().contains("cannot listen on 192.0.2.1 alone (")
            && refusal.getMessage().contains("set spark.driver.bindAddress"),
        refusal::getMessage);
    assertEquals(before, ListeningSockets.own());
  }

  @Test
  void a_secret_is_neither_printed_nor_sent() {
    assertEquals(
        "Address[host=h, port=1, secret=(secret)]",
        new Rendezvous.Address("h", 1, GroupSecret.random()).toString());
    assertFalse(Serializable.class.isAssignableFrom(GroupSecret.class));
    assertFalse(Serializable.class.isAssignableFrom(Rendezvous.Address.class));
  }

  /**
   * A stranger at the store directs a member to himself and passes on what it says to the other
   * one. He reads and alters no gradient: not where he can only list and overwrite the store, and
   * not either where he has the keys of its values, since the connections then have other ends here
   * than there.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void two_connections_that_a_stranger_splices_carry_no_gradient(boolean opensTheStore)
      throws Exception {
    GroupSecret secret = GroupSecret.random();
    try (RendezvousStore store = RendezvousStore.serve(HOST, DEADLINE);
        Splicer splicer =
            new Splicer(store.port(), opensTheStore ? secret : GroupSecret.random())) {
      Future<float[]> listening = members.submit(() -> member(store.port(), 0, HOST, secret));
      await(() -> splicer.entries() >= 1 || listening.isDone());
      // Of two Glooes the one with the higher address connects to the other.
      Future<float[]> connecting = members.submit(() -> member(store.port(), 1, HIGHER, secret));
      if (opensTheStore) {
        ExecutionException refused =
            assertThrows(
                ExecutionException.class,
                () -> listening.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
        assertTrue(
            refused.getMessage().contains("something stands between them"), refused::toString);
        assertThrows(
            ExecutionException.class, () -> connecting.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
      } else {
        for (Future<float[]> member : List.of(listening, connecting)) {
          assertArrayEquals(SUM, member.get(MUCH_LONGER_SECONDS, TimeUnit.SECONDS));
        }
      }
      assertEquals(opensTheStore, splicer.connections() > 0, "connections through the stranger");
      for (float gradient : GRADIENTS) {
        byte[] bytes =
            ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .putFloat(gradient)
                .array();
        assertFalse(splicer.heard(bytes), "a gradient passed through the stranger");
      }
    }
  }

  private static float[] member(int port, int rank, GroupSecret secret) {
    return member(port, rank, HOST, secret);
  }

  private static float[] member(int port, int rank, String host, GroupSecret secret) {
    try (RendezvousStore store = RendezvousStore.connect(HOST, port, DEADLINE);
        ProcessGroup group =
            new GroupFormation(store, secret, "group", 2, DEADLINE, other -> "rank " + other)
                .gloo(rank, host)) {
      try (FlatVector vector = group.vector(3)) {
        vector.fill(GRADIENTS[rank]);
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
