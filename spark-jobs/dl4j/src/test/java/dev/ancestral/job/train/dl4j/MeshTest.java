package dev.ancestral.job.train.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What has to hold before gradients are shared, and what ends the waiting for them. */
class MeshTest {
  private static final long MIB = 1 << 20;
  private static final long MUCH = 1L << 40;

  @Test
  void datagrams_that_pass_are_told() throws Exception {
    int port = UdpEcho.answer("127.0.0.1");
    assertTrue(UdpEcho.answers("127.0.0.1", port));
    assertEquals(port, UdpEcho.answer("127.0.0.1"));
  }

  @Test
  void silence_is_told() throws Exception {
    // Bound, so that the datagrams go somewhere, and nobody answers.
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      assertFalse(UdpEcho.answers("127.0.0.1", silent.getLocalPort()));
    }
  }

  /** Three processes of a machine need six files of three terms each, and some more. */
  @Test
  void terms_take_the_room_that_there_is() {
    assertEquals(8 * MIB + 6 * (96 * MIB + 4096), AeronFiles.needed(3, 1 << 25));
    assertEquals(Optional.of(new AeronFiles(1 << 25, false)), fitting(3, 2048 * MIB, 0));
    assertEquals(Optional.of(new AeronFiles(1 << 23, false)), fitting(3, 512 * MIB, 0));
    // Docker's 64 MiB do not suffice for three; a disk does.
    assertEquals(Optional.of(new AeronFiles(1 << 25, true)), fitting(3, 64 * MIB, MUCH));
    assertEquals(Optional.empty(), fitting(3, 64 * MIB, 64 * MIB));
    assertTrue(fitting(3, 3 * AeronFiles.least(3), 0).isPresent());
    assertFalse(fitting(3, 3 * AeronFiles.least(3) - 1, 0).isPresent());
  }

  private static Optional<AeronFiles> fitting(int processes, long sharedMemory, long temporary) {
    return AeronFiles.fitting(
        processes, List.of(new AeronFiles.Room(processes, sharedMemory, temporary)));
  }

  @Test
  void labels_carry_where_a_batch_comes_from() {
    INDArray labels = new Origin(3, 1L << 40, new long[] {5, 1L << 50, 0}).labels(4);
    Origin origin = Origin.of(labels);
    assertEquals(3, origin.replica());
    assertEquals(1L << 40, origin.step());
    assertEquals(List.of(5L, 1L << 50, 0L), java.util.Arrays.stream(origin.ids()).boxed().toList());
  }

  @Test
  void work_that_stands_still_is_given_up() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AttendedWork work =
        new AttendedWork(
            "stuck",
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    assertFalse(work.attend(TimeUnit.MILLISECONDS.toNanos(50), 5, () -> 0));
    assertTrue(interrupted.await(10, TimeUnit.SECONDS));
  }

  @Test
  void work_that_shows_signs_is_waited_for() {
    AtomicLong signs = new AtomicLong();
    CountDownLatch enough = new CountDownLatch(20);
    AttendedWork work = new AttendedWork("slow", () -> await(enough));
    // As if it had taken twenty times as long as silence may.
    assertTrue(
        work.attend(
            0,
            1,
            () -> {
              enough.countDown();
              return signs.incrementAndGet();
            }));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void what_work_throws_is_told() {
    AttendedWork work =
        new AttendedWork(
            "failing",
            () -> {
              throw new IllegalArgumentException("so it is");
            });
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () -> work.attend(TimeUnit.SECONDS.toNanos(10), 5, () -> 0));
    assertEquals("so it is", failure.getCause().getMessage());
  }
}
