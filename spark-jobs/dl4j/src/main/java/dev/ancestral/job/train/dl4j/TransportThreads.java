package dev.ancestral.job.train.dl4j;

import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.logging.log4j.LogManager;
import org.nd4j.parameterserver.distributed.v2.transport.Transport;
import org.nd4j.parameterserver.distributed.v2.transport.impl.AeronUdpTransport;

/**
 * Ends the threads of a transport that was shut down. {@link AeronUdpTransport} polls its
 * subscription every microsecond in a loop without a condition, which takes a tenth of a core for
 * as long as the process lives; an interrupt makes that loop faster, and does not end it.
 */
final class TransportThreads {
  private static final String NAME = "MessagesExecutorService thread";
  private static final long WAIT_MILLIS = 5000;

  private TransportThreads() {}

  /** The threads of all transports of this process. */
  static List<Thread> alive() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(NAME) && thread.isAlive())
        .toList();
  }

  /**
   * Ends them, and waits for that.
   *
   * @param transport whose subscription is closed
   */
  static void end(Transport transport) {
    if (!(transport instanceof AeronUdpTransport)) {
      return;
    }
    List<Thread> threads = alive();
    // Spark ends an executor at an exception that no thread's own handler takes.
    threads.forEach(thread -> thread.setUncaughtExceptionHandler((own, expected) -> {}));
    try {
      // Without its subscription the loop ends by a NullPointerException.
      field("ownSubscription").set(transport, null);
      ((ExecutorService) field("messagesExecutorService").get(transport)).shutdownNow();
      for (Thread thread : threads) {
        thread.join(WAIT_MILLIS);
      }
    } catch (ReflectiveOperationException e) {
      LogManager.getLogger(TransportThreads.class)
          .warn("another version of DL4J: threads of its transport go on polling", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Field field(String name) throws NoSuchFieldException {
    Field field = AeronUdpTransport.class.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
