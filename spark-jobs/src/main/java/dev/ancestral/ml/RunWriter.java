package dev.ancestral.ml;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLWriter;

/**
 * Writes a model as a run directory, {@code model.json} and {@code parameters.safetensors}, with
 * the parameters of the stage beside them as spark.ml has them: {@code metadata}.
 */
final class RunWriter extends MLWriter {
  static final String METADATA = "metadata";
  private static final String PART = "part-00000";
  private static final String SUCCESS = "_SUCCESS";

  private final FamilyModel<?> model;

  RunWriter(FamilyModel<?> model) {
    this.model = model;
  }

  @Override
  public void saveImpl(String path) {
    Storage storage = new Storage(sparkSession().sparkContext().hadoopConfiguration());
    ModelDirectory from = ModelDirectory.open(storage, model.directory());
    Path target = storage.path(path);
    copy(storage, new Path(from.uri()), target, ModelDirectory.PARAMETERS);
    Path metadata = new Path(target, METADATA);
    storage.commit(new Path(metadata, PART), (metadata() + "\n").getBytes(StandardCharsets.UTF_8));
    storage.commit(new Path(metadata, SUCCESS), new byte[0]);
    copy(storage, new Path(from.uri()), target, ModelDirectory.DESCRIPTION);
  }

  private static void copy(Storage storage, Path from, Path to, String name) {
    storage.write(
        new Path(to, name),
        out -> {
          try (InputStream in = storage.open(new Path(from, name))) {
            in.transferTo(out);
          }
        });
  }

  /** One line of JSON. */
  private String metadata() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode();
    json.put("class", model.getClass().getName());
    json.put("timestamp", System.currentTimeMillis());
    json.put("sparkVersion", sparkSession().version());
    json.put("uid", model.uid());
    ObjectNode values = json.putObject("paramMap");
    try {
      for (Param<?> param : model.params()) {
        if (model.isSet(param)) {
          values.set(param.name(), mapper.readTree(encoded(param)));
        }
      }
      json.putObject("defaultParamMap");
      return mapper.writeValueAsString(json);
    } catch (IOException e) {
      throw new IllegalStateException("a parameter is no JSON", e);
    }
  }

  private <T> String encoded(Param<T> param) {
    return param.jsonEncode(model.getOrDefault(param));
  }
}
