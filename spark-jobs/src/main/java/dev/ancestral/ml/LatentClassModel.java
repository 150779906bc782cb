package dev.ancestral.ml;

import dev.ancestral.job.generate.DrawnRows;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.generate.RowOptions;
import dev.ancestral.job.generate.rows.Given;
import dev.ancestral.job.impute.RowImputation;
import dev.ancestral.model.RowModel;
import java.util.Optional;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A fitted {@link LatentClass}. */
public final class LatentClassModel extends FamilyModel<LatentClassModel> {
  private static final long serialVersionUID = 1L;

  LatentClassModel(String uid, String directory) {
    super(uid, directory);
  }

  /** What {@link #save} wrote, or a run of the command line. */
  public static LatentClassModel load(String path) {
    return read().load(path);
  }

  /** Reads what {@link #write} wrote, and runs of the command line. */
  public static MLReader<LatentClassModel> read() {
    return new RunReader<>("latentClass", LatentClass.FAMILY, LatentClassModel::new);
  }

  @Override
  LatentClassModel at(String directory) {
    return new LatentClassModel(uid(), directory);
  }

  /**
   * Draws rows given some of their values, such as {@code "country = 'DE' AND age IS NULL"}, from
   * the exact conditional distribution.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if the condition cannot be read or names no
   *     column of the model
   */
  public Dataset<Row> sampleGiven(SparkSession spark, long count, long seed, String condition) {
    GenerateSpec spec =
        GenerateSpec.plain(count, seed)
            .withRows(
                new RowOptions(
                    Optional.empty(), Optional.of(Given.parse(condition)), Optional.empty()));
    return DrawnRows.of(spark, open(spark), spec);
  }

  /**
   * Fills the cells that are null, or NaN in a column of real numbers, by a draw given the cells
   * that are not, as {@code ancestral impute} does. The draw of a row depends on the seed and on
   * what is in all its columns.
   *
   * @param draws of each row; with more than one a column says which it is
   * @throws dev.ancestral.AncestralException (MISMATCH) if rows and model do not fit together;
   *     (SPEC) if the rows are a stream
   */
  public Dataset<Row> impute(Dataset<?> rows, int draws, long seed) {
    return RowImputation.filled(
        open(rows.sparkSession()), rows.toDF(), RowModel.Completion.DRAW, draws, seed);
  }

  /** Fills the same cells by their most probable values given the others; also of a stream. */
  public Dataset<Row> imputeMode(Dataset<?> rows) {
    return RowImputation.filled(
        open(rows.sparkSession()), rows.toDF(), RowModel.Completion.MODE, 1, 0);
  }
}
