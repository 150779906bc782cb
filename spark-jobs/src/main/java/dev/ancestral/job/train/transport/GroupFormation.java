package dev.ancestral.job.train.transport;

import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.torch.LocalStore;
import dev.ancestral.tensor.torch.ProcessGroup;
import dev.ancestral.tensor.torch.RendezvousStore;
import java.util.List;
import java.util.function.IntFunction;

/**
 * How the members of a process group find each other through a store that any process may read and
 * change, and make sure that they found each other.
 *
 * @param store that the driver serves
 * @param secret that members know
 * @param name of the group, never used before
 * @param size number of members
 * @param deadlineMillis longest wait
 * @param members what a rank is called in messages
 */
public record GroupFormation(
    RendezvousStore store,
    GroupSecret secret,
    String name,
    int size,
    long deadlineMillis,
    IntFunction<String> members) {

  private interface Opening {
    ProcessGroup open(LocalStore local);
  }

  /**
   * Joins a group over Gloo.
   *
   * @param host of this member, by which the others reach it
   * @throws RuntimeException if the group does not form, or a member is none
   */
  public ProcessGroup gloo(int rank, String host) {
    LocalStore local = LocalStore.create(deadlineMillis);
    try (local) {
      return join(
          local, rank, true, own -> ProcessGroup.gloo(own, rank, size, host, deadlineMillis));
    }
  }

  /**
   * Joins a group over NCCL, whose members open their connections by an id of the first one.
   *
   * @throws RuntimeException if the group does not form, or a member is none
   */
  public ProcessGroup nccl(int rank, Device device) {
    return join(
        LocalStore.create(deadlineMillis),
        rank,
        false,
        own -> ProcessGroup.nccl(own, rank, size, device, deadlineMillis));
  }

  private ProcessGroup join(LocalStore local, int rank, boolean overTcp, Opening opening) {
    try (StoreBridge bridge =
        new StoreBridge(store, local, secret, name, rank, size, deadlineMillis)) {
      try {
        ProcessGroup group = opening.open(local);
        try {
          List<String> connections =
              overTcp ? PeerConnections.agree(local, bridge, rank, size, members) : List.of();
          GroupProof.exchange(
              group,
              secret,
              name,
              other -> connections.isEmpty() ? "" : connections.get(other),
              members);
          return group;
        } catch (RuntimeException e) {
          group.close();
          throw e;
        }
      } catch (RuntimeException e) {
        bridge.requireIntact(); // Why libtorch waited in vain, if that is why.
        throw e;
      }
    }
  }
}
