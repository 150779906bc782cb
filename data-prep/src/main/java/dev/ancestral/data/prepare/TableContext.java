package dev.ancestral.data.prepare;

import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.source.SourceContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;

/** What a source reads with that leaves its input to Spark. */
public interface TableContext extends SourceContext {

  /** The session that reads tables. */
  SparkSession session();

  /** How many tasks a pass over a table is divided into, where it is up to the source. */
  int tasks();

  /**
   * The partitions of an RDD in their order.
   *
   * @param rdd whose elements stay within their task, whatever {@code spark.serializer} is
   */
  <T> Partitions<T> partitions(JavaRDD<T> rdd);
}
