package dev.ancestral.cli.console;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * Columns of the terminal of this process. It is asked through {@code stty} once, and again after a
 * change of the window, of which the signal WINCH tells; where there is no such signal, every few
 * seconds.
 */
final class TerminalSize implements IntSupplier {
  private static final int USUAL = 80;
  private static final long ASK_AGAIN_NANOS = 2_000_000_000L;
  private static final long PATIENCE_SECONDS = 2;
  private static final File TERMINAL = new File("/dev/tty");

  private final AtomicBoolean changed = new AtomicBoolean(true);
  private final boolean signalled;
  private int columns = USUAL;
  private long asked;

  TerminalSize() {
    signalled = listen(changed);
  }

  @Override
  public synchronized int getAsInt() {
    long now = System.nanoTime();
    if (changed.getAndSet(false) || (!signalled && now - asked > ASK_AGAIN_NANOS)) {
      asked = now;
      columns = ask();
    }
    return columns;
  }

  /** The class is there in every JDK, but not part of the platform that we compile against. */
  private static boolean listen(AtomicBoolean changed) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  changed.set(true);
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("WINCH"), ours);
      return true;
    } catch (ReflectiveOperationException | RuntimeException noSignal) {
      return false;
    }
  }

  private static int ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(TERMINAL)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      stty.getOutputStream().close();
      if (stty.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        String text =
            new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        return columns(text.substring(text.indexOf(' ') + 1));
      }
      stty.destroyForcibly();
    } catch (IOException e) {
      // No stty, or no terminal of that name: the environment may know.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return columns(System.getenv("COLUMNS"));
  }

  /** A number of columns as a text; 80 if it is none. */
  static int columns(String text) {
    try {
      int columns = text == null ? 0 : Integer.parseInt(text);
      return columns > 0 ? columns : USUAL;
    } catch (NumberFormatException e) {
      return USUAL;
    }
  }
}
