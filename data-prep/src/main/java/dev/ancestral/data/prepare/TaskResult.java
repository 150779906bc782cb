package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
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
final class TaskResult {
  private TaskResult() {}

  /** Runs the work of a task. */
  static <T extends Serializable> byte[] of(Supplier<T> work) {
    Serializable result;
    try {
      result = work.get();
    } catch (AncestralException e) {
      if (e.code().retryable()) {
        throw e;
      }
      result = new AncestralException(e.code(), e.getMessage());
    }
    return JavaBytes.of(result);
  }

  /**
   * The results in order, of the type that the tasks' work gives.
   *
   * @throws AncestralException the first one among them
   */
  @SuppressWarnings("unchecked") // The caller ran the work that made them.
  static <T extends Serializable> List<T> values(List<byte[]> results) {
    List<T> values = new ArrayList<>();
    for (byte[] result : results) {
      Object value = JavaBytes.value(result, Object.class);
      if (value instanceof AncestralException refusal) {
        throw refusal;
      }
      values.add((T) value);
    }
    return values;
  }
}
