package dev.ancestral.data.rows;

import dev.ancestral.Failures;
import dev.ancestral.Refusal;
import org.apache.spark.sql.AnalysisException;

/** What Spark throws at a table that it cannot read, as a refusal. */
public final class InputFailure {
  private InputFailure() {}

  /** The refusal, or the failure itself where it is none of the user's. */
  public static RuntimeException of(RowInput input, Exception failure) {
    if (Failures.refusal(failure).isPresent()) {
      return Failures.refusal(failure).get();
    }
    String message = firstLine(failure);
    boolean unknown =
        message.contains("Failed to find data source")
            || message.contains("Failed to find the data source")
            || failure instanceof ClassNotFoundException
            || failure.getCause() instanceof ClassNotFoundException;
    if (unknown) {
      return new Refusal(
          Refusal.Kind.CLUSTER,
          "the format of "
              + input
              + " is not on the class path ("
              + message
              + "); correct inputFormat, or add its jar with --packages"
              + (input.format().equals("avro")
                  ? " org.apache.spark:spark-avro_SCALA:SPARK of your versions"
                  : ""),
          failure);
    }
    if (failure instanceof AnalysisException) {
      return new Refusal(
          Refusal.Kind.DATA,
          input + " cannot be read: " + message + "; correct the input or its options",
          failure);
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(failure);
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).strip().lines().findFirst().orElse("");
  }
}
