package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.tensor.FlatVector;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two members of a Gloo group in one process, which share their local store. */
class ProcessGroupTest {
  private static final long DEADLINE = TimeUnit.SECONDS.toMillis(60);

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** Freed, it would pull the memory from under the call. */
  @Test
  void a_group_is_not_freed_while_a_thread_is_inside() throws Exception {
    try (LocalStore store = LocalStore.create(DEADLINE)) {
      Future<ProcessGroup> first = threads.submit(() -> member(store, 0));
      Future<ProcessGroup> second = threads.submit(() -> member(store, 1));
      ProcessGroup group = first.get();
      try (ProcessGroup peer = second.get()) {
        AtomicReference<Thread> inside = new AtomicReference<>();
        Future<float[]> sum =
            threads.submit(
                () -> {
                  inside.set(Thread.currentThread());
                  return sum(group, 1);
                });
        await(() -> inside.get() != null && isIn(inside.get(), "_wait"));
        Thread closing = new Thread(group::close);
        closing.start();
        await(() -> !closing.isAlive() || closing.getState() == Thread.State.WAITING);
        assertTrue(closing.isAlive(), "closed while a call waits for the peer");
        assertThrows(IllegalStateException.class, () -> sum(group, 1));
        assertFalse(sum.isDone());

        assertArrayEquals(new float[] {3, 3}, sum(peer, 2));
        assertArrayEquals(new float[] {3, 3}, sum.get());
        closing.join();
      }
    }
  }

  @Test
  void what_a_local_store_holds_is_this_users_alone_and_goes_with_it() throws Exception {
    Set<Path> before = folders();
    try (LocalStore store = LocalStore.create(DEADLINE)) {
      store.put("0/1", new byte[] {1, 0, -1});
      store.put("ends/0", new byte[0]);
      assertEquals(Set.of("0/1", "ends/0"), Set.copyOf(store.keys()));
      assertArrayEquals(new byte[] {1, 0, -1}, store.value("0/1"));
      Set<Path> more = folders();
      more.removeAll(before);
      assertEquals(1, more.size());
      for (Path folder : more) {
        assertEquals(
            "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
      }
    }
    assertEquals(before, folders());
  }

  private static boolean isIn(Thread thread, String method) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals(method));
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  private static Set<Path> folders() throws Exception {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().startsWith("ancestral-group-"))
          .collect(Collectors.toSet());
    }
  }

  private static ProcessGroup member(LocalStore store, int rank) {
    return ProcessGroup.gloo(store, rank, 2, "127.0.0.1", DEADLINE);
  }

  private static float[] sum(ProcessGroup group, float addend) {
    try (FlatVector vector = group.vector(2)) {
      vector.fill(addend);
      group.allReduce(vector);
      FloatBuffer sum = FloatBuffer.allocate(2);
      vector.read(0, sum);
      return sum.array();
    }
  }
}
