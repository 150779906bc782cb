package dev.ancestral.data.source.synthetic;

import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.schema.RowSchema.Nulls;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Rows of a table of customers: a latent class model of four components and eight columns, which
 * are independent given the component; with categories, whole and real numbers, a date and nulls.
 *
 * <p>The column {@code plan} tells the component k, so with the weights π the entropy is H = Σ_k
 * π_k (−ln π_k + Σ_c H_c(k)), H_c(k) that of column c given the component. It is that of masses of
 * categories, whole numbers and dates, and of densities of real numbers in the data's own units; a
 * null is a value. The schema follows from the distribution, not from the rows.
 */
public record Customers() implements Distribution {
  private static final long serialVersionUID = 1L;
  private static final double[] WEIGHTS = {0.4, 0.3, 0.2, 0.1};
  private static final double[] NEVER = {0, 0, 0, 0};
  private static final List<MixedColumn> COLUMNS =
      List.of(
          categories(
              "plan",
              "string",
              List.of("basic", "family", "business", "student"),
              NEVER,
              new double[][] {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}),
          categories(
              "country",
              "string",
              List.of("DE", "FR", "IT", "ES", "PL", "NL"),
              new double[] {0.02, 0, 0.1, 0.05},
              new double[][] {
                {0.42, 0.2, 0.14, 0.12, 0.08, 0.04},
                {0.22, 0.26, 0.24, 0.14, 0.1, 0.04},
                {0.3, 0.28, 0.12, 0.08, 0.06, 0.16},
                {0.34, 0.1, 0.16, 0.2, 0.14, 0.06}
              }),
          categories(
              "active",
              "boolean",
              List.of("true", "false"),
              NEVER,
              new double[][] {{0.7, 0.3}, {0.9, 0.1}, {0.96, 0.04}, {0.5, 0.5}}),
          histogram(
              "age",
              ColumnKind.INTEGER,
              "int",
              List.of(18L, 25L, 35L, 45L, 55L, 65L, 80L, 96L),
              NEVER,
              new double[][] {
                {0.06, 0.16, 0.2, 0.22, 0.18, 0.12, 0.06},
                {0.02, 0.28, 0.4, 0.22, 0.06, 0.02, 0},
                {0.01, 0.17, 0.3, 0.32, 0.17, 0.03, 0},
                {0.82, 0.15, 0.02, 0.01, 0, 0, 0}
              }),
          histogram(
              "visits",
              ColumnKind.INTEGER,
              "bigint",
              List.of(0L, 1L, 5L, 20L, 100L, 1000L),
              new double[] {0.04, 0.02, 0, 0.3},
              new double[][] {
                {0.3, 0.4, 0.2, 0.08, 0.02},
                {0.1, 0.3, 0.4, 0.17, 0.03},
                {0.02, 0.08, 0.3, 0.4, 0.2},
                {0.4, 0.35, 0.2, 0.05, 0}
              }),
          histogram(
              "since",
              ColumnKind.DATE,
              "date",
              days(2015, 2017, 2019, 2021, 2022, 2023, 2024, 2025),
              NEVER,
              new double[][] {
                {0.22, 0.2, 0.18, 0.1, 0.1, 0.1, 0.1},
                {0.1, 0.15, 0.25, 0.15, 0.15, 0.1, 0.1},
                {0.3, 0.25, 0.2, 0.1, 0.05, 0.05, 0.05},
                {0, 0, 0, 0.05, 0.15, 0.3, 0.5}
              }),
          normals(
              "income",
              new double[] {0.08, 0.05, 0, 0.4},
              new double[] {32_000, 51_000, 88_000, 9_500},
              new double[] {7_500, 11_000, 24_000, 2_100}),
          normals(
              "satisfaction",
              new double[] {0.5, 0.35, 0.6, 0.45},
              new double[] {6.1, 7.4, 6.8, 5.2},
              new double[] {1.4, 0.9, 1.1, 1.8}));
  private static final RowSchema SCHEMA =
      new RowSchema(COLUMNS.stream().map(MixedColumn::column).toList(), Nulls.VALUE);

  static List<MixedColumn> columns() {
    return COLUMNS;
  }

  static double[] weights() {
    return WEIGHTS.clone();
  }

  private static boolean nullable(double[] nulls) {
    return Arrays.stream(nulls).anyMatch(p -> p > 0);
  }

  private static MixedColumn categories(
      String name,
      String sqlType,
      List<String> vocabulary,
      double[] nulls,
      double[][] probability) {
    RowColumn column =
        new RowColumn(
            name,
            ColumnKind.CATEGORY,
            new ColumnType.Category(vocabulary, false),
            nullable(nulls),
            sqlType);
    return new MixedColumn.Categories(column, nulls, probability);
  }

  private static MixedColumn histogram(
      String name,
      ColumnKind kind,
      String sqlType,
      List<Long> edges,
      double[] nulls,
      double[][] probability) {
    ColumnType type = new ColumnType.Whole(edges.get(0), edges.get(edges.size() - 1) - 1, 1, edges);
    RowColumn column = new RowColumn(name, kind, type, nullable(nulls), sqlType);
    return new MixedColumn.Histogram(column, nulls, probability);
  }

  /** Shift and scale are the mean and the standard deviation of all values that are no nulls. */
  private static MixedColumn normals(
      String name, double[] nulls, double[] mean, double[] deviation) {
    double weight = 0;
    double sum = 0;
    double squares = 0;
    for (int k = 0; k < WEIGHTS.length; k++) {
      double share = WEIGHTS[k] * (1 - nulls[k]);
      weight += share;
      sum += share * mean[k];
      squares += share * (deviation[k] * deviation[k] + mean[k] * mean[k]);
    }
    double shift = sum / weight;
    ColumnType type = new ColumnType.Real(shift, Math.sqrt(squares / weight - shift * shift));
    RowColumn column = new RowColumn(name, ColumnKind.REAL, type, nullable(nulls), "double");
    return new MixedColumn.Normals(column, nulls, mean, deviation);
  }

  /** The first days of some years. */
  private static List<Long> days(int... years) {
    List<Long> days = new ArrayList<>();
    for (int year : years) {
      days.add(LocalDate.of(year, 1, 1).toEpochDay());
    }
    return days;
  }

  @Override
  public EventSpec event() {
    return EventSpec.rows(SCHEMA);
  }

  @Override
  public OptionalDouble entropyNats() {
    double entropy = 0;
    for (int k = 0; k < WEIGHTS.length; k++) {
      entropy -= WEIGHTS[k] * Math.log(WEIGHTS[k]);
      for (MixedColumn column : COLUMNS) {
        entropy += WEIGHTS[k] * column.entropy(k);
      }
    }
    return OptionalDouble.of(entropy);
  }

  @Override
  public Example draw(long id, RandomKey key) {
    int component = 0;
    double rest = key.uniform(0) - WEIGHTS[0];
    while (rest >= 0 && component + 1 < WEIGHTS.length) {
      component++;
      rest -= WEIGHTS[component];
    }
    float[] elements = new float[SCHEMA.size()];
    for (int c = 0; c < COLUMNS.size(); c++) {
      MixedColumn column = COLUMNS.get(c);
      Object value = column.draw(component, key.fold(c));
      column.column().encode(value, elements, SCHEMA.begin(c));
    }
    byte[] payload = Payload.encode(event(), elements, 0, elements.length);
    return new Example(id, payload, Example.NONE, Example.NONE);
  }

  @Override
  public String toString() {
    return "customers";
  }
}
