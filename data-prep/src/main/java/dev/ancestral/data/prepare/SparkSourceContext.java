package dev.ancestral.data.prepare;

import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * Passes of a source as Spark jobs.
 *
 * @param inputs in their order, as {@link InputFiles} lists them
 * @param fixed what examples of the dataset are that is added to
 */
record SparkSourceContext(
    SparkSession session,
    Storage storage,
    JavaRDD<InputFile> inputs,
    String split,
    Optional<EventSpec> fixed)
    implements TableContext {
  private static final int RUN = 10_000;

  private JavaSparkContext spark() {
    return JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @Override
  public int tasks() {
    return 4 * spark().defaultParallelism();
  }

  @Override
  public <T> Partitions<T> partitions(JavaRDD<T> rdd) {
    return new SparkPartitions<>(rdd);
  }

  @Override
  public Partitions<InputFile> files() {
    return new SparkPartitions<>(inputs);
  }

  @Override
  public Partitions<Part> parts(long bytes, Cut cut) {
    Storage theStorage = storage;
    // Kept: to count and to sort them would read the files again.
    JavaRDD<byte[]> packed =
        inputs
            .flatMap(file -> cut.parts(theStorage, file, bytes).iterator())
            .map(part -> JavaBytes.of(part))
            .persist(StorageLevel.DISK_ONLY());
    JavaRDD<Part> parts = packed.map(part -> JavaBytes.value(part, Part.class));
    return new SparkPartitions<>(InputFiles.inOrder(parts, Part::sortKey, packed.count()));
  }

  @Override
  public Partitions<Long> positions(long count) {
    List<Long> runs = LongStream.range(0, (count + RUN - 1) / RUN).boxed().toList();
    return new SparkPartitions<>(
        spark()
            .parallelize(runs, Math.min(runs.size(), tasks()))
            .flatMap(
                run ->
                    LongStream.range(run * RUN, Math.min(count, (run + 1) * RUN))
                        .boxed()
                        .iterator()));
  }
}
