package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.transfer.JavaBytes;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a task found out, or why the user's data do not allow it, as bytes.
 *
 * <p>A refusal that a second attempt would only repeat is a result, not a failure: Spark would run
 * the task four times, and which of several refusals is reported would depend on timing. As a
 * result the first one in the order of the partitions is reported. One that may pass (a lost store)
 * is thrown, and Spark tries again. Bytes, because results may travel through Kryo, which cannot
 * read records.
 */
public final class Outcome {
  private Outcome() {}

  /** Runs the work of a task. */
  public static <T extends Serializable> byte[] of(Supplier<T> work) {
    Serializable outcome;
    try {
      outcome = work.get();
    } catch (Refusal e) {
      if (e.kind().retryable()) {
        throw e;
      }
      outcome = new Refusal(e.kind(), e.getMessage());
    }
    return JavaBytes.of(outcome);
  }

  /**
   * The results in order.
   *
   * @throws Refusal the first one among them
   */
  public static <T extends Serializable> List<T> values(List<byte[]> outcomes, Class<T> type) {
    List<T> values = new ArrayList<>();
    for (byte[] outcome : outcomes) {
      Object value = JavaBytes.value(outcome, Object.class);
      if (value instanceof Refusal refusal) {
        throw refusal;
      }
      values.add(type.cast(value));
    }
    return values;
  }
}
