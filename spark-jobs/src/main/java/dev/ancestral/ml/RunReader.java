package dev.ancestral.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import java.io.IOException;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/**
 * Reads what {@link RunWriter} wrote, and any other run directory of the family.
 *
 * @param <M> the model
 */
final class RunReader<M extends FamilyModel<M>> extends MLReader<M> {
  private final String name;
  private final String family;
  private final BiFunction<String, String, M> model;

  /**
   * @param name with which names of models begin
   * @param model of a name and a directory
   */
  RunReader(String name, String family, BiFunction<String, String, M> model) {
    this.name = name;
    this.family = family;
    this.model = model;
  }

  /**
   * The model in a directory.
   *
   * @throws AncestralException (DATA) if it is missing or damaged; (MISMATCH) if it is one of
   *     another family
   */
  @Override
  public M load(String path) {
    Storage storage = new Storage(sparkSession().sparkContext().hadoopConfiguration());
    ModelDirectory directory = ModelDirectory.open(storage, path);
    if (!directory.family().equals(family)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          path
              + " holds a model of the family "
              + directory.family()
              + ", not "
              + family
              + "; load it by the class of its family");
    }
    Path metadata = new Path(storage.path(path), RunWriter.METADATA);
    if (!storage.exists(metadata)) {
      return model.apply(Identifiable.randomUID(name), directory.uri());
    }
    JsonNode json = json(storage, metadata);
    M loaded = model.apply(json.path("uid").asText(), directory.uri());
    for (Map.Entry<String, JsonNode> value : json.path("paramMap").properties()) {
      set(loaded, value.getKey(), value.getValue());
    }
    return loaded;
  }

  private void set(M loaded, String param, JsonNode value) {
    Param<Object> known = loaded.getParam(param);
    loaded.set(known, known.jsonDecode(value.toString()));
  }

  private static JsonNode json(Storage storage, Path metadata) {
    for (FileStatus file : storage.list(metadata)) {
      if (file.getPath().getName().startsWith("part-") && file.getLen() > 0) {
        try {
          return new ObjectMapper().readTree(storage.read(file.getPath()));
        } catch (IOException e) {
          throw new AncestralException(
              ErrorCode.DATA, file.getPath() + " is no JSON; save the model again", e);
        }
      }
    }
    throw new AncestralException(ErrorCode.DATA, metadata + " holds no part; save the model again");
  }
}
