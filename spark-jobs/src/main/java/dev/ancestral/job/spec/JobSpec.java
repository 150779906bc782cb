package dev.ancestral.job.spec;

import dev.ancestral.AncestralException;
import dev.ancestral.config.Settings;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.observe.ObserveSpec;
import dev.ancestral.job.submit.SubmitSpec;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One run: data, model, how it is trained, scored and sampled.
 *
 * @param name of the run
 * @param seed of everything random that has no seed of its own
 * @param output directory; each step of a pipeline writes below it
 * @param evaluate present with its defaults if the section is absent
 * @param observe the observers of the training
 * @param submit what the steps of a submitted pipeline ask the cluster for
 * @param document the keys and values as they were given, for provenance
 */
public record JobSpec(
    String name,
    long seed,
    String output,
    DataSpec data,
    ModelSpec model,
    TrainSpec train,
    EvaluateSpec evaluate,
    GenerateSpec generate,
    ObserveSpec observe,
    SubmitSpec submit,
    Map<String, Object> document) {

  /**
   * Reads a spec.
   *
   * @param outputOption what the command line says instead of {@code output}
   * @param events what an example of the dataset at a path is, if it can be known already
   * @throws AncestralException (SPEC) naming everything that is wrong, each with file, line, key,
   *     value and what is allowed
   */
  public static JobSpec read(
      YamlDocument document,
      Optional<String> outputOption,
      Function<String, Optional<EventSpec>> events) {
    Settings top = new Settings("", withoutFamilyKeys(document.values()), document::locate);
    String name = top.text("name", null);
    long seed = top.integer("seed", null, Long.MIN_VALUE, Long.MAX_VALUE);
    String output = top.text("output", outputOption.orElse(null));
    output = outputOption.orElse(output);
    DataSpec data = data(top, output);
    ModelSpec model = model(top, document);
    TrainSpec train = TrainSpec.read(top.section("train"));
    EvaluateSpec evaluate = EvaluateSpec.read(top.section("evaluate"), seed);
    GenerateSpec generate = GenerateSpec.read(top.section("generate"), seed);
    ObserveSpec observe = ObserveSpec.read(top.section("observe"), name);
    SubmitSpec submit = SubmitSpec.read(top.section("submit"));

    SpecCredentials credentials = SpecCredentials.in(document);
    List<String> problems = new ArrayList<>(top.problems());
    if (name != null && name.isBlank()) {
      problems.add(document.locate("name") + ": name is blank; it must be a text");
    }
    if (model.family() != null) {
      Optional<EventSpec> event =
          data.path() == null ? Optional.empty() : events.apply(data.path()).map(data::modelled);
      problems.addAll(event.map(model::problems).orElseGet(model::problemsOfAnyEvent));
    }
    problems.replaceAll(credentials::redacted);
    problems.addAll(credentials.problems());
    if (!problems.isEmpty()) {
      throw Problems.refusal(document.file(), problems);
    }
    return new JobSpec(
        name,
        seed,
        output,
        data,
        model,
        train,
        evaluate,
        generate,
        observe,
        submit,
        document.values());
  }

  /** The same run with event files for TensorBoard. */
  public JobSpec withTensorBoard() {
    return new JobSpec(
        name,
        seed,
        output,
        data,
        model,
        train,
        evaluate,
        generate,
        observe.withTensorBoard(),
        submit,
        document);
  }

  private static DataSpec data(Settings top, String output) {
    Settings data = top.section("data");
    List<PrepareSpec> prepare = data.sections("prepare").stream().map(PrepareSpec::read).toList();
    // With steps that make it, the dataset has a place of its own below the output.
    String path = prepare.isEmpty() ? data.text("path", null) : data.text("path", output + "/data");
    String dequantize = data.text("dequantize", "none", "none", "uniform");
    return new DataSpec(
        path, DataSpec.Dequantize.valueOf(dequantize.toUpperCase(Locale.ROOT)), prepare);
  }

  private static ModelSpec model(Settings top, YamlDocument document) {
    String family = top.section("model").text("family", null);
    Map<String, Object> values =
        document.values().get("model") instanceof Map<?, ?> map ? texts(map) : Map.of();
    return new ModelSpec(family, values, document.file(), document::locate);
  }

  /** The keys under {@code model} but one are the family's to read. */
  private static Map<String, Object> withoutFamilyKeys(Map<String, Object> values) {
    Map<String, Object> most = new LinkedHashMap<>(values);
    if (values.get("model") instanceof Map<?, ?> map) {
      Map<String, Object> model = texts(map);
      model.keySet().retainAll(Set.of("family"));
      most.put("model", model);
    }
    return most;
  }

  private static Map<String, Object> texts(Map<?, ?> map) {
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((key, value) -> result.put(String.valueOf(key), value));
    return result;
  }
}
