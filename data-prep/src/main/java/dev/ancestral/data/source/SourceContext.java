package dev.ancestral.data.source;

import dev.ancestral.data.Storage;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * What a source reads with.
 *
 * @param spark runs the passes
 * @param storage reaches the files
 * @param files the inputs in their order, as {@link InputFiles} lists them
 * @param split name of the split asked for, or empty where it is to be divided
 */
public record SourceContext(
    SparkSession spark, Storage storage, JavaRDD<InputFile> files, String split) {

  public JavaSparkContext sparkContext() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext());
  }
}
