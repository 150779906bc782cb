package dev.ancestral.model.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowFeaturesTest {
  private static final RowSchema SCHEMA =
      new RowSchema(
          List.of(
              new RowColumn(
                  "city",
                  ColumnKind.CATEGORY,
                  new ColumnType.Category(List.of("a", "b"), false),
                  true,
                  "string"),
              new RowColumn(
                  "seen",
                  ColumnKind.TIMESTAMP,
                  // Uniform on 0 to 2^40 − 1: mean 2^39, deviation 2^40 / √12.
                  new ColumnType.Whole(0, (1L << 40) - 1, 1, List.of(0L, 1L << 39, 1L << 40)),
                  true,
                  "timestamp"),
              new RowColumn("income", ColumnKind.REAL, new ColumnType.Real(5, 2), false, "double")),
          RowSchema.Nulls.VALUE);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
  private final RowFeatures features = new RowFeatures("encoder.column", SCHEMA);

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void values_are_standardised_and_nulls_flagged() {
    // A row of three codes, whether null; standard value, a row of four cells, whether null; real.
    assertEquals(3 + 1 + 1 + 4 + 1 + 1, features.width());
    ParameterLayout.Builder builder = ParameterLayout.builder();
    features.declare(builder);
    ParameterLayout layout = builder.build();
    BoundParameters parameters = engine.bind(layout);
    layout.initialize(RandomKey.of(5), parameters.values());
    Object[][] rows = {
      {"b", 1L << 40, 9.0}, {"unknown", 1L << 39, -1e9}, {null, null, null}, {"a", -9L, 5.0}
    };
    float[] x = new float[rows.length * SCHEMA.size()];
    for (int i = 0; i < rows.length; i++) {
      for (int c = 0; c < 3; c++) {
        SCHEMA.columns().get(c).encode(rows[i][c], x, i * SCHEMA.size() + SCHEMA.begin(c));
      }
    }
    double[] seen =
        engine.inference(
            () ->
                features
                    .apply(parameters.weights(), engine.constant(x, rows.length, SCHEMA.size()))
                    .toDoubles());
    double[] cities =
        engine.inference(() -> parameters.weights().get("encoder.column.city").toDoubles());
    double[] cells =
        engine.inference(() -> parameters.weights().get("encoder.column.seen").toDoubles());
    double[][] expected = {
      concat(row(cities, 3, 1), 0, Math.sqrt(3), row(cells, 4, 3), 0, 2),
      concat(row(cities, 3, 2), 0, 0, row(cells, 4, 1), 0, -10),
      {0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0},
      concat(row(cities, 3, 0), 0, -Math.sqrt(3), row(cells, 4, 2), 0, 0)
    };
    for (int i = 0; i < rows.length; i++) {
      assertArrayEquals(
          expected[i], Arrays.copyOfRange(seen, i * 11, (i + 1) * 11), 1e-4, "row " + i);
    }
  }

  @Test
  void a_number_a_column_is_that_of_all_its_features() {
    double[] spread =
        engine.inference(
            () -> features.spread(engine.constant(new float[] {2, 3, 5}, 1, 3)).toDoubles());
    assertArrayEquals(new double[] {2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 5}, spread);
  }

  private static double[] row(double[] table, int width, int row) {
    return Arrays.copyOfRange(table, row * width, (row + 1) * width);
  }

  private static double[] concat(
      double[] city,
      double cityNull,
      double standard,
      double[] cell,
      double seenNull,
      double real) {
    double[] all = new double[11];
    System.arraycopy(city, 0, all, 0, 3);
    all[3] = cityNull;
    all[4] = standard;
    System.arraycopy(cell, 0, all, 5, 4);
    all[9] = seenNull;
    all[10] = real;
    return all;
  }
}
