package dev.ancestral.deploy;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of kubernetes/, and the settings that applications get by them. */
final class ClusterFiles {
  private ClusterFiles() {}

  static Path file(String name) {
    return Shipped.folder().resolve("kubernetes").resolve(name);
  }

  static Path setting(String name) {
    return file("settings").resolve(name);
  }

  static List<Manifest> all() throws IOException {
    List<Manifest> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(file("."))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("kustomization.yaml") && !name.equals("spec.yaml")) {
          all.addAll(Manifest.in(file));
        }
      }
    }
    return all;
  }

  /** The objects of one kind, such as {@code batch/v1 CronJob}. */
  static <T> List<T> all(String kind, Class<T> type) throws IOException {
    return all().stream().filter(m -> m.kind().equals(kind)).map(m -> m.as(type)).toList();
  }

  static SparkOperator.ApplicationSpec training() {
    return Manifest.in(file("spark-application.yaml"))
        .get(0)
        .as(SparkOperator.Application.class)
        .spec;
  }

  static SparkOperator.ScheduleSpec nightly() {
    return Manifest.in(file("scheduled-spark-application.yaml"))
        .get(0)
        .as(SparkOperator.ScheduledApplication.class)
        .spec;
  }

  static Map<String, String> properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, String> map = new TreeMap<>();
    properties.stringPropertyNames().forEach(key -> map.put(key, properties.getProperty(key)));
    return map;
  }

  /**
   * What the options of an array of schedule.conf set, as the shell reads them.
   *
   * @param file a schedule.conf
   * @param array {@code SUBMIT} or {@code TRAIN_SUBMIT}
   * @param application the job of the pod that reads it
   */
  static Map<String, String> submitted(Path folder, Path file, String array, String application) {
    Command.Result words =
        new Command(
                List.of(
                    "bash",
                    "-c",
                    "set -eu; . \"$0\"; printf '%s\\n' \"${" + array + "[@]}\"",
                    file.toString()),
                Map.of("POD_IP", "10.0.0.1", "POD_NAME", "driver", "APPLICATION", application),
                folder)
            .run();
    if (words.status() != 0) {
      throw new AssertionError(words.err());
    }
    Map<String, String> settings = new TreeMap<>();
    Iterator<String> lines = words.out().lines().iterator();
    while (lines.hasNext()) {
      String option = lines.next();
      String value = lines.next();
      if (option.equals("--conf")) {
        settings.put(value.substring(0, value.indexOf('=')), value.replaceFirst("^[^=]*=", ""));
      }
    }
    return settings;
  }

  /** The settings, with the templates where the operator puts them. */
  static Map<String, String> templated(Path folder, SparkOperator.ApplicationSpec spec)
      throws IOException {
    Map<String, String> settings = spec.settings();
    settings.put(
        "spark.kubernetes.driver.podTemplateFile",
        Manifest.write(folder.resolve("driver.yaml"), pod(spec.driver)).toString());
    settings.put("spark.kubernetes.driver.podTemplateContainerName", "spark-kubernetes-driver");
    settings.put(
        "spark.kubernetes.executor.podTemplateFile",
        Manifest.write(folder.resolve("executor.yaml"), pod(spec.executor)).toString());
    settings.put("spark.kubernetes.executor.podTemplateContainerName", "spark-kubernetes-executor");
    return settings;
  }

  private static Pod pod(SparkOperator.Pod pod) {
    return new Pod("v1", "Pod", pod.template.getMetadata(), pod.template.getSpec(), null);
  }

  /** The settings as a pod has them in which the config map is mounted. */
  static Map<String, String> mounted(Map<String, String> settings) {
    Map<String, String> here = new TreeMap<>(settings);
    here.computeIfPresent(
        "spark.kubernetes.executor.podTemplateFile",
        (key, path) -> setting(Path.of(path).getFileName().toString()).toString());
    return here;
  }
}
