package dev.ancestral.job.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.NamedArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models of every kind say of rows, examples and sequences beside log p. */
class ScoredModelsTest {
  @TempDir Path folder;

  private Customers customers;

  @BeforeEach
  void model() {
    customers = new Customers(folder);
    customers.model();
  }

  @Test
  void bounds_of_a_network_depend_on_the_content_of_a_row_alone() {
    EventSpec event =
        EventSpec.discrete(2, 3)
            .withColumns(
                List.of(
                    new EventSpec.Column("a", 1),
                    new EventSpec.Column("b", 1),
                    new EventSpec.Column("c", 1)));
    Fixtures fixtures = new Fixtures(new Storage(new Configuration()));
    String vae =
        fixtures.untrained(
            customers.at("vae"),
            "vae",
            Map.of("hidden", List.of(4), "latent", 2),
            event,
            "none",
            3);
    StructType type =
        new StructType()
            .add("c", "boolean")
            .add("a", "int")
            .add("customer", "string")
            .add("b", "double");
    List<Row> rows = new ArrayList<>();
    float[] values = new float[300];
    long[] ids = new long[100];
    for (int i = 0; i < 100; i++) {
      int bits = (int) RandomKey.of(3).below(i, 8);
      rows.add(RowFactory.create(bits >= 4, bits & 1, "c" + i, (double) (bits >> 1 & 1)));
      values[3 * i] = bits & 1;
      values[3 * i + 1] = bits >> 1 & 1;
      values[3 * i + 2] = bits >> 2;
      ids[i] = i;
    }
    Map<Integer, Double> byContent = new HashMap<>();
    Dataset<Row> table = LocalSpark.session().createDataFrame(rows, type);
    for (int partitions : new int[] {1, 7}) {
      written("bits" + partitions, table.repartition(partitions));
      CommandLine run =
          CommandLine.run(
              "score",
              "--model",
              vae,
              "--input",
              customers.at("bits" + partitions),
              "--samples",
              "5",
              "--output",
              customers.at("bounds" + partitions));
      assertEquals(0, run.status(), run.err());
      assertTrue(run.out().contains("lower-bound"), run.out());
      for (Row row : read("bounds" + partitions).collectAsList()) {
        int bits = row.getInt(1) + 2 * (int) row.getDouble(3) + (row.getBoolean(0) ? 4 : 0);
        double nats = row.getAs("log_likelihood");
        assertEquals(byContent.computeIfAbsent(bits, unseen -> nats), nats, 0);
      }
    }
    assertEquals(8, new HashSet<>(byContent.values()).size());
    fixtures.stored(customers.at("bits"), "test", Batch.of(event, ids, values), 30);
    CommandLine data =
        CommandLine.run(
            "score",
            "--model",
            vae,
            "--data",
            customers.at("bits"),
            "--samples",
            "5",
            "--output",
            customers.at("bounds"));
    assertEquals(0, data.status(), data.err());
    for (Row row : read("bounds").collectAsList()) {
      int i = (int) row.<Long>getAs("id").longValue();
      int bits = (int) (values[3 * i] + 2 * values[3 * i + 1] + 4 * values[3 * i + 2]);
      assertEquals(byContent.get(bits), row.<Double>getAs("log_likelihood"), 0);
    }
    for (Map.Entry<String, Column> wrong :
        Map.of("c", functions.lit("x"), "a", functions.lit(2), "b", functions.lit(null).cast("int"))
            .entrySet()) {
      String name = "wrong-" + wrong.getKey();
      written(name, table.withColumn(wrong.getKey(), wrong.getValue()));
      CommandLine run =
          CommandLine.run(
              "score",
              "--model",
              vae,
              "--input",
              customers.at(name),
              "--output",
              customers.at("none-" + name));
      assertEquals(4, run.status(), run.err());
      assertTrue(run.err().contains("'" + wrong.getKey() + "'"), run.err());
    }
  }

  @Test
  void keys_of_a_dataset_come_back_with_its_scores() throws IOException {
    List<Row> rows = Customers.rows(60);
    String data = customers.dataset("data", rows);
    List<Row> keys = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      keys.add(RowFactory.create((long) i, "{\"id\":\"" + rows.get(i).getString(0) + "\"}"));
    }
    StructType type = new StructType().add("id", "bigint").add("keys", "string");
    LocalSpark.session()
        .createDataFrame(keys, type)
        .coalesce(1)
        .write()
        .parquet(customers.at("data/keys"));
    Storage storage = new Storage(new Configuration());
    DatasetManifest manifest = dev.ancestral.data.Dataset.open(storage, data).manifest();
    DatasetManifest.Split valid = manifest.splits().get("valid");
    DatasetManifest.Keys carried =
        new DatasetManifest.Keys(
            List.of(new DatasetManifest.KeyColumn("id", "string")),
            List.of(new DatasetManifest.KeyFile("keys", 1, "0".repeat(64))));
    DatasetManifest keyed =
        new DatasetManifest(
            manifest.name(),
            manifest.event(),
            Map.of(
                "valid",
                new DatasetManifest.Split(
                    valid.inputs(), valid.entropyNats(), valid.shards(), carried)));
    storage.commit(storage.path(data + "/" + DatasetManifest.FILE), keyed.toJson());
    CommandLine run =
        CommandLine.run(
            "score",
            "--model",
            customers.at("model"),
            "--data",
            data,
            "--split",
            "valid",
            "--output",
            customers.at("out"));
    assertEquals(0, run.status(), run.err());
    assertEquals(
        List.of("id", "colour", "count", "weight", "log_likelihood"),
        List.of(read("out").columns()).subList(0, 5));
    Map<String, Row> byCustomer = new HashMap<>();
    rows.forEach(row -> byCustomer.put(row.getString(0), row));
    List<Row> scored = read("out").collectAsList();
    assertEquals(60, scored.size());
    for (Row row : scored) {
      Row own = byCustomer.remove(row.<String>getAs("id"));
      double byHand = Customers.logProb(own);
      assertEquals(byHand, row.<Double>getAs("log_likelihood"), 1e-9, row.toString());
    }
  }

  @Test
  void hidden_states_of_a_dataset_come_with_its_scores() {
    EventSpec event = new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 0, List.of(), 0);
    Fixtures fixtures = new Fixtures(new Storage(new Configuration()));
    String model =
        fixtures.chain(
            customers.at("hmm"), Map.of("states", 3, "emissions", "bernoulli"), event, 1);
    fixtures.sequencesOf(model, customers.at("sequences"), "test", 20);
    CommandLine run =
        CommandLine.run(
            "score",
            "--model",
            model,
            "--data",
            customers.at("sequences"),
            "--output",
            customers.at("states"));
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("log p(x | length) ="), run.out());
    Storage storage = new Storage(new Configuration());
    Batch all =
        dev.ancestral.data.Dataset.open(storage, customers.at("sequences"))
            .shard("test", 0)
            .batch(0, 20);
    try (LoadedModel loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      List<HiddenStateModel.Path> paths =
          ((HiddenStateModel) loaded.model()).mostProbablePaths(all);
      double[] nats = ((ExactModel) loaded.model()).logProb(all);
      List<Row> rows = read("states").orderBy("id").collectAsList();
      for (int i = 0; i < 20; i++) {
        assertEquals(
            Arrays.stream(paths.get(i).states()).boxed().toList(),
            rows.get(i).getList(rows.get(i).fieldIndex("states")));
        assertEquals(nats[i], rows.get(i).<Double>getAs("log_likelihood"), 1e-9);
        double ofPath = rows.get(i).<Double>getAs("states_log_probability");
        assertEquals(paths.get(i).logProb(), ofPath, 1e-9);
        assertTrue(ofPath < nats[i], "the path is one of several");
      }
    }
  }

  /** As a dataset of the same events is: the same sequences, whatever order their rows are in. */
  @Test
  void events_are_scored_as_the_sequences_of_their_groups() throws IOException {
    StringBuilder csv = new StringBuilder("ts,amount,user,event\n");
    for (int i = 39; i >= 0; i--) {
      csv.append(i).append(",").append(i * 0.5).append(",u").append(i % 6 % 4).append(",");
      csv.append(i % 3 == 0 ? "buy" : "look").append("\n");
    }
    Files.writeString(folder.resolve("events.csv"), csv);
    String data = customers.at("events");
    String[] common = {"--input", customers.at("events.csv"), "--group-by", "user"};
    ran(
        "prepare",
        "--format",
        "events",
        common[0],
        common[1],
        common[2],
        common[3],
        "--order-by",
        "ts",
        "--columns",
        "event,amount",
        "--split",
        "train",
        "--output",
        data);
    Fixtures fixtures = new Fixtures(new Storage(new Configuration()));
    String model = fixtures.fitted(customers.at("hmm"), "hmm", Map.of("states", 2), data, "train");
    ran(
        "score",
        "--model",
        model,
        "--data",
        data,
        "--split",
        "train",
        "--output",
        customers.at("of-data"));
    ran(
        "score",
        "--model",
        model,
        common[0],
        common[1],
        common[2],
        common[3],
        "--order-by",
        "ts",
        "--output",
        customers.at("of-events"));
    List<Row> expected = read("of-data").orderBy("user").collectAsList();
    List<Row> found = read("of-events").orderBy("user").collectAsList();
    assertEquals(
        List.of("user", "length"), Arrays.asList(read("of-events").columns()).subList(0, 2));
    assertEquals(4, found.size());
    for (int i = 0; i < 4; i++) {
      for (String column :
          List.of(
              "user",
              "log_likelihood",
              "log_likelihood_kind",
              "states",
              "states_log_probability")) {
        assertEquals(
            expected.get(i).<Object>getAs(column), found.get(i).<Object>getAs(column), column);
      }
      int length = found.get(i).getAs("length");
      assertEquals(length, found.get(i).getList(found.get(i).fieldIndex("states")).size());
    }
    CommandLine half =
        CommandLine.run(
            "score",
            "--model",
            model,
            common[0],
            common[1],
            common[2],
            common[3],
            "--output",
            customers.at("half"));
    assertEquals(2, half.status(), half.err());
    CommandLine rows =
        CommandLine.run(
            "score",
            "--model",
            customers.at("model"),
            common[0],
            common[1],
            common[2],
            common[3],
            "--order-by",
            "ts",
            "--output",
            customers.at("rows-as-events"));
    assertEquals(4, rows.status(), rows.err());
  }

  private static final EventSpec TWO_BITS =
      EventSpec.discrete(2, 2)
          .withColumns(List.of(new EventSpec.Column("a", 1), new EventSpec.Column("b", 1)))
          .withClasses(3);

  /** p(c | x) = p(c) p(a | c) p(b | c) / p(x); the last class never has a = 1 or b = 1. */
  @Test
  void class_posteriors_are_bayes_rule() {
    double[] prior = {0.25, 0.25, 0.5};
    double[][] one = {{0.5, 0.25}, {0.75, 0.125}, {0, 0}};
    Fixtures fixtures = new Fixtures(new Storage(new Configuration()));
    String model =
        fixtures.given(
            customers.at("bayes"),
            "naive-bayes",
            Map.of("likelihood", "bernoulli", "classes", "label"),
            TWO_BITS,
            NamedArrays.empty()
                .with("prior", prior, 3)
                .with("probability", new double[] {0.5, 0.25, 0.75, 0.125, 0, 0}, 3, 2));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      rows.add(RowFactory.create("x" + i, i & 1, i >> 1));
    }
    StructType type = new StructType().add("name", "string").add("a", "int").add("b", "int");
    written("rows", LocalSpark.session().createDataFrame(rows, type));
    ran(
        "score",
        "--model",
        model,
        "--input",
        customers.at("rows"),
        "--output",
        customers.at("classes"));
    List<Row> scored = read("classes").collectAsList();
    assertEquals(4, scored.size());
    for (Row row : scored) {
      int[] x = {row.<Integer>getAs("a"), row.<Integer>getAs("b")};
      double[] joint = new double[3];
      for (int c = 0; c < 3; c++) {
        joint[c] = prior[c];
        for (int d = 0; d < 2; d++) {
          joint[c] *= x[d] == 1 ? one[c][d] : 1 - one[c][d];
        }
      }
      double total = Arrays.stream(joint).sum();
      assertEquals(Math.log(total), row.<Double>getAs("log_likelihood"), 1e-12);
      List<Double> posterior = row.getList(row.fieldIndex("class_probabilities"));
      int best = 0;
      for (int c = 0; c < 3; c++) {
        assertEquals(joint[c] / total, posterior.get(c), 1e-12);
        best = joint[c] > joint[best] ? c : best;
      }
      assertEquals(Integer.toString(best), row.<String>getAs("most_probable_class"));
    }
  }

  /** Of a model of p(x | label), by the frequencies of its labels. */
  @Test
  void class_posteriors_of_a_conditional_network_are_bayes_rule() throws IOException {
    EventSpec event = EventSpec.discrete(2, 3, 2).withClasses(2);
    Storage storage = new Storage(new Configuration());
    Fixtures fixtures = new Fixtures(storage);
    String model =
        fixtures.untrained(
            customers.at("pixels"),
            "pixelcnn",
            Map.of("channels", 4, "layers", 1, "conditional", true),
            event,
            "none",
            7);
    Path description = Path.of(model).resolve(ModelDirectory.DESCRIPTION);
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(description.toFile());
    json.putArray("labelFrequencies").add(1).add(3);
    Files.writeString(description, json.toString());
    String data = fixtures.dataset(customers.at("images"), "test", event, 40, 15);
    ran("score", "--model", model, "--data", data, "--output", customers.at("labelled"));
    List<Row> scored = read("labelled").orderBy("id").collectAsList();
    assertEquals(40, scored.size());
    dev.ancestral.data.Dataset images = dev.ancestral.data.Dataset.open(storage, data);
    Batch some = images.shard("test", 0).batch(0, 15);
    try (LoadedModel loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      double[][] given = new double[2][];
      for (int c = 0; c < 2; c++) {
        int[] labels = new int[15];
        Arrays.fill(labels, c);
        given[c] = ((ExactModel) loaded.model()).logProb(some.withLabels(labels, 2));
      }
      for (int i = 0; i < 15; i++) {
        double odds = 3 * Math.exp(given[1][i] - given[0][i]);
        List<Double> posterior =
            scored.get(i).getList(scored.get(i).fieldIndex("class_probabilities"));
        assertEquals(odds / (1 + odds), posterior.get(1), 1e-5);
        assertEquals(1, posterior.get(0) + posterior.get(1), 1e-12);
        String best = odds > 1 ? "1" : "0";
        assertEquals(best, scored.get(i).<String>getAs("most_probable_class"));
      }
    }
  }

  /** Each combination of their values is a sequence; a symbol without a code is refused. */
  @Test
  void groups_of_several_columns_and_unknown_symbols() throws IOException {
    StringBuilder csv = new StringBuilder("user,device,ts,event\n");
    for (int i = 0; i < 48; i++) {
      csv.append("u").append(i % 3).append(",d").append(i % 2).append(",").append(i);
      csv.append(i % 5 < 2 ? ",buy" : ",look").append("\n");
    }
    Files.writeString(folder.resolve("clicks.csv"), csv);
    String[] grouped = {"--group-by", "user,device", "--order-by", "ts"};
    ran(
        with(
            grouped,
            "prepare",
            "--format",
            "events",
            "--input",
            customers.at("clicks.csv"),
            "--columns",
            "event",
            "--split",
            "train",
            "--output",
            customers.at("clicks")));
    Fixtures fixtures = new Fixtures(new Storage(new Configuration()));
    String model =
        fixtures.fitted(
            customers.at("chain"),
            "hmm",
            Map.of("states", 2, "emissions", "categorical"),
            customers.at("clicks"),
            "train");
    String[] scoring = with(grouped, "score", "--model", model);
    ran(
        "score",
        "--model",
        model,
        "--data",
        customers.at("clicks"),
        "--split",
        "train",
        "--output",
        customers.at("of-data"));
    ran(
        with(
            scoring, "--input", customers.at("clicks.csv"), "--output", customers.at("of-events")));
    List<Row> expected = read("of-data").orderBy("user", "device").collectAsList();
    List<Row> found = read("of-events").orderBy("user", "device").collectAsList();
    assertEquals(6, found.size());
    for (int i = 0; i < 6; i++) {
      assertEquals(8, found.get(i).<Integer>getAs("length"));
      for (String column : List.of("user", "device", "log_likelihood", "states")) {
        assertEquals(
            expected.get(i).<Object>getAs(column), found.get(i).<Object>getAs(column), column);
      }
    }
    Files.writeString(folder.resolve("odd.csv"), csv + "u1,d0,99,steal\n");
    CommandLine odd =
        CommandLine.run(
            with(scoring, "--input", customers.at("odd.csv"), "--output", customers.at("odd")));
    assertEquals(4, odd.status(), odd.err());
    for (String part :
        List.of("\"user\":\"u1\"", "\"device\":\"d0\"", "ts 99", "'event'", "steal")) {
      assertTrue(odd.err().contains(part), part + " is not in " + odd.err());
    }
    assertFalse(Files.exists(folder.resolve("odd/_ancestral/manifest.json")));
  }

  private static String[] with(String[] first, String... more) {
    // The command comes first, wherever it was.
    List<String> words = new ArrayList<>(List.of(more));
    if (first[0].startsWith("--")) {
      words.addAll(List.of(first));
    } else {
      words.addAll(0, List.of(first));
    }
    return words.toArray(String[]::new);
  }

  private static void ran(String... arguments) {
    CommandLine run = CommandLine.run(arguments);
    assertEquals(0, run.status(), run.err());
  }

  private void written(String name, Dataset<Row> rows) {
    rows.write().parquet(customers.at(name));
  }

  private Dataset<Row> read(String name) {
    return LocalSpark.session().read().parquet(customers.at(name));
  }
}
