package dev.ancestral.spark;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.apache.spark.SparkException;
import org.apache.spark.SparkUserAppException;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * The calls whose signature is not the same in every Spark that this compiles against, looked up in
 * the Spark that runs.
 */
final class SparkVersions {
  private SparkVersions() {}

  /** What hands an exit status on: its constructor takes a cause, too, from Spark 4.2. */
  static SparkException userFailure(int status) {
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    try {
      MethodHandle make;
      try {
        make =
            lookup.findConstructor(
                SparkUserAppException.class, MethodType.methodType(void.class, int.class));
      } catch (NoSuchMethodException ofLater) {
        make =
            MethodHandles.insertArguments(
                lookup.findConstructor(
                    SparkUserAppException.class,
                    MethodType.methodType(void.class, int.class, Throwable.class)),
                1,
                (Object) null);
      }
      return (SparkException) make.invoke(status);
    } catch (Throwable e) {
      throw unknown("SparkUserAppException(int)", e);
    }
  }

  /**
   * Rows of Spark's own form as a table: a method of {@code SparkSession} in Spark 3.5, of its
   * subclass {@code classic.SparkSession} in Spark 4.
   */
  @SuppressWarnings("unchecked")
  static Dataset<Row> table(SparkSession session, RDD<InternalRow> rows, StructType type) {
    try {
      return (Dataset<Row>)
          session
              .getClass()
              .getMethod("internalCreateDataFrame", RDD.class, StructType.class, boolean.class)
              .invoke(session, rows, type, false);
    } catch (ReflectiveOperationException e) {
      throw unknown("SparkSession.internalCreateDataFrame(RDD, StructType, boolean)", e);
    }
  }

  private static IllegalStateException unknown(String what, Throwable cause) {
    return new IllegalStateException(
        "Spark "
            + SparkInstallation.version()
            + " has no "
            + what
            + " that this is built for; run it on one of the versions in help/spark-versions.md",
        cause);
  }
}
