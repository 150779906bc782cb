package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.HiddenStateModel;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that scoring adds to rows: {@code log_likelihood} in nats, {@code
 * log_likelihood_kind}, {@code percentile} (null without a reference), {@code least_likely_columns}
 * (null of models that do not tell of columns, and without a reference), and {@code component},
 * {@code class_probabilities} with {@code most_probable_class} (null where a row is impossible), or
 * {@code states} with {@code states_log_probability} of models that have them.
 *
 * @param names of the columns of the model's rows
 * @param reference null where there is none
 */
record ScoreColumns(ScoringModel plan, List<String> names, Reference reference)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String LOG_LIKELIHOOD = "log_likelihood";
  private static final String KIND = "log_likelihood_kind";
  private static final String PERCENTILE = "percentile";
  private static final String LEAST_LIKELY = "least_likely_columns";
  static final String COMPONENT = "component";
  static final String CLASS_PROBABILITIES = "class_probabilities";
  static final String MOST_PROBABLE_CLASS = "most_probable_class";
  static final String STATES = "states";
  static final String STATES_LOG_PROBABILITY = "states_log_probability";

  private List<StructField> fields() {
    List<StructField> fields = new ArrayList<>();
    fields.add(DataTypes.createStructField(LOG_LIKELIHOOD, DataTypes.DoubleType, false));
    fields.add(DataTypes.createStructField(KIND, DataTypes.StringType, false));
    fields.add(DataTypes.createStructField(PERCENTILE, DataTypes.DoubleType, true));
    fields.add(DataTypes.createStructField(LEAST_LIKELY, array(DataTypes.StringType), true));
    if (plan.byColumn()) {
      fields.add(DataTypes.createStructField(COMPONENT, DataTypes.IntegerType, false));
    }
    if (plan.classes()) {
      fields.add(
          DataTypes.createStructField(CLASS_PROBABILITIES, array(DataTypes.DoubleType), true));
      fields.add(DataTypes.createStructField(MOST_PROBABLE_CLASS, DataTypes.StringType, true));
    }
    if (plan.hiddenStates()) {
      fields.add(DataTypes.createStructField(STATES, array(DataTypes.IntegerType), false));
      fields.add(DataTypes.createStructField(STATES_LOG_PROBABILITY, DataTypes.DoubleType, false));
    }
    return fields;
  }

  /** Whether none of these names, in lower case, is one of a column that is added. */
  boolean areFree(Set<String> names) {
    return fields().stream().noneMatch(field -> names.contains(field.name()));
  }

  private static DataType array(DataType element) {
    return DataTypes.createArrayType(element, false);
  }

  /**
   * The columns of rows with these behind them.
   *
   * @throws AncestralException (MISMATCH) if the rows have a column of one of these names
   */
  StructType after(StructType columns) {
    StructType all = columns;
    for (StructField field : fields()) {
      for (String name : columns.fieldNames()) {
        if (name.equalsIgnoreCase(field.name())) {
          throw new AncestralException(
              ErrorCode.MISMATCH,
              "the rows have a column '"
                  + name
                  + "', which scoring adds; rename it, or leave it out (--query)");
        }
      }
      all = all.add(field);
    }
    return all;
  }

  /** A row with what the model says of it behind its own values. */
  Row append(Object[] values, RowScores scores, int i) {
    Object[] added = values(scores, i);
    Object[] all = Arrays.copyOf(values, values.length + added.length);
    System.arraycopy(added, 0, all, values.length, added.length);
    return RowFactory.create(all);
  }

  /** What the model says of a row: the values of these columns. */
  Object[] values(RowScores scores, int i) {
    Object[] all = new Object[fieldCount()];
    int next = 0;
    all[next++] = scores.nats()[i];
    all[next++] = plan.estimator().kind().text();
    all[next++] = reference == null ? null : reference.percentile(scores.nats()[i]);
    all[next++] =
        reference == null || scores.byColumn() == null
            ? null
            : Arrays.stream(reference.leastLikely(scores.byColumn()[i]))
                .mapToObj(names::get)
                .toArray(String[]::new);
    if (plan.byColumn()) {
      all[next++] = scores.components()[i];
    }
    if (plan.classes()) {
      double[] classes = scores.classes()[i];
      boolean possible = !Double.isNaN(classes[0]);
      all[next++] = possible ? Arrays.stream(classes).boxed().toArray(Double[]::new) : null;
      all[next++] = possible ? className(highest(classes)) : null;
    }
    if (plan.hiddenStates()) {
      HiddenStateModel.Path path = scores.paths().get(i);
      all[next++] = Arrays.stream(path.states()).boxed().toArray(Integer[]::new);
      all[next] = path.logProb();
    }
    return all;
  }

  /** The first of equal ones. */
  private static int highest(double[] classes) {
    int highest = 0;
    for (int c = 1; c < classes.length; c++) {
      highest = classes[c] > classes[highest] ? c : highest;
    }
    return highest;
  }

  private String className(int label) {
    List<String> known = plan.directory().classNames();
    return label < known.size() ? known.get(label) : Integer.toString(label);
  }

  private int fieldCount() {
    return 4 + (plan.byColumn() ? 1 : 0) + (plan.classes() ? 2 : 0) + (plan.hiddenStates() ? 2 : 0);
  }
}
