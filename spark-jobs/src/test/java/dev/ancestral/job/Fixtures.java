package dev.ancestral.job;

import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.dequantization.Dequantization;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.Path;

/** Small datasets and models, written as the jobs find them. */
public final class Fixtures {
  private final Storage storage;

  public Fixtures(Storage storage) {
    this.storage = storage;
  }

  /**
   * A dataset with one split, or one more split of a dataset, whose element d of example id is
   * level {@code id · (d + 3) mod levels} thinned at random; ids ascend with gaps, labels follow
   * the ids.
   */
  public String dataset(String uri, String split, EventSpec event, int examples, int shardSize) {
    RandomKey key = RandomKey.of(99);
    List<ShardEntry> entries = new ArrayList<>();
    Path folder = storage.path(uri);
    for (int first = 0; first < examples; first += shardSize) {
      int n = Math.min(shardSize, examples - first);
      long[] ids = new long[n];
      int[] labels = event.hasLabels() ? new int[n] : null;
      float[] values = new float[n * event.size()];
      for (int i = 0; i < n; i++) {
        ids[i] = 3L * (first + i) + 1;
        RandomKey own = key.fold(ids[i]);
        int label = event.hasLabels() ? (int) (ids[i] % event.classes()) : 0;
        if (labels != null) {
          labels[i] = label;
        }
        for (int d = 0; d < event.size(); d++) {
          boolean kept = own.uniform(d) < 0.8;
          values[i * event.size() + d] = kept ? (label * (d + 3) + d) % event.levels() : 0;
        }
      }
      entries.add(
          ShardWriter.write(
              storage,
              folder,
              String.format(Locale.ROOT, "%s/shard-%05d.parquet", split, entries.size()),
              event,
              Example.of(new Batch(event, ids, values, labels, null))));
    }
    Map<String, DatasetManifest.Split> splits = new LinkedHashMap<>();
    if (storage.exists(new Path(folder, DatasetManifest.FILE))) {
      splits.putAll(Dataset.open(storage, uri).manifest().splits());
    }
    splits.put(split, new DatasetManifest.Split("fixture", OptionalDouble.empty(), entries));
    storage.commit(
        new Path(folder, DatasetManifest.FILE),
        new DatasetManifest("fixture", event, splits).toJson());
    return uri;
  }

  /** Examples as a split of a dataset, in shards of some size. */
  public String stored(String uri, String split, Batch examples, int shardSize) {
    List<ShardEntry> entries = new ArrayList<>();
    Path folder = storage.path(uri);
    for (int first = 0; first < examples.size(); first += shardSize) {
      entries.add(
          ShardWriter.write(
              storage,
              folder,
              String.format(Locale.ROOT, "%s/shard-%05d.parquet", split, entries.size()),
              examples.event(),
              Example.of(examples.slice(first, Math.min(examples.size(), first + shardSize)))));
    }
    Map<String, DatasetManifest.Split> splits = new LinkedHashMap<>();
    if (storage.exists(new Path(folder, DatasetManifest.FILE))) {
      splits.putAll(Dataset.open(storage, uri).manifest().splits());
    }
    splits.put(split, new DatasetManifest.Split("fixture", OptionalDouble.empty(), entries));
    storage.commit(
        new Path(folder, DatasetManifest.FILE),
        new DatasetManifest("fixture", examples.event(), splits).toJson());
    return uri;
  }

  /** A hidden Markov model at random: EM's starting point from random sequences. */
  public String chain(String uri, Map<String, Object> settings, EventSpec event, long seed) {
    StatisticsModel model =
        (StatisticsModel) Families.named("hmm").define(Settings.of(settings), event);
    int steps = 6;
    long[] ids = new long[8];
    int[] lengths = new int[ids.length];
    float[] values = new float[ids.length * steps * event.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = RandomKey.of(seed).below(i, event.levels());
    }
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i;
      lengths[i] = steps;
    }
    Batch examples = new Batch(event, ids, values, null, lengths);
    NamedArrays parameters = model.initial(RandomKey.of(seed));
    for (int pass = 0; pass < 4; pass++) {
      double[] statistics = new double[model.statisticsSize()];
      model.accumulate(parameters, examples, statistics);
      parameters = model.maximize(statistics);
    }
    describe(uri, "hmm", settings, event, "none");
    NamedArrays fitted = parameters;
    storage.write(
        new Path(storage.path(uri), ModelDirectory.PARAMETERS),
        out -> Safetensors.write(out, fitted, Map.of()));
    return uri;
  }

  /** Draws of a sequence model with lengths 1 to 9 as a split of a dataset. */
  public String sequencesOf(String model, String uri, String split, int count) {
    try (LoadedModel loaded = ModelDirectory.open(storage, model).load(Device.cpu())) {
      EventSpec event = loaded.model().event();
      int longest = 9;
      Batch drawn =
          loaded
              .model()
              .sample(
                  LongStream.range(0, count).toArray(),
                  RandomKey.of(71),
                  new SampleRequest(OptionalInt.empty(), OptionalInt.of(longest), 1));
      float[] values = drawn.values().clone();
      int[] lengths = new int[count];
      for (int i = 0; i < count; i++) {
        lengths[i] = i == 0 ? longest : 1 + (int) RandomKey.of(72).below(i, longest);
        int end = (i + 1) * longest * event.size();
        Arrays.fill(values, i * longest * event.size() + lengths[i] * event.size(), end, 0);
      }
      return stored(uri, split, new Batch(event, drawn.ids(), values, null, lengths), count);
    }
  }

  /** A statistics model in closed form, fitted to a split. */
  public String fitted(
      String uri, String family, Map<String, Object> settings, String data, String split) {
    Dataset dataset = Dataset.open(storage, data);
    StatisticsModel model =
        (StatisticsModel) Families.named(family).define(Settings.of(settings), dataset.event());
    double[] statistics = new double[model.statisticsSize()];
    NamedArrays initial = model.initial(RandomKey.of(1));
    for (int i = 0; i < dataset.split(split).shards().size(); i++) {
      Batch all = dataset.shard(split, i).batch(0, dataset.shard(split, i).size());
      model.accumulate(initial, all, statistics);
    }
    NamedArrays parameters = model.maximize(statistics);
    describe(uri, family, settings, dataset.event(), "none");
    storage.write(
        new Path(storage.path(uri), ModelDirectory.PARAMETERS),
        out -> Safetensors.write(out, parameters, Map.of()));
    return uri;
  }

  /** A model of statistics with given parameters. */
  public String given(
      String uri,
      String family,
      Map<String, Object> settings,
      EventSpec event,
      NamedArrays parameters) {
    describe(uri, family, settings, event, "none");
    storage.write(
        new Path(storage.path(uri), ModelDirectory.PARAMETERS),
        out -> Safetensors.write(out, parameters, Map.of()));
    return uri;
  }

  /** A network with its initial parameters. */
  public String untrained(
      String uri,
      String family,
      Map<String, Object> settings,
      EventSpec event,
      String dequantize,
      long seed) {
    return untrained(uri, family, settings, event, dequantize, seed, Map.of());
  }

  /**
   * A network with its initial parameters but for some.
   *
   * @param set whole parameters by name
   */
  public String untrained(
      String uri,
      String family,
      Map<String, Object> settings,
      EventSpec event,
      String dequantize,
      long seed,
      Map<String, float[]> set) {
    describe(uri, family, settings, event, dequantize);
    EventSpec modelled = dequantize.equals("uniform") ? Dequantization.event(event) : event;
    Network network = (Network) Families.named(family).define(Settings.of(settings), modelled);
    try (Engine engine =
            TorchEngine.open(
                new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT32));
        FlatVector values = engine.vector(network.parameters().size())) {
      network.parameters().initialize(RandomKey.of(seed), values);
      set.forEach(
          (name, floats) ->
              values.write(
                  network.parameters().parameter(name).offset(), FloatBuffer.wrap(floats)));
      storage.write(
          new Path(storage.path(uri), ModelDirectory.PARAMETERS),
          out -> Safetensors.write(out, network.parameters(), values::read, Map.of()));
    }
    return uri;
  }

  private void describe(
      String uri, String family, Map<String, Object> settings, EventSpec event, String dequantize) {
    storage.commit(
        new Path(storage.path(uri), ModelDirectory.DESCRIPTION),
        new ModelDescription(
                ModelDescription.FORMAT,
                family,
                settings,
                event,
                dequantize,
                "torch",
                Map.of(),
                Map.of())
            .toJson());
  }
}
