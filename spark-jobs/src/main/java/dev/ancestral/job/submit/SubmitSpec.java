package dev.ancestral.job.submit;

import dev.ancestral.config.Settings;
import dev.ancestral.job.status.Redaction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys under {@code submit:}: what each step of a submitted pipeline asks the cluster for.
 *
 * <p>{@code master}, {@code deployMode}, {@code jar}, {@code jars} and {@code conf} mean what they
 * mean to spark-submit ({@code jar} is the job jar). Directly under {@code submit:} they hold for
 * every step, under {@code submit.train:} and so on for that one, where {@code conf} is laid over
 * the common one key by key.
 *
 * @param steps what every step was given
 */
public record SubmitSpec(Map<Step, Options> steps) {
  private static final String MASTER = "spark.master";
  private static final String DEPLOY_MODE = "spark.submit.deployMode";

  public SubmitSpec {
    steps = Collections.unmodifiableMap(new EnumMap<>(steps));
  }

  /**
   * What an application is submitted with, beside what the pipeline itself was.
   *
   * @param master instead of the pipeline's own
   * @param deployMode {@code client} or {@code cluster}; empty is {@code client}
   * @param jar job jar instead of the pipeline's own, such as one with the natives of GPUs
   * @param jars further jars
   * @param conf settings of Spark
   */
  public record Options(
      Optional<String> master,
      Optional<String> deployMode,
      Optional<String> jar,
      List<String> jars,
      Map<String, String> conf) {

    public Options {
      jars = List.copyOf(jars);
      conf = Collections.unmodifiableMap(new LinkedHashMap<>(conf));
    }

    private Options over(Options common) {
      Map<String, String> merged = new LinkedHashMap<>(common.conf);
      merged.putAll(conf);
      List<String> all = new ArrayList<>(common.jars);
      all.addAll(jars);
      return new Options(
          master.or(common::master),
          deployMode.or(common::deployMode),
          jar.or(common::jar),
          all,
          merged);
    }
  }

  /** What a step is submitted with. */
  public Options of(Step step) {
    return steps.get(step);
  }

  /** Reads the section, reporting what is wrong to it. */
  public static SubmitSpec read(Settings submit) {
    Options common = options(submit);
    Map<Step, Options> steps = new EnumMap<>(Step.class);
    for (Step step : Step.values()) {
      steps.put(step, options(submit.section(step.text())).over(common));
    }
    return new SubmitSpec(steps);
  }

  private static Options options(Settings settings) {
    return new Options(
        optional(settings, "master"),
        optional(settings, "deployMode", "client", "cluster"),
        optional(settings, "jar"),
        settings.texts("jars", List.of()),
        conf(settings.section("conf")));
  }

  private static Optional<String> optional(Settings settings, String key, String... allowed) {
    return settings.has(key)
        ? Optional.ofNullable(settings.text(key, null, allowed))
        : Optional.empty();
  }

  private static Map<String, String> conf(Settings conf) {
    Map<String, String> read = new LinkedHashMap<>();
    for (String key : conf.values().keySet()) {
      String value = conf.text(key, null);
      if (Redaction.isSecret(key)) {
        // Whatever its value: the spec is copied into model.json.
        conf.wrong(
            key, Redaction.MARK, "in a file given by --properties-file: a spec has no credentials");
      } else if (!key.startsWith("spark.")) {
        conf.wrong(key, value, "a setting of Spark, whose name begins with spark.");
      } else if (key.equals(MASTER) || key.equals(DEPLOY_MODE)) {
        conf.wrong(key, value, "written as master: or deployMode: beside conf:");
      } else if (value != null) {
        read.put(key, value);
      }
    }
    return read;
  }
}
