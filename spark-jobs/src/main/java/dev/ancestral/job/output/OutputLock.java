package dev.ancestral.job.output;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ProgressListener;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The right to fill a directory, which one command has at a time: a small file of its own beside
 * the data, renewed while the command runs and removed when it ends.
 *
 * <p>It needs no more of a store than that a file which was written is in every later listing:
 * neither an atomic rename nor a file that only one can create. A command writes its own file first
 * and lists the others afterwards, so of two that ask at the same time at least one sees the other
 * (the doorway of Lamport's bakery, 1974). It holds the directory once it sees no other live claim.
 * If it sees a holder it gives way; among those that ask, the one with the smallest id stays.
 *
 * <p>A command that was killed leaves its file behind. On the same machine its process is looked
 * for, and its claim does not count if that is gone; elsewhere the claim is watched, and does not
 * count if it has not changed for {@code ancestral.claim.seconds} (60). Clocks of machines are not
 * compared. A holder that was only paused for longer than that finds a claim with a higher number
 * or misses its own, and stops before its next commit.
 */
public final class OutputLock implements AutoCloseable {
  /** Hadoop's configuration: seconds without a sign of life until a claim does not count. */
  public static final String PATIENCE_KEY = "ancestral.claim.seconds";

  private static final String PREFIX = ".claim-";
  private static final int PATIENCE_SECONDS = 60;
  private static final int BEATS_OF_PATIENCE = 6;
  private static final Duration LOOK = Duration.ofMillis(200);

  // Which claims of this process are in use: its pid cannot tell.
  private static final Set<String> IN_USE = ConcurrentHashMap.newKeySet();

  private final Storage storage;
  private final Path directory;
  private final Duration patience;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile OutputLockNote own;
  private volatile AncestralException lost;

  private OutputLock(Storage storage, Path directory, String command) {
    this.storage = storage;
    this.directory = directory;
    int seconds = storage.configuration().getInt(PATIENCE_KEY, PATIENCE_SECONDS);
    if (seconds < 1) {
      throw new AncestralException(
          ErrorCode.SPEC,
          PATIENCE_KEY + " is " + seconds + "; it must be at least 1 (--conf spark.hadoop...)");
    }
    this.patience = Duration.ofSeconds(seconds);
    this.own =
        new OutputLockNote(
            UUID.randomUUID().toString(),
            command,
            false,
            1,
            0,
            ProcessIdentity.own(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /**
   * Claims a directory.
   *
   * @param progress is told why it may take a minute
   * @throws AncestralException (INTERRUPTED) if another command that lives has it; nothing is left
   *     behind
   */
  static OutputLock take(
      Storage storage, Path directory, String command, ProgressListener progress) {
    OutputLock claim = new OutputLock(storage, directory, command);
    claim.acquire(progress);
    return claim;
  }

  /** Whether there are claims to a directory, be their commands alive or not. */
  static boolean isClaimed(Storage storage, Path directory) {
    return !notes(storage, directory).isEmpty();
  }

  /** Removes claims whose processes are gone, without waiting; true if no other is there. */
  static boolean isFree(Storage storage, Path directory) {
    boolean free = true;
    for (OutputLockNote note : notes(storage, directory).values()) {
      if (isDead(note)) {
        storage.delete(file(directory, note.id()));
      } else {
        free = false;
      }
    }
    return free;
  }

  /**
   * Makes sure that the directory was not taken over. One that cannot be looked at counts as taken
   * over: the store may answer others.
   *
   * @throws AncestralException (INTERRUPTED) if it was, or may have been
   */
  void requireHeld() {
    if (lost == null) {
      try {
        look();
      } catch (AncestralException e) {
        lost =
            new AncestralException(
                ErrorCode.INTERRUPTED,
                "whether "
                    + directory
                    + " was taken over by another command cannot be seen: "
                    + e.getMessage()
                    + "; run the same command again once it can be listed",
                e);
      }
    }
    if (lost != null) {
      throw lost;
    }
  }

  /**
   * Whether the directory was not taken over.
   *
   * @throws AncestralException if it cannot be looked at
   */
  boolean isHeld() {
    if (lost == null) {
      look();
    }
    return lost == null;
  }

  /** Lets others have the directory. */
  @Override
  public void close() {
    ended.countDown();
    IN_USE.remove(own.id());
    synchronized (this) { // After a renewal that is under way, which would bring the file back.
      try {
        storage.delete(file(own.id()));
      } catch (AncestralException e) {
        // The store is gone: the next command finds that this process does not use it.
      }
    }
  }

  private void acquire(ProgressListener progress) {
    IN_USE.add(own.id());
    try {
      write();
      Map<String, Watched> watched = new HashMap<>();
      long renewed = System.nanoTime();
      while (!isFree(watched, progress)) {
        pause();
        if (System.nanoTime() - renewed > patience.toNanos() / BEATS_OF_PATIENCE) {
          renewed = System.nanoTime();
          own = own.renewed();
          write();
        }
      }
      long highest = watched.values().stream().mapToLong(Watched::number).max().orElse(0);
      own = own.held(highest + 1);
      write();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    Thread thread = new Thread(this::renew, "claim of " + directory.getName());
    thread.setDaemon(true);
    thread.start();
  }

  /** Another claim as it was when it last changed. */
  private record Watched(OutputLockNote note, long sinceNanos, boolean changed) {
    long number() {
      return note.number();
    }
  }

  /** Whether there is no other live claim. */
  private boolean isFree(Map<String, Watched> watched, ProgressListener progress) {
    boolean free = true;
    for (OutputLockNote note : others()) {
      Watched before = watched.get(note.id());
      if (before == null || !before.note().equals(note)) {
        if (before == null && !note.isSeenToLive() && !isDead(note)) {
          progress.message(
              directory
                  + " was claimed by "
                  + note.describe()
                  + "; waiting up to "
                  + patience.toSeconds()
                  + " s for a sign of life");
        }
        watched.put(note.id(), new Watched(note, System.nanoTime(), before != null));
      }
      Watched now = watched.get(note.id());
      if (isDead(note) || System.nanoTime() - now.sinceNanos() > patience.toNanos()) {
        storage.delete(file(note.id()));
        continue;
      }
      boolean lives = now.changed() || note.isSeenToLive();
      if (lives && (note.held() || note.id().compareTo(own.id()) < 0)) {
        throw new AncestralException(
            ErrorCode.INTERRUPTED,
            directory
                + " is being filled by another command, "
                + note.describe()
                + "; wait until that has ended and run this one again, or choose another output");
      }
      free = false;
    }
    return free;
  }

  private static boolean isDead(OutputLockNote note) {
    return note.process().equals(ProcessIdentity.own())
        ? !IN_USE.contains(note.id())
        : note.process().isOfThisMachine() && !note.process().isRunning();
  }

  private void renew() {
    long every = patience.toMillis() / BEATS_OF_PATIENCE;
    try {
      while (!ended.await(every, TimeUnit.MILLISECONDS) && lost == null) {
        try {
          beat();
        } catch (RuntimeException e) {
          // A store that is away for a while; if it stays away, the work fails by itself.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void beat() {
    look();
    if (lost == null && ended.getCount() > 0) {
      own = own.renewed();
      write();
    }
  }

  /** Finds out whether the directory was taken over meanwhile. */
  private void look() {
    Map<String, OutputLockNote> notes = notes(storage, directory);
    boolean outranked = notes.values().stream().anyMatch(note -> note.held() && note.outranks(own));
    if (outranked || !notes.containsKey(own.id())) {
      lost =
          new AncestralException(
              ErrorCode.INTERRUPTED,
              directory
                  + " was removed, or taken over by another command because this one gave no sign"
                  + " of life for "
                  + patience.toSeconds()
                  + " s; let the other end, then run the same command again");
    }
  }

  private List<OutputLockNote> others() {
    Map<String, OutputLockNote> notes = notes(storage, directory);
    notes.remove(own.id());
    return new ArrayList<>(notes.values());
  }

  private static Map<String, OutputLockNote> notes(Storage storage, Path directory) {
    Map<String, OutputLockNote> notes = new HashMap<>();
    for (FileStatus status : storage.list(directory)) {
      String name = status.getPath().getName();
      if (name.startsWith(PREFIX)) {
        String id = name.substring(PREFIX.length());
        try {
          notes.put(id, OutputLockNote.parse(id, storage.read(status.getPath())));
        } catch (AncestralException e) {
          if (e.code() != ErrorCode.DATA) { // DATA: it was removed since.
            throw e;
          }
        }
      }
    }
    return notes;
  }

  private void write() {
    storage.commit(file(own.id()), own.toJson());
  }

  private Path file(String id) {
    return file(directory, id);
  }

  private static Path file(Path directory, String id) {
    return new Path(directory, PREFIX + id);
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK.toMillis());
    } catch (InterruptedException e) {
      throw Failures.interrupted(e);
    }
  }
}
