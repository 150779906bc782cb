package dev.ancestral.tensor;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Ends a process that has loaded native libraries without destroying them under threads that still
 * compute.
 *
 * <p>However a JVM ends ({@code System.exit}, {@code Runtime.halt}, a signal, the return of {@code
 * main}), it calls the C function {@code exit}, which runs the destructors of all static objects of
 * libtorch, OpenBLAS and ND4J. Daemon threads are not stopped before, so one that is inside an
 * operator then reads freed memory. Two things prevent it:
 *
 * <ul>
 *   <li>{@code _exit} is registered as an exit handler ({@code on_exit}). Handlers run in the
 *       reverse order of their registration, so it ends the process, with its status, before any
 *       destructor of a library that was loaded earlier.
 *   <li>Native work runs in {@link #inside sections}. When the shutdown begins, a hook lets no
 *       thread enter one, waits for those inside for at most two seconds, and registers {@code
 *       _exit} once more, behind what was loaded or constructed meanwhile.
 * </ul>
 *
 * <p>Where the C library has no {@code on_exit}, only the second holds.
 */
public final class NativeShutdown {
  private static final long LONGEST_WAIT_MILLIS = 2000;
  private static final long REFUSAL_MILLIS = 10_000;
  private static final int POLL_MILLIS = 2;

  private static final LongAdder THREADS_INSIDE = new LongAdder();
  private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

  private static volatile boolean closed;
  private static boolean hooked;

  private NativeShutdown() {}

  /**
   * Registers {@code _exit} before the exit handlers so far: to be called once a library is loaded.
   * The first call may come before, and before any other use of JavaCPP.
   *
   * @return whether it was registered
   */
  public static synchronized boolean arm() {
    if (!hooked) {
      hooked = true;
      try {
        Runtime.getRuntime()
            .addShutdownHook(new Thread(NativeShutdown::close, "end of native work"));
      } catch (IllegalStateException e) {
        closed = true; // The shutdown has begun.
      }
    }
    return registerAtExit("_exit");
  }

  /**
   * Runs native work. Sections nest.
   *
   * @throws IllegalStateException if the process is ending: no work begins then; the thread is held
   *     up for ten seconds before, in which the process is gone, so that its failure is not taken
   *     for that of the work
   */
  public static <T> T inside(Supplier<T> work) {
    int[] depth = DEPTH.get();
    enter(depth);
    try {
      return work.get();
    } finally {
      leave(depth);
    }
  }

  /**
   * Ends native work in this process: no section begins, and those that have begun are waited for.
   * A call while another one waits returns with it.
   *
   * @return whether every thread has left
   */
  @SuppressWarnings("BusyWait") // a section must not pay for a notification
  public static synchronized boolean close() {
    closed = true;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_WAIT_MILLIS);
    boolean empty = THREADS_INSIDE.sum() <= 0;
    try {
      while (!empty && System.nanoTime() < end) {
        Thread.sleep(POLL_MILLIS);
        empty = THREADS_INSIDE.sum() <= 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (hooked) {
      registerAtExit("_exit");
    }
    return empty;
  }

  private static void enter(int[] depth) {
    if (depth[0]++ == 0) {
      THREADS_INSIDE.increment();
    }
    if (closed) {
      refuse(depth);
    }
  }

  private static void leave(int[] depth) {
    if (--depth[0] == 0) {
      THREADS_INSIDE.decrement();
    }
  }

  private static void refuse(int[] depth) {
    THREADS_INSIDE.decrement(); // It waits in Java, whatever sections it is in.
    try {
      Thread.sleep(REFUSAL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      THREADS_INSIDE.increment();
      leave(depth);
    }
    throw new IllegalStateException("the process is ending: no native work begins");
  }

  /**
   * Has the C library call a function of one int argument, by its name, with the exit status.
   *
   * <p>JavaCPP can call a native function only through code that is generated for it, except for
   * deallocators, which it calls by address with one argument: here {@code on_exit} takes the place
   * of one, and the function that of the memory.
   */
  static boolean registerAtExit(String function) {
    try {
      Class<?> type = Class.forName("org.bytedeco.javacpp.Pointer$NativeDeallocator");
      Constructor<?> constructor =
          type.getDeclaredConstructor(Pointer.class, long.class, long.class);
      Method call = type.getDeclaredMethod("deallocate");
      constructor.setAccessible(true);
      call.setAccessible(true);
      Pointer none = new Pointer();
      Pointer onExit = Loader.addressof("on_exit");
      Pointer handler = Loader.addressof(function);
      if (onExit == null || onExit.isNull() || handler == null || handler.isNull()) {
        return false;
      }
      call.invoke(constructor.newInstance(none, handler.address(), onExit.address()));
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
