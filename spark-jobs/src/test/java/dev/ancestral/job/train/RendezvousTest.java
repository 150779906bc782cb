package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.transport.Rendezvous;
import dev.ancestral.tensor.Device;
import dev.ancestral.train.collective.Collective;
import dev.ancestral.train.collective.CollectiveException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How replicas that share a process meet. */
class RendezvousTest {
  private final Rendezvous.Address here = Rendezvous.Address.sameJvm();
  private final TrainingContext run = TrainingFixture.withoutData("rendezvous", 2, 30);

  @AfterEach
  void forget() {
    Rendezvous.release(run.id());
  }

  private Rendezvous.Participant participant(String attempt, int replica) {
    return new Rendezvous.Participant(run, attempt, replica, "127.0.0.1", 1, Device.cpu());
  }

  /** It would wait until the deadline for one that has been there. */
  @Test
  void who_comes_after_another_has_given_up_is_told() {
    Rendezvous.decline(here, participant("first", 0), "the shard is damaged");
    Rendezvous.leave(participant("first", 0));
    Collective late = Rendezvous.join(here, participant("first", 1));
    CollectiveException told =
        assertThrows(CollectiveException.class, () -> late.allGather(new byte[1], new double[0]));
    assertEquals("replica 0 gave up: the shard is damaged", told.getMessage());
    Rendezvous.leave(participant("first", 1));
  }

  /** The same name again is another meeting once all have left. */
  @Test
  void a_meeting_is_forgotten_when_all_have_left() {
    who_comes_after_another_has_given_up_is_told();
    CompletableFuture<byte[][]> other =
        CompletableFuture.supplyAsync(
            () ->
                Rendezvous.join(here, participant("first", 0))
                    .allGather(new byte[] {1}, new double[0]));
    byte[][] gathered =
        Rendezvous.join(here, participant("first", 1)).allGather(new byte[] {2}, new double[0]);
    assertArrayEquals(new byte[][] {{1}, {2}}, gathered);
    assertArrayEquals(gathered, other.join());
  }
}
