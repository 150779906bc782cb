package dev.ancestral.ml;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What stages say of columns. */
final class Columns {
  /** Key of the kind of a log-likelihood in the metadata of its column. */
  static final String KIND = "kind";

  private static final String ANCESTRAL = "ancestral";

  private Columns() {}

  /**
   * Refuses names that rows do not have.
   *
   * @throws AncestralException (DATA) naming the first
   */
  static void require(StructType schema, String param, List<String> names) {
    List<String> known = Arrays.asList(schema.fieldNames());
    for (String name : names) {
      if (!known.contains(name)) {
        throw new AncestralException(
            ErrorCode.DATA,
            param
                + " names a column '"
                + name
                + "'; the rows have "
                + String.join(", ", known)
                + Suggestion.question(name, known));
      }
    }
  }

  /** The names that a parameter has to have. */
  static List<String> given(Params owner, StringArrayParam param) {
    if (!owner.isSet(param)) {
      throw new AncestralException(
          ErrorCode.SPEC, param.name() + " is not set; it must be " + param.doc());
    }
    return List.of(owner.getOrDefault(param));
  }

  /** The column of log-likelihoods. */
  static StructField logLikelihood(StructType schema, String name, String kind) {
    requireFree(schema, name, "logLikelihoodCol");
    return DataTypes.createStructField(name, DataTypes.DoubleType, false, metadata(kind));
  }

  /** The column of components. */
  static StructField component(StructType schema, String name) {
    requireFree(schema, name, "componentCol");
    return DataTypes.createStructField(name, DataTypes.IntegerType, false);
  }

  /** The column of the most probable hidden states, one a step. */
  static StructField states(StructType schema, String name) {
    requireFree(schema, name, "statesCol");
    DataType type = DataTypes.createArrayType(DataTypes.IntegerType, false);
    return DataTypes.createStructField(name, type, false);
  }

  private static void requireFree(StructType schema, String name, String param) {
    for (String taken : schema.fieldNames()) {
      if (taken.equalsIgnoreCase(name)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            param + " is " + name + ", and the rows have a column of that name; choose another");
      }
    }
  }

  /** {@code ancestral.kind} is exact, a lower bound or an estimate. */
  static Metadata metadata(String kind) {
    return kind.isEmpty()
        ? Metadata.empty()
        : new MetadataBuilder()
            .putMetadata(ANCESTRAL, new MetadataBuilder().putString(KIND, kind).build())
            .build();
  }
}
