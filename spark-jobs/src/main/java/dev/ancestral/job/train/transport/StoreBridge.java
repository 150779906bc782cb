package dev.ancestral.job.train.transport;

import dev.ancestral.tensor.torch.LocalStore;
import dev.ancestral.tensor.torch.RendezvousStore;
import dev.ancestral.train.collective.CollectiveException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Carries what libtorch writes into the members' local stores between them, through the store that
 * the driver serves: sealed by the run's secret, under names that say nothing. Every member has a
 * log there, which the others read in its order.
 */
final class StoreBridge implements AutoCloseable {
  private static final long POLL_MILLIS = 2;

  private final RendezvousStore store;
  private final LocalStore local;
  private final GroupSecret secret;
  private final String group;
  private final int rank;
  private final long deadlineMillis;
  private final List<Map<String, byte[]>> logs = new ArrayList<>();
  private final Set<String> carried = new HashSet<>();
  private final Thread thread = new Thread(this::carry, "group-store");
  private volatile boolean closed;
  private RuntimeException failure;

  /**
   * A bridge that carries at once.
   *
   * @param store that the driver serves
   * @param local what this member's libtorch sees
   * @param group name, never used before
   * @param size number of members
   */
  StoreBridge(
      RendezvousStore store,
      LocalStore local,
      GroupSecret secret,
      String group,
      int rank,
      int size,
      long deadlineMillis) {
    this.store = store;
    this.local = local;
    this.secret = secret;
    this.group = group;
    this.rank = rank;
    this.deadlineMillis = deadlineMillis;
    for (int member = 0; member < size; member++) {
      logs.add(new LinkedHashMap<>());
    }
    thread.setDaemon(true);
    thread.start();
  }

  private void carry() {
    try {
      while (!closed) {
        for (String key : local.keys()) {
          if (carried.add(key)) {
            write(key, local.value(key));
          }
        }
        for (int member = 0; member < logs.size(); member++) {
          if (member != rank) {
            read(member);
          }
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      synchronized (this) {
        failure = e;
        notifyAll();
      }
    }
  }

  private void write(String key, byte[] value) {
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    byte[] entry =
        ByteBuffer.allocate(Integer.BYTES + name.length + value.length)
            .putInt(name.length)
            .put(name)
            .put(value)
            .array();
    String place = place(rank);
    store.put(place, secret.seal(place, entry));
    log(rank, key, value);
  }

  private void read(int member) {
    for (String place = place(member); store.has(place); place = place(member)) {
      ByteBuffer entry = ByteBuffer.wrap(secret.open(place, store.value(place)));
      byte[] name = new byte[entry.getInt()];
      entry.get(name);
      byte[] value = new byte[entry.remaining()];
      entry.get(value);
      String key = new String(name, StandardCharsets.UTF_8);
      carried.add(key);
      local.put(key, value);
      log(member, key, value);
    }
  }

  /** Where the next entry of a member's log is, or will be. */
  private synchronized String place(int member) {
    return secret.hidden(group + "/" + member + "/" + logs.get(member).size());
  }

  private synchronized void log(int member, String key, byte[] value) {
    logs.get(member).put(key, value);
    notifyAll();
  }

  /** The first value that a member wrote, waiting until there is one. */
  byte[] first(int member) {
    return await(member, () -> logs.get(member).values().stream().findFirst().orElse(null));
  }

  /** A value that a member wrote, waiting until there is one. */
  byte[] value(int member, String key) {
    return await(member, () -> logs.get(member).get(key));
  }

  private interface Look {
    byte[] look();
  }

  private synchronized byte[] await(int member, Look what) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMillis);
    byte[] found = what.look();
    try {
      while (found == null) {
        requireIntact();
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new CollectiveException(
              "rank " + member + " wrote nothing for " + deadlineMillis / 1000 + " s");
        }
        wait(left);
        found = what.look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException("interrupted while a group formed", e);
    }
    return found;
  }

  /**
   * Makes sure that everything could be carried so far.
   *
   * @throws CollectiveException why not, if not
   */
  synchronized void requireIntact() {
    if (failure != null) {
      throw failure;
    }
  }

  /** Carries no more. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // The local store is not to be closed while the thread is inside.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
