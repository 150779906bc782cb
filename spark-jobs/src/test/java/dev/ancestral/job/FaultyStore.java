package dev.ancestral.job;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.TaskContext;

/**
 * A store below {@code faulty://bucket/} that behaves as object stores do, on local files: an
 * object is there when it is closed, nothing can be renamed. It fails where a test says so: it can
 * be gone from its n-th change on, be full, let a write wait, or kill the process.
 */
public final class FaultyStore extends RawLocalFileSystem {
  private static final String KILL_AT = "faulty.killAt";
  private static final String SLOW = "faulty.slow";
  private static final String FAILING = "faulty.failing";
  private static final long SLOW_MILLIS = 4000;
  private static final URI ROOT = URI.create("faulty://bucket/");

  // Of the process, since Hadoop makes the instances.
  private static final AtomicInteger CHANGES = new AtomicInteger();
  private static final AtomicLong ROOM = new AtomicLong(Long.MAX_VALUE);
  private static volatile int goneAt;
  private static volatile boolean torn;
  private static volatile Gate gate;

  /**
   * Makes writes to a path that matches wait, and from the first of them on every change by a
   * driver but those of claims, which are renewed while a command runs. Tasks write what else they
   * have, so that slots are left for another command.
   */
  static final class Gate {
    private final Predicate<String> path;
    private final CountDownLatch quiet = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private int changing;
    private boolean reached;
    private int waiting;

    Gate(Predicate<String> path) {
      this.path = path;
    }

    /** Tasks that the gate holds back. */
    synchronized int waiting() {
      return waiting;
    }

    /** Returns once the path is reached and no change by a driver is under way. */
    void awaitReached() throws InterruptedException {
      if (!quiet.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nothing was written to a path that the gate is for");
      }
    }

    void open() {
      open.countDown();
    }

    private void create(String file) throws IOException {
      if (path.test(file)) {
        synchronized (this) {
          reached = true;
          waiting += TaskContext.get() == null ? 0 : 1;
          tellIfQuiet();
        }
        await();
      }
    }

    private void beginChange(String file) throws IOException {
      if (isFree(file)) {
        return;
      }
      boolean held;
      synchronized (this) {
        held = reached;
        changing += held ? 0 : 1;
      }
      if (held) {
        await();
        synchronized (this) {
          changing++;
        }
      }
    }

    private synchronized void endChange(String file) {
      if (!isFree(file)) {
        changing--;
        tellIfQuiet();
      }
    }

    private void await() throws IOException {
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    private static boolean isFree(String file) {
      return TaskContext.get() != null || file.contains(".claim-");
    }

    private void tellIfQuiet() {
      if (reached && changing == 0) {
        quiet.countDown();
      }
    }
  }

  /** What makes a process of its own be killed at its n-th change. */
  static String killedAt(int change) {
    return "-D" + KILL_AT + "=" + change;
  }

  /** What makes first attempts of executors wait before a file whose name holds this is shown. */
  static String slowFirst(String name) {
    return "-D" + SLOW + "=" + name;
  }

  /** What makes first attempts of executors fail at a file whose name holds this. */
  static String failingFirst(String name) {
    return "-D" + FAILING + "=" + name;
  }

  public static String uri(Path folder) {
    return "faulty://bucket" + folder.toAbsolutePath();
  }

  /** Nothing fails; changes are counted from 0. */
  public static void heal() {
    goneAt = 0;
    torn = false;
    gate = null;
    ROOM.set(Long.MAX_VALUE);
    CHANGES.set(0);
  }

  /**
   * The store is gone from its n-th change on.
   *
   * @param half whether that change leaves half an object
   */
  public static void goneAt(int change, boolean half) {
    heal();
    torn = half;
    goneAt = change;
  }

  /** So many bytes more can be written. */
  static void room(long bytes) {
    heal();
    ROOM.set(bytes);
  }

  static Gate gate(Predicate<String> path) {
    heal();
    gate = new Gate(path);
    return gate;
  }

  static int changes() {
    return CHANGES.get();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  protected void checkPath(org.apache.hadoop.fs.Path path) {}

  @Override
  public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to) {
    throw new UnsupportedOperationException("objects are not renamed");
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
    requireThere();
    return super.open(path, bufferSize);
  }

  @Override
  public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
    requireThere();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
    requireThere();
    return super.listStatus(path);
  }

  @Override
  public boolean delete(org.apache.hadoop.fs.Path path, boolean recursive) throws IOException {
    requireThere();
    Gate passed = gate;
    if (passed != null) {
      passed.beginChange(path.toString());
    }
    try {
      if (super.exists(path)) {
        change();
      }
      return super.delete(path, recursive);
    } finally {
      if (passed != null) {
        passed.endChange(path.toString());
      }
    }
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    requireThere();
    Gate passed = gate;
    if (passed != null) {
      passed.create(path.toString());
    }
    return new FSDataOutputStream(new Upload(pathToFile(path).toPath(), passed), null);
  }

  private static void requireThere() throws IOException {
    if (goneAt > 0 && CHANGES.get() >= goneAt) {
      throw new IOException("the store is gone");
    }
  }

  /** Counts a change; the fatal one does not happen. */
  private void change() throws IOException {
    int now = CHANGES.incrementAndGet();
    if (now == Integer.getInteger(KILL_AT, 0)) {
      kill();
    }
    if (goneAt > 0 && now >= goneAt) {
      throw new IOException("the store is gone");
    }
  }

  /** SIGKILL: no hook runs, nothing is flushed. */
  private static void kill() throws IOException {
    new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid())).start();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Appears under its name when it is closed. */
  private final class Upload extends ByteArrayOutputStream implements Abortable {
    private final Path target;
    private final Gate gate;
    private boolean over;

    Upload(Path target, Gate gate) {
      this.target = target;
      this.gate = gate;
    }

    @Override
    public AbortableResult abort() {
      over = true;
      return null;
    }

    @Override
    public void close() throws IOException {
      if (over) {
        return;
      }
      over = true;
      if (gate != null) {
        gate.beginChange(target.toString());
      }
      try {
        upload();
      } finally {
        if (gate != null) {
          gate.endChange(target.toString());
        }
      }
    }

    private void upload() throws IOException {
      if (ROOM.addAndGet(-size()) < 0) {
        ROOM.addAndGet(size());
        throw new IOException("No space left on device");
      }
      disturbFirstAttempt();
      try {
        change();
      } catch (IOException e) {
        if (torn && CHANGES.get() == goneAt) {
          publish(Arrays.copyOf(toByteArray(), size() / 2));
        }
        throw e;
      }
      publish(toByteArray());
    }

    private void publish(byte[] content) throws IOException {
      try {
        Files.write(target, content);
      } catch (NoSuchFileException e) {
        Files.createDirectories(target.getParent());
        Files.write(target, content);
      }
    }

    private void disturbFirstAttempt() throws IOException {
      TaskContext task = TaskContext.get();
      if (task == null || task.attemptNumber() > 0) {
        return;
      }
      String name = target.getFileName().toString();
      if (name.contains(System.getProperty(FAILING, "/"))) {
        throw new IOException("503 Slow Down");
      }
      if (name.contains(System.getProperty(SLOW, "/"))) {
        try {
          Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException(e);
        }
      }
    }
  }
}
