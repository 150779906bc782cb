package dev.ancestral.job.twosample;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Vectors with a label, as trees of Spark's MLlib are fitted to them: in one partition, in the
 * order in which they were added. MLlib adds the statistics of partitions as they come in, so that
 * with several the trees would depend on the run.
 */
public final class LabelledRows {
  // What a task is sent must stay below spark.rpc.message.maxSize, 128 MB.
  private static final long MOST_NUMBERS = 8L << 20;

  private final int[] arities;
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param arities number of categories of each element, 0 of one that is a number; empty if all
   *     are
   */
  public LabelledRows(int[] arities) {
    this.arities = arities.clone();
  }

  /** Most rows of so many elements. */
  public static long most(int elements) {
    return MOST_NUMBERS / elements;
  }

  /** Adds a row. */
  public void add(double label, float[] elements) {
    rows.add(RowFactory.create(label, vector(elements)));
  }

  /**
   * The rows, with columns {@code label} and {@code features}.
   *
   * @param what is fitted, for the message
   * @throws AncestralException (SPEC) if they are more than a task can be sent
   */
  public Dataset<Row> frame(SparkSession session, String what) {
    long numbers = rows.isEmpty() ? 0 : (long) rows.size() * ((Vector) rows.get(0).get(1)).size();
    if (numbers > MOST_NUMBERS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          what
              + " are to be fitted to "
              + numbers
              + " numbers, at most "
              + MOST_NUMBERS
              + " fit into a task; compare fewer examples (--limit and --samples)");
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    StructType type =
        new StructType(
            new StructField[] {
              new StructField("label", DataTypes.DoubleType, false, Metadata.empty()),
              new StructField("features", SQLDataTypes.VectorType(), false, metadata())
            });
    return session.createDataFrame(context.parallelize(rows, 1), type);
  }

  /** A row as MLlib takes it. */
  public static Vector vector(float[] elements) {
    double[] values = new double[elements.length];
    Arrays.setAll(values, d -> elements[d]);
    return Vectors.dense(values);
  }

  private Metadata metadata() {
    if (arities.length == 0) {
      return Metadata.empty();
    }
    Attribute[] attributes = new Attribute[arities.length];
    for (int d = 0; d < arities.length; d++) {
      attributes[d] =
          arities[d] > 0
              ? NominalAttribute.defaultAttr().withName("f" + d).withNumValues(arities[d])
              : NumericAttribute.defaultAttr().withName("f" + d);
    }
    return new AttributeGroup("features", attributes).toMetadata();
  }
}
