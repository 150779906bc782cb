package dev.ancestral.data.transfer;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A broadcast value: sent to each executor once, as bytes of Java's own serialization, and read
 * there once.
 *
 * @param <T> type of the value, which every process treats as constant
 */
public final class Shared<T> implements Serializable {
  private static final long serialVersionUID = 1L;

  // By the bytes that Spark keeps in this process: arrays are equal only to themselves, and what
  // was read from them goes when they do.
  @SuppressWarnings("ArrayAsKeyOfSetOrMap")
  private static final Map<byte[], Object> READ = Collections.synchronizedMap(new WeakHashMap<>());

  private final Broadcast<byte[]> bytes;
  private final Class<T> type;
  private final transient T own;

  private Shared(Broadcast<byte[]> bytes, Class<T> type, T own) {
    this.bytes = bytes;
    this.type = type;
    this.own = own;
  }

  /** Makes a value known to tasks. */
  public static <T extends Serializable> Shared<T> of(
      JavaSparkContext spark, T value, Class<T> type) {
    return new Shared<>(spark.broadcast(JavaBytes.of(value)), type, value);
  }

  /** The value. */
  public T value() {
    if (own != null) {
      return own;
    }
    return type.cast(READ.computeIfAbsent(bytes.value(), some -> JavaBytes.value(some, type)));
  }

  /** Lets executors forget it; they ask again if they need it. */
  public void unpersist() {
    bytes.unpersist(false);
  }

  /** Ends it everywhere. */
  public void destroy() {
    bytes.destroy();
  }
}
