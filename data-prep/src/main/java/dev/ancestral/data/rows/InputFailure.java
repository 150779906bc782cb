package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;

/** What Spark throws at a table that it cannot read, as a refusal. */
public final class InputFailure {
  private static final Pattern OF_DATA =
      Pattern.compile(
          "(?i)not a parquet file|read file footer|could not read footer|malformed|"
              + "error while reading file|reading file .* failed|raised_exception|has the value|"
              + "unexpected end of|incorrect header|not in gzip format|corrupt");

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
      return new AncestralException(
          ErrorCode.CLUSTER,
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
    Optional<String> damage =
        failure instanceof AnalysisException ? Optional.of(message) : damage(failure);
    if (damage.isPresent()) {
      return new AncestralException(
          ErrorCode.DATA,
          input + " cannot be read: " + damage.get() + "; correct the input or its options",
          failure);
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(failure);
  }

  /** What a reader of Spark's said of a file, which it throws in many ways. */
  private static Optional<String> damage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = firstLine(cause);
      boolean own = !message.startsWith("Job aborted");
      if (own && OF_DATA.matcher(message).find()) {
        return Optional.of(message);
      }
    }
    return Optional.empty();
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).strip().lines().findFirst().orElse("");
  }
}
