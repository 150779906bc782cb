package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.job.spec.JobSpec;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.job.submit.Step;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The objects of kubernetes/ against the classes of Kubernetes, and Spark's pods made of them. */
class KubernetesIT {
  private static final long MEBI = 1L << 20;
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)secret|passw|(?<!automountServiceAccount)token"
              + "|(access|private|account|api)[._-]?key");
  private static final Pattern REFERENCE =
      Pattern.compile("spark\\.kubernetes\\.(driver|executor)\\.secretKeyRef\\.[A-Z_]+");

  @TempDir Path folder;

  @Test
  void every_object_has_only_what_such_objects_have() throws IOException {
    List<String> problems = new ArrayList<>();
    Set<String> kinds = new HashSet<>();
    for (Manifest manifest : ClusterFiles.all()) {
      kinds.add(manifest.kind());
      problems.addAll(manifest.problems());
    }
    assertEquals(List.of(), problems);
    assertEquals(10, kinds.size(), kinds.toString());
  }

  @Test
  void what_is_wrong_is_found() throws IOException {
    for (String[] change :
        new String[][] {
          {"cronjobs.yaml", "concurrencyPolicy", "concurencyPolicy", "is no key of CronJobSpec"},
          {"cronjobs.yaml", "secretKeyRef", "secretRef", "is no key of EnvVarSource"},
          {"driver-pod.yaml", "runAsUser", "runsAsUser", "is no key of PodSecurityContext"},
          {"spark-application.yaml", "onFailureRetries", "retries", "is no key of RestartPolicy"},
          {"spark-application.yaml", "mountPath", "path", "is no key of VolumeMount"},
        }) {
      Path changed = folder.resolve(change[0]);
      Files.writeString(
          changed,
          Files.readString(ClusterFiles.file(change[0])).replaceFirst(change[1], change[2]));
      List<String> problems =
          Manifest.in(changed).stream().flatMap(m -> m.problems().stream()).toList();
      assertEquals(1, problems.size(), problems.toString());
      assertTrue(problems.get(0).endsWith(change[3]), problems.toString());
    }
  }

  @Test
  void secrets_are_referred_to() throws IOException {
    List<String> found = new ArrayList<>();
    int[] references = {0};
    for (Manifest manifest : ClusterFiles.all()) {
      assertFalse(manifest.kind().equals("v1 Secret"), "a secret has no place in a file");
      manifest.visit(
          (path, object) -> {
            if (object.has("secretKeyRef")) {
              references[0]++;
              return;
            }
            if (SECRET.matcher(object.path("name").asText()).find() && object.has("value")) {
              found.add(manifest.file() + path);
            }
            object
                .fields()
                .forEachRemaining(
                    field -> {
                      if (REFERENCE.matcher(field.getKey()).matches()) {
                        references[0]++;
                        assertTrue(field.getValue().asText().startsWith("object-store:"));
                      } else if (SECRET.matcher(field.getKey()).find()
                          && field.getValue().isValueNode()) {
                        found.add(manifest.file() + path + "." + field.getKey());
                      }
                    });
          });
    }
    ClusterFiles.properties(ClusterFiles.setting("spark.conf"))
        .keySet()
        .forEach(
            key -> {
              if (SECRET.matcher(key).find() && !REFERENCE.matcher(key).matches()) {
                found.add(key);
              }
            });
    assertEquals(List.of(), found);
    assertTrue(references[0] >= 12, "there are references to look at");
  }

  @Test
  void settings_are_those_of_the_example_for_every_cluster() throws IOException {
    Map<String, String> example =
        ClusterFiles.properties(Shipped.folder().resolve("conf/spark-defaults.conf.example"));
    assertTrue(example.containsKey("spark.executor.memoryOverhead"), example.toString());
    for (Map<String, String> settings :
        List.of(
            ClusterFiles.properties(ClusterFiles.setting("spark.conf")),
            ClusterFiles.training().settings(),
            ClusterFiles.nightly().template.settings())) {
      example.forEach((key, value) -> assertEquals(value, settings.get(key), key));
    }
  }

  @Test
  void the_operators_application_is_the_command_and_runs_again_when_it_fails() {
    for (SparkOperator.ApplicationSpec spec :
        List.of(ClusterFiles.training(), ClusterFiles.nightly().template)) {
      assertEquals(SparkOperator.Language.Java, spec.type);
      assertEquals(SparkOperator.Mode.cluster, spec.mode);
      assertEquals("dev.ancestral.job.Main", spec.mainClass);
      assertEquals("local:///opt/ancestral/lib/ancestral.jar", spec.mainApplicationFile);
      assertEquals(SparkOperator.Restart.OnFailure, spec.restartPolicy.type);
      assertTrue(
          Files.exists(
              Shipped.sparkJars().resolve("spark-core_2.12-" + spec.sparkVersion + ".jar")),
          "it is the Spark of the build: " + spec.sparkVersion);
      Commands.requireKnown(folder, spec.arguments);
    }
    assertEquals(SparkOperator.Concurrency.Forbid, ClusterFiles.nightly().concurrencyPolicy);
  }

  @Test
  void spark_makes_a_driver_of_the_application() throws IOException {
    SparkOperator.ApplicationSpec spec = ClusterFiles.training();
    Map<String, String> settings = ClusterFiles.templated(folder, spec);
    SparkPods driver =
        SparkPods.driver(settings, spec.mainApplicationFile, spec.arguments.toArray(String[]::new));
    assertEquals(3072 * MEBI, memory(driver, "limits"));
    assertEquals(3072 * MEBI, memory(driver, "requests"));
    assertEquals("1", value(driver, "OMP_NUM_THREADS"));
    assertEquals("1", value(driver, "OPENBLAS_NUM_THREADS"));
    assertSecret(driver, "AWS_ACCESS_KEY_ID", "access-key");
    assertSecret(driver, "AWS_SECRET_ACCESS_KEY", "secret-key");
    assertTrue(driver.container().getImage().startsWith("registry.example.com/ancestral-gpu@"));
    assertEquals("ancestral", driver.pod().getSpec().getServiceAccountName());
    List<String> words = driver.container().getArgs();
    int at = words.indexOf("dev.ancestral.job.Main");
    assertEquals(
        List.of(
            "local:///opt/ancestral/lib/ancestral.jar",
            "train",
            "--spec",
            "file:///etc/ancestral/spec.yaml"),
        words.subList(at + 1, words.size()));
    assertMounted(driver, "/etc/ancestral");
    assertConfined(driver);
  }

  @Test
  void spark_makes_executors_with_memory_for_natives_and_gpus() throws IOException {
    SparkPods trainer = SparkPods.executor(ClusterFiles.templated(folder, ClusterFiles.training()));
    assertEquals(8192 * MEBI, memory(trainer, "limits"));
    assertEquals(
        Quantity.getAmountInBytes(new Quantity("4")),
        Quantity.getAmountInBytes(
            trainer.container().getResources().getLimits().get("nvidia.com/gpu")));
    assertMounted(trainer, "/dev/shm");
    assertEquals(
        "Memory", volume(trainer, "shared-memory").getEmptyDir().getMedium(), "room for NCCL");
    assertEquals("nvidia.com/gpu", trainer.pod().getSpec().getTolerations().get(0).getKey());
    assertExecutor(trainer);

    SparkPods sampler =
        SparkPods.executor(ClusterFiles.templated(folder, ClusterFiles.nightly().template));
    assertEquals(8192 * MEBI, memory(sampler, "limits"));
    assertNull(sampler.container().getResources().getLimits().get("nvidia.com/gpu"));
    assertExecutor(sampler);
  }

  /** Client mode, from a pod of the scheduled jobs: templates are files of the config map. */
  @Test
  void spark_makes_executors_of_the_scheduled_jobs() throws IOException {
    Map<String, String> settings =
        ClusterFiles.mounted(ClusterFiles.properties(ClusterFiles.setting("spark.conf")));
    SparkPods executor = SparkPods.executor(settings);
    assertEquals(8192 * MEBI, memory(executor, "limits"));
    assertEquals("ancestral", settings.get("spark.kubernetes.namespace"));
    assertExecutor(executor);

    JobSpec spec = spec();
    Map<String, String> training = new TreeMap<>(settings);
    training.putAll(spec.submit().of(Step.TRAIN).conf());
    SparkPods trainer = SparkPods.executor(ClusterFiles.mounted(training));
    assertTrue(trainer.container().getImage().startsWith("registry.example.com/ancestral-gpu@"));
    assertNotNull(trainer.container().getResources().getLimits().get("nvidia.com/gpu"));
    assertMounted(trainer, "/dev/shm");
    assertExecutor(trainer);
  }

  @Test
  void a_driver_from_outside_has_the_template_too() throws IOException {
    Map<String, String> settings =
        ClusterFiles.mounted(ClusterFiles.properties(ClusterFiles.setting("spark.conf")));
    settings.put(
        "spark.kubernetes.driver.podTemplateFile", ClusterFiles.file("driver-pod.yaml").toString());
    SparkPods driver =
        SparkPods.driver(settings, "local:///opt/ancestral/lib/ancestral.jar", "doctor");
    assertEquals("ancestral", driver.pod().getSpec().getServiceAccountName());
    assertMounted(driver, "/etc/ancestral");
    assertConfined(driver);
  }

  @Test
  void the_spec_is_one_of_ours() throws IOException {
    JobSpec spec = spec();
    assertEquals("digits", spec.name());
    assertEquals(4, spec.train().replicas());
    Map<String, String> train = spec.submit().of(Step.TRAIN).conf();
    int gpus = Integer.parseInt(train.get("spark.executor.resource.gpu.amount"));
    int executors = Integer.parseInt(train.get("spark.executor.instances"));
    assertEquals(spec.train().replicas(), gpus * executors, "a device for every replica");
    assertEquals("4", train.get("spark.executor.cores"), "and a core");
    assertEquals(Map.of(), spec.submit().of(Step.GENERATE).conf());
  }

  @Test
  void the_scheduled_jobs_are_the_scripts_and_run_one_at_a_time() throws IOException {
    List<CronJob> jobs =
        Manifest.in(ClusterFiles.file("cronjobs.yaml")).stream()
            .filter(manifest -> manifest.kind().endsWith(" CronJob"))
            .map(manifest -> manifest.as(CronJob.class))
            .toList();
    assertEquals(2, jobs.size());
    JsonNode kustomization =
        Manifest.YAML.readTree(ClusterFiles.file("kustomization.yaml").toFile());
    Set<String> files = new HashSet<>();
    for (JsonNode path : kustomization.at("/configMapGenerator/0/files")) {
      assertTrue(Files.exists(ClusterFiles.file(path.asText())), path.asText());
      files.add("/etc/ancestral/" + ClusterFiles.file(path.asText()).getFileName());
    }
    kustomization
        .get("resources")
        .forEach(
            resource ->
                assertTrue(Files.exists(ClusterFiles.file(resource.asText())), resource.asText()));
    String map = kustomization.at("/configMapGenerator/0/name").asText();
    for (CronJob job : jobs) {
      assertEquals("Forbid", job.getSpec().getConcurrencyPolicy());
      assertEquals("Etc/UTC", job.getSpec().getTimeZone());
      var template = job.getSpec().getJobTemplate().getSpec();
      assertEquals(
          List.of(1, 2, 3, 4, 5, 6, 8),
          template.getPodFailurePolicy().getRules().get(0).getOnExitCodes().getValues(),
          "7 alone is worth another attempt");
      PodSpec pod = template.getTemplate().getSpec();
      assertEquals("Never", pod.getRestartPolicy(), "as a pod failure policy demands");
      SparkPods driver =
          new SparkPods(new Pod("v1", "Pod", null, pod, null), pod.getContainers().get(0));
      assertConfined(driver);
      assertEquals(map, volume(driver, "settings").getConfigMap().getName());
      Path script =
          Shipped.folder()
              .resolve(driver.container().getCommand().get(0).replaceFirst("^/opt/ancestral/", ""));
      assertTrue(Files.isExecutable(script), script.toString());
      assertTrue(files.contains(value(driver, "ANCESTRAL_SCHEDULE")), files.toString());
    }
    // What the settings name is in the config map, or in the image.
    Pattern path = Pattern.compile("/(?:etc|opt)/ancestral/[\\w./-]+");
    for (String name : List.of("schedule.conf", "spark.conf", "spec.yaml")) {
      Matcher named = path.matcher(Files.readString(ClusterFiles.setting(name)));
      while (named.find()) {
        String image = named.group().replaceFirst("^/opt/ancestral/", "");
        assertTrue(
            files.contains(named.group())
                || image.equals("lib/ancestral.jar")
                || Files.exists(Shipped.folder().resolve(image)),
            named.group());
      }
    }
  }

  @Test
  void the_image_is_made_of_the_archive_for_a_user_of_no_rights() throws IOException {
    String dockerfile = Files.readString(ClusterFiles.file("Dockerfile")).replaceAll("\\\\\n", " ");
    List<String> lines =
        dockerfile.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    assertTrue(lines.contains("FROM ${BASE_IMAGE}"), dockerfile);
    assertTrue(lines.contains("USER 185"), dockerfile);
    String environment =
        lines.stream().filter(line -> line.startsWith("ENV ")).findFirst().orElseThrow();
    assertTrue(environment.contains("OMP_NUM_THREADS=1"), environment);
    assertTrue(environment.contains("OPENBLAS_NUM_THREADS=1"), environment);
    assertTrue(
        environment.contains("ANCESTRAL_JAR=local:/opt/ancestral/lib/ancestral.jar"), environment);
    assertTrue(Files.isDirectory(ClusterFiles.file("jars")), "COPY needs it");
    String archive = Files.readString(Shipped.folder().resolve("distribution/archive.xml"));
    for (String shipped : List.of("bin", "gpu", "kubernetes", "schedule")) {
      assertTrue(archive.contains("<include>" + shipped + "/"), shipped);
    }
    for (String instruction : lines) {
      assertFalse(instruction.matches("(ARG|ENV) .*(?i)(secret|passw|token).*"), instruction);
    }
  }

  private static JobSpec spec() throws IOException {
    YamlDocument document =
        YamlDocument.parse("spec.yaml", Files.readString(ClusterFiles.setting("spec.yaml")));
    return JobSpec.read(document, Optional.empty(), path -> Optional.empty());
  }

  private static void assertExecutor(SparkPods executor) {
    assertEquals("1", value(executor, "OMP_NUM_THREADS"));
    assertEquals("1", value(executor, "OPENBLAS_NUM_THREADS"));
    assertSecret(executor, "AWS_ACCESS_KEY_ID", "access-key");
    assertSecret(executor, "AWS_SECRET_ACCESS_KEY", "secret-key");
    assertMounted(executor, "/tmp");
    assertConfined(executor);
  }

  private static void assertConfined(SparkPods pod) {
    assertEquals(true, pod.pod().getSpec().getSecurityContext().getRunAsNonRoot());
    assertEquals(185L, pod.pod().getSpec().getSecurityContext().getRunAsUser());
    assertEquals(false, pod.container().getSecurityContext().getAllowPrivilegeEscalation());
    assertEquals(List.of("ALL"), pod.container().getSecurityContext().getCapabilities().getDrop());
  }

  private static void assertMounted(SparkPods pod, String path) {
    VolumeMount mount =
        pod.container().getVolumeMounts().stream()
            .filter(m -> m.getMountPath().equals(path))
            .findFirst()
            .orElseThrow(() -> new AssertionError("nothing is mounted at " + path));
    assertNotNull(volume(pod, mount.getName()));
  }

  private static Volume volume(SparkPods pod, String name) {
    return pod.pod().getSpec().getVolumes().stream()
        .filter(volume -> volume.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no volume " + name));
  }

  private static EnvVar variable(SparkPods pod, String name) {
    return pod.container().getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no variable " + name));
  }

  private static String value(SparkPods pod, String name) {
    return variable(pod, name).getValue();
  }

  private static void assertSecret(SparkPods pod, String variable, String key) {
    EnvVar found = variable(pod, variable);
    assertNull(found.getValue());
    SecretKeySelector reference = found.getValueFrom().getSecretKeyRef();
    assertEquals("object-store", reference.getName());
    assertEquals(key, reference.getKey());
  }

  private static long memory(SparkPods pod, String kind) {
    var resources = pod.container().getResources();
    Map<String, Quantity> amounts =
        kind.equals("limits") ? resources.getLimits() : resources.getRequests();
    return Quantity.getAmountInBytes(amounts.get("memory")).longValue();
  }
}
