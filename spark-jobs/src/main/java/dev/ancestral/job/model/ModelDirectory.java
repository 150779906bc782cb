package dev.ancestral.job.model;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.data.StoreFailure;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Network;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.dequantization.ModelledEvent;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * A fitted model in a directory: {@code model.json} and {@code parameters.safetensors}, made by a
 * run or written by hand.
 *
 * <p>The driver opens it, which checks and hashes; tasks {@link #load} it, which verifies that they
 * read the same bytes.
 */
public final class ModelDirectory implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Name of the description. */
  public static final String DESCRIPTION = "model.json";

  /** Name of the parameters. */
  public static final String PARAMETERS = "parameters.safetensors";

  /** What the provenance calls the names of the classes. */
  public static final String CLASS_NAMES = "class_names";

  /** What the provenance calls the column of a table that the labels are of. */
  public static final String LABEL_COLUMN = "label_column";

  private static final int MOST_DESCRIPTION_BYTES = 1 << 26;

  private final Storage storage;
  private final String uri;
  private final byte[] json;
  private final String sha256;
  private final String weightsSha256;
  private transient ModelDescription description;

  private ModelDirectory(
      Storage storage, String uri, byte[] json, String sha256, String weightsSha256) {
    this.storage = storage;
    this.uri = uri;
    this.json = json;
    this.sha256 = sha256;
    this.weightsSha256 = weightsSha256;
  }

  /**
   * Opens a directory and checks everything but the values of the parameters: what the description
   * asks for is what the file of parameters has, to its length, before memory is given to either.
   *
   * @throws AncestralException (DATA) if a file is missing or damaged; (MISMATCH) if the family
   *     cannot model the event, or the parameters are another model's
   */
  public static ModelDirectory open(Storage storage, String uri) {
    Path directory = ModelLink.resolve(storage, storage.path(uri));
    Path description = new Path(directory, DESCRIPTION);
    Path parameters = new Path(directory, PARAMETERS);
    for (Path file : List.of(description, parameters)) {
      if (!storage.exists(file)) {
        throw new AncestralException(
            ErrorCode.DATA,
            directory
                + " holds no "
                + file.getName()
                + "; a model is a directory with "
                + DESCRIPTION
                + " and "
                + PARAMETERS
                + ", such as a finished run");
      }
    }
    byte[] json = storage.read(description, MOST_DESCRIPTION_BYTES);
    String weights = Sha256.of(storage, parameters);
    ModelDirectory model =
        new ModelDirectory(storage, directory.toString(), json, Sha256.of(json), weights);
    Definition definition = model.definition();
    model.requireOwnParameters();
    model.requireParameters(definition);
    return model;
  }

  /** A changed bit in a weight would go unseen: any bits are a number. */
  private void requireOwnParameters() {
    description()
        .parametersSha256()
        .filter(expected -> !expected.equals(weightsSha256))
        .ifPresent(
            expected -> {
              throw new AncestralException(
                  ErrorCode.DATA,
                  parametersName()
                      + " is damaged or another model's: it has SHA-256 "
                      + weightsSha256
                      + ", "
                      + DESCRIPTION
                      + " beside it says "
                      + expected
                      + "; restore the file, or run the command that trained the model again, which"
                      + " writes it anew from its last checkpoint (if it was changed on purpose,"
                      + " remove parametersSha256 from "
                      + DESCRIPTION
                      + ")");
            });
  }

  private void requireParameters(Definition definition) {
    Path file = new Path(uri, PARAMETERS);
    long bytes = storage.status(file).getLen();
    try (InputStream in = storage.open(file)) {
      if (definition instanceof Network network) {
        Safetensors.requireLayout(in, bytes, network.parameters(), parametersName());
      } else {
        Safetensors.requireWhole(in, bytes, parametersName());
      }
    } catch (IOException e) {
      throw StoreFailure.unreadable(file, e);
    }
  }

  /**
   * A model whose parameters lie in a directory and whose description is yet to be written there.
   *
   * @param directory with {@value #PARAMETERS}
   */
  public static ModelDirectory undescribed(
      Storage storage, Path directory, ModelDescription description) {
    byte[] json = description.toJson();
    String weights =
        description
            .parametersSha256()
            .orElseGet(() -> Sha256.of(storage, new Path(directory, PARAMETERS)));
    return new ModelDirectory(storage, directory.toString(), json, Sha256.of(json), weights);
  }

  /** Where it lies. */
  public String uri() {
    return uri;
  }

  /** SHA-256 of the description. */
  public String sha256() {
    return sha256;
  }

  /** SHA-256 of the file of parameters. */
  public String weightsSha256() {
    return weightsSha256;
  }

  /** What the directory says about itself. */
  public ModelDescription description() {
    if (description == null) {
      description = ModelDescription.parse(json, uri + "/" + DESCRIPTION);
    }
    return description;
  }

  /** Family name, as in messages. */
  public String family() {
    return description().family();
  }

  /** What an example of the data is; the density itself may be over the dequantized event. */
  public EventSpec event() {
    return description().event();
  }

  /** The way from stored examples to what the model sees, and back. */
  public ModelledEvent modelled() {
    return ModelledEvent.of(event(), description().dequantize());
  }

  /** The names of its classes, by number, if the data had names for them. */
  public List<String> classNames() {
    return description().provenance().get(CLASS_NAMES) instanceof List<?> names
        ? names.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** The column of a table that its labels are of, if there is one. */
  public Optional<String> labelColumn() {
    return description().provenance().get(LABEL_COLUMN) instanceof String name
        ? Optional.of(name)
        : Optional.empty();
  }

  /** Whether discrete data get uniform noise before they are scored. */
  public boolean isDequantized() {
    return modelled().dequantized();
  }

  /** The mathematics, without the parameters. */
  public Definition definition() {
    EventSpec event = modelled().event();
    Settings settings =
        new Settings("model", description().model(), key -> uri + "/" + DESCRIPTION);
    settings.has("family");
    Definition definition;
    try {
      definition = Families.define(family(), settings, event);
    } catch (AncestralException refusal) {
      // What would be a wrong spec is a wrong file here.
      throw refusal.code() == ErrorCode.SPEC
          ? new AncestralException(
              ErrorCode.DATA, uri + "/" + DESCRIPTION + ": " + refusal.getMessage(), refusal)
          : refusal;
    } catch (RuntimeException stumbled) {
      // After a wrong value a family may stumble; only the wrong value is worth telling.
      if (settings.problemsSoFar().isEmpty()) {
        throw stumbled;
      }
      throw new AncestralException(
          ErrorCode.DATA, String.join("\n  ", settings.problemsSoFar()), stumbled);
    }
    List<String> problems = settings.problems();
    if (!problems.isEmpty()) {
      throw new AncestralException(ErrorCode.DATA, String.join("\n  ", problems));
    }
    return definition;
  }

  /**
   * A dataset as this model reads it: columns are matched by their names.
   *
   * @throws AncestralException (MISMATCH) if its events are others
   */
  public Dataset fitting(Dataset data) {
    Dataset arranged = data.arrangedFor(event());
    requireEvent(arranged.event());
    return arranged;
  }

  /**
   * Checks that examples are what the model was fitted to.
   *
   * @throws AncestralException (MISMATCH) if they are not
   */
  public void requireEvent(EventSpec data) {
    EventSpec own = event();
    // A model that was fitted without labels ignores them, and missing elements are no other event.
    boolean labels = own.classes() == 0 || own.classes() == data.classes();
    if (!labels || !own.sameColumns(data) || !whole(own).equals(whole(data))) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "events differ: the manifest has "
              + data.describe()
              + ", the model was trained on "
              + own.describe()
              + (data.differenceFrom(own).isEmpty() ? "" : " (" + data.differenceFrom(own) + ")")
              + "; pass the matching data");
    }
    Families.requireMissing(family(), definition(), data);
  }

  private static EventSpec whole(EventSpec event) {
    return event.withClasses(0).withMissing(false).withColumns(List.of());
  }

  /**
   * Loads the model for the calling thread.
   *
   * @throws AncestralException (DATA) if the parameters are not those that the driver saw
   */
  public LoadedModel load(Device device) {
    Definition definition = definition();
    if (definition instanceof StatisticsModel statistics) {
      return new LoadedModel(
          modelled()
              .model(statistics.bind(reading(in -> Safetensors.readArrays(in, parametersName())))),
          null);
    }
    Network network = (Network) definition;
    Engine engine = TorchEngine.open(new TorchEngine.Options(device, Precision.FLOAT32));
    try {
      BoundParameters parameters = engine.bind(network.parameters());
      readParameters(network.parameters(), parameters.values()::write);
      return new LoadedModel(
          modelled().model(NetworkModel.bind(network, parameters, description().frequencies())),
          engine);
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  /**
   * Hands on the parameters of a network.
   *
   * @param layout of the network, which may be another one with the same tensors
   * @throws AncestralException (DATA) if they are not those that the driver saw; (MISMATCH) if they
   *     are others'
   */
  public void readParameters(ParameterLayout layout, ParameterLayout.Sink into) {
    reading(
        in -> {
          Safetensors.read(
              in,
              layout,
              (offset, from) -> {
                requireFinite(layout, offset, from);
                into.write(offset, from);
              },
              parametersName());
          return null;
        });
  }

  /** The file may hold any number; a model that computes with these computes nonsense. */
  private void requireFinite(ParameterLayout layout, long offset, FloatBuffer weights) {
    for (int i = weights.position(); i < weights.limit(); i++) {
      if (!Float.isFinite(weights.get(i))) {
        long at = offset + i - weights.position();
        ParameterLayout.Parameter tensor =
            layout.parameters().stream()
                .filter(p -> at >= p.offset() && at < p.offset() + p.size())
                .findFirst()
                .orElseThrow();
        throw new AncestralException(
            ErrorCode.DATA,
            parametersName()
                + ": tensor '"
                + tensor.name()
                + "' has "
                + weights.get(i)
                + " at element "
                + (at - tensor.offset())
                + "; a model's weights are finite: restore the file, or train again");
      }
    }
  }

  private String parametersName() {
    return uri + "/" + PARAMETERS;
  }

  private <T> T reading(Reading<T> reading) {
    MessageDigest digest = Sha256.digest();
    T result;
    try (InputStream in = new DigestInputStream(storage.open(new Path(uri, PARAMETERS)), digest)) {
      result = reading.from(in);
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    String read = Sha256.hex(digest);
    if (!read.equals(weightsSha256)) {
      throw new AncestralException(
          ErrorCode.DATA,
          parametersName()
              + " has SHA-256 "
              + read
              + " on an executor and "
              + weightsSha256
              + " on the driver; do not change a model while it is used, and give executors the"
              + " same file system");
    }
    return result;
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(InputStream in) throws IOException;
  }
}
