package dev.ancestral.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkContract;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.schema.RowSchema.Nulls;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class VaeRowsTest {
  private static final RandomKey KEY = RandomKey.of(341);

  private static final RowColumn CITY = category("city", List.of("a", "b", "c"), false);
  private static final RowColumn AGE =
      new RowColumn(
          "age",
          ColumnKind.INTEGER,
          new ColumnType.Whole(18, 90, 1, List.of(18L, 19L, 30L, 45L, 91L)),
          true,
          "int");
  private static final RowColumn SEEN =
      new RowColumn(
          "seen",
          ColumnKind.TIMESTAMP,
          new ColumnType.Whole(0, 1L << 50, 1, List.of(0L, 1L << 40, 1L << 49, (1L << 50) + 1)),
          false,
          "timestamp");
  private static final RowColumn INCOME =
      new RowColumn("income", ColumnKind.REAL, new ColumnType.Real(30_000, 12_000), true, "double");

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  /** Everything was seen, so that a draw is of what is scored. */
  @Nested
  class OfCategories extends NetworkContract {
    @Override
    protected Network network() {
      RowColumn two = category("two", List.of("a", "b"), true);
      RowColumn one = category("one", List.of("x"), true);
      return vae(schema(two, one), Map.of("hidden", List.of(5), "sleep", 0.5));
    }
  }

  @Nested
  class OfAllKinds extends NetworkContract {
    @Override
    protected Network network() {
      return vae(
          schema(CITY, AGE, SEEN, INCOME),
          Map.of("hidden", List.of(4), "inputDropout", 0.3, "samples", 2));
    }
  }

  @Nested
  class WithIwae extends NetworkContract {
    @Override
    protected Network network() {
      return vae(
          schema(INCOME, AGE),
          Map.of("hidden", List.of(4), "objective", "iwae", "samples", 3, "activation", "relu"));
    }
  }

  /** log p(x) by the trapezoidal rule over one latent dimension. */
  @Test
  void bounds_stay_below_log_p_and_reach_it() {
    RowSchema schema = schema(CITY, AGE, SEEN, INCOME);
    Vae vae = vae(schema, Map.of("hidden", List.of(3), "latent", 1));
    BoundModel model = model(vae);
    Batch x =
        batch(
            schema,
            new Object[] {"a", 33L, 1L << 45, 31_234.5},
            new Object[] {"unknown", 17L, -5L, -40_000.0},
            new Object[] {"c", null, 3L, null},
            new Object[] {null, 200L, 1L << 49, 1e5});
    double[] exact = quadrature((DecoderModel) model, x);
    double[] elbo = model.elbo(x, 4000, KEY);
    double[] tight = model.iwae(x, 40_000, KEY);
    for (int i = 0; i < exact.length; i++) {
      assertTrue(elbo[i] < exact[i], elbo[i] + " is a bound on " + exact[i]);
      assertEquals(exact[i], tight[i], 0.03);
    }
  }

  /** The sum over two columns and the integral over the third, by the model's own numbers. */
  @Test
  void probabilities_are_in_the_units_of_the_data() {
    RowColumn flag = category("flag", List.of("y"), true);
    RowSchema schema = schema(flag, INCOME);
    Vae vae = vae(schema, Map.of("hidden", List.of(3), "latent", 1));
    int cells = 600;
    double step = 12_000 * 24.0 / cells;
    Object[][] rows = new Object[3 * (cells + 1)][];
    String[] flags = {"y", "other than that", null};
    for (int f = 0; f < 3; f++) {
      rows[f * (cells + 1)] = new Object[] {flags[f], null};
      for (int i = 0; i < cells; i++) {
        double income = 30_000 - 12_000 * 12 + (i + 0.5) * step;
        rows[f * (cells + 1) + 1 + i] = new Object[] {flags[f], income};
      }
    }
    double[] logProb = quadrature((DecoderModel) model(vae), batch(schema, rows));
    double total = 0;
    for (int i = 0; i < rows.length; i++) {
      total += Math.exp(logProb[i]) * (rows[i][1] == null ? 1 : step);
    }
    assertEquals(1, total, 1e-3);
  }

  @Test
  void draws_are_rows_of_the_schema() {
    RowSchema schema = schema(CITY, AGE, SEEN, INCOME);
    Vae vae = vae(schema, Map.of("hidden", List.of(3)));
    int draws = 3000;
    Batch drawn =
        model(vae).sample(LongStream.range(0, draws).toArray(), KEY, SampleRequest.plain());
    int[] nulls = new int[4];
    for (int i = 0; i < draws; i++) {
      for (int c = 0; c < 4; c++) {
        Object value =
            schema.columns().get(c).decode(drawn.values(), i * schema.size() + schema.begin(c));
        nulls[c] += value == null ? 1 : 0;
        if (value instanceof Long number) {
          ColumnType.Whole type = (ColumnType.Whole) schema.columns().get(c).type();
          assertTrue(number >= type.least() && number <= type.greatest(), "drew " + number);
        }
        assertFalse(ColumnType.Category.OTHER.equals(value), "no other text was seen");
      }
    }
    assertEquals(0, nulls[0]);
    assertEquals(0, nulls[2]);
    assertTrue(nulls[1] > 100 && nulls[3] > 100, nulls[1] + " and " + nulls[3]);
  }

  @Test
  void many_levels_need_no_square_of_them() {
    List<String> vocabulary =
        Stream.iterate(0, n -> n + 1).limit(10_000).map(n -> "level " + n).toList();
    RowSchema schema = schema(category("city", vocabulary, true), AGE);
    Vae vae = vae(schema, Map.of("hidden", List.of(8)));
    assertTrue(vae.parameters().size() < 10_003 * (16 + 9) + 1000, "" + vae.parameters().size());
    BoundModel model = model(vae);
    Batch drawn = model.sample(new long[] {1, 2, 3}, KEY, SampleRequest.plain());
    assertArrayEquals(
        drawn.values(), model.sample(new long[] {1, 2, 3}, KEY, SampleRequest.plain()).values());
    for (double nats : model.elbo(drawn, 2, KEY)) {
      assertTrue(nats < 0 && nats > -60, "elbo " + nats);
    }
  }

  @Test
  void a_likelihood_is_refused_on_rows_and_so_are_missing_values() {
    EventSpec event = EventSpec.rows(schema(CITY, AGE));
    Settings given = Settings.of(Map.of("likelihood", "gaussian"));
    Families.define("vae", given, event);
    assertTrue(
        given.problems().toString().contains("likelihood is gaussian; it must be left out"),
        given.problems().toString());
    EventSpec missing = EventSpec.rows(new RowSchema(List.of(CITY, AGE), Nulls.MISSING));
    AncestralException gaps =
        assertThrows(
            AncestralException.class, () -> Families.define("vae", Settings.of(Map.of()), missing));
    assertEquals(ErrorCode.MISMATCH, gaps.code());
  }

  /** Of columns without nulls: one that comes later is integrated out. */
  @Test
  void a_missing_value_of_a_later_row_is_integrated_out() {
    RowColumn age = new RowColumn("age", AGE.kind(), AGE.type(), false, "int");
    RowSchema schema = new RowSchema(List.of(CITY, age), Nulls.MISSING);
    Vae vae = vae(schema, Map.of("hidden", List.of(3), "latent", 1));
    DecoderModel model = (DecoderModel) model(vae);
    double total = 0;
    Object[][] rows = new Object[4001][];
    for (int i = 0; i < 4000; i++) {
      rows[i] = new Object[] {"b", i - 2000L};
    }
    rows[4000] = new Object[] {"b", null};
    double[] logProb = quadrature(model, batch(schema, rows));
    for (int i = 0; i < 4000; i++) {
      total += Math.exp(logProb[i]);
    }
    assertEquals(Math.exp(logProb[4000]), total, 1e-4);
    Batch drawn = model(vae).sample(LongStream.range(0, 100).toArray(), KEY, SampleRequest.plain());
    for (float element : drawn.values()) {
      assertFalse(Float.isNaN(element));
    }
    assertNull(schema.columns().get(1).decode(new float[] {Float.NaN}, 0));
  }

  private double[] quadrature(DecoderModel model, Batch x) {
    int points = 1601;
    double range = 8;
    float[] z = new float[points * x.size()];
    for (int k = 0; k < points; k++) {
      for (int b = 0; b < x.size(); b++) {
        z[k * x.size() + b] = (float) (-range + 2 * range * k / (points - 1));
      }
    }
    Engine own = model.decoder().engine();
    return own.inference(
        () -> {
          Tensor latents = own.constant(z, points, x.size(), 1);
          Tensor rows = own.constant(x.values(), x.size(), x.event().size());
          Tensor prior = latents.square().mul(-0.5).sum(-1); // [K, B]
          return model
              .decoder()
              .logLikelihood(rows, latents)
              .add(prior)
              .logSumExp(0)
              .add(Math.log(2 * range / (points - 1)) - 0.5 * Math.log(2 * Math.PI))
              .toDoubles();
        });
  }

  private static Batch batch(RowSchema schema, Object[]... rows) {
    float[] values = new float[rows.length * schema.size()];
    for (int i = 0; i < rows.length; i++) {
      for (int c = 0; c < schema.columns().size(); c++) {
        schema.columns().get(c).encode(rows[i][c], values, i * schema.size() + schema.begin(c));
      }
    }
    return Batch.of(EventSpec.rows(schema), LongStream.range(0, rows.length).toArray(), values);
  }

  private BoundModel model(Vae vae) {
    BoundParameters parameters = engine.bind(vae.parameters());
    vae.parameters().initialize(KEY.fold(1), parameters.values());
    return (BoundModel) NetworkModel.bind(vae, parameters);
  }

  private static RowColumn category(String name, List<String> vocabulary, boolean all) {
    return new RowColumn(
        name, ColumnKind.CATEGORY, new ColumnType.Category(vocabulary, all), all, "string");
  }

  private static RowSchema schema(RowColumn... columns) {
    return new RowSchema(List.of(columns), Nulls.VALUE);
  }

  private static Vae vae(RowSchema schema, Map<String, Object> given) {
    Map<String, Object> values = new java.util.HashMap<>(given);
    values.putIfAbsent("latent", 2);
    Settings settings = Settings.of(values);
    Vae vae = (Vae) Families.define("vae", settings, EventSpec.rows(schema));
    assertEquals(List.of(), settings.problems());
    return vae;
  }
}
