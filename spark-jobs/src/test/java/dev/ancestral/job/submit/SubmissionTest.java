package dev.ancestral.job.submit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.job.CommandLine;
import dev.ancestral.job.Main;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.job.status.ExitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application is submitted with, and how its end is told, by a spark-submit that notes. */
class SubmissionTest {
  private static final String JAR = "/opt/ancestral/lib/ancestral.jar";
  private static final SubmitSpec.Options NOTHING = options(Map.of());

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static SubmitSpec.Options options(Map<String, String> conf) {
    return new SubmitSpec.Options(
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(), conf);
  }

  private static SubmitSpec.Options placed(String deployMode, String jar) {
    return new SubmitSpec.Options(
        Optional.of("yarn"),
        Optional.of(deployMode),
        Optional.ofNullable(jar),
        List.of("more.jar"),
        Map.of());
  }

  private Submission submission(Map<String, String> settings) {
    return new Submission(
        folder.toString(),
        settings,
        Optional.of(JAR),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private void sparkSubmit(String end) throws IOException {
    Path script = Files.createDirectories(folder.resolve("bin")).resolve("spark-submit");
    Files.writeString(
        script,
        """
        #!/bin/sh
        for word in "$@"; do echo "[$word]"; done
        while [ "$1" != --properties-file ]; do shift; done
        echo "$2" > '%s/file'
        stat -c 'mode %%a' "$2"
        grep -v '^#' "$2"
        echo 'something went wrong' >&2
        %s
        """
            .formatted(folder, end));
    assertTrue(script.toFile().setExecutable(true));
  }

  @Test
  void an_application_has_the_settings_of_the_pipeline_and_its_own_over_them() {
    Submission submission =
        submission(
            Map.of(
                "spark.app.name", "ancestral",
                "spark.executor.memory", "1g",
                "spark.executorEnv.OPENBLAS_CORETYPE", "Haswell",
                "spark.submit.deployMode", "client",
                "spark.jars", "file:/home/me/family.jar,hdfs:/apps/ancestral.jar",
                "spark.hadoop.fs.s3a.secret.key", "hidden"));
    Map<String, String> settings =
        submission.settings(options(Map.of("spark.executor.memory", "8g", "spark.x", "y")));
    assertEquals(
        Map.of(
            "spark.executor.memory",
            "8g",
            "spark.executorEnv.OPENBLAS_CORETYPE",
            "Haswell",
            "spark.hadoop.fs.s3a.secret.key",
            "hidden",
            "spark.jars",
            "file:/home/me/family.jar",
            "spark.x",
            "y"),
        settings);
    assertEquals("hdfs:/apps/ancestral.jar", submission.resource(NOTHING));

    Map<String, String> placed = submission.settings(placed("cluster", "hdfs:/apps/gpu.jar"));
    assertEquals("yarn", placed.get("spark.master"));
    assertEquals("cluster", placed.get("spark.submit.deployMode"));
    assertEquals("file:/home/me/family.jar,more.jar", placed.get("spark.jars"));
    assertEquals("true", placed.get("spark.standalone.submit.waitAppCompletion"));
    // A driver in the cluster inherits nothing, and computes as its executors do.
    assertEquals("Haswell", placed.get("spark.yarn.appMasterEnv.OPENBLAS_CORETYPE"));
    assertEquals("Haswell", placed.get("spark.kubernetes.driverEnv.OPENBLAS_CORETYPE"));
    assertEquals(
        "hdfs:/apps/gpu.jar", submission.resource(placed("cluster", "hdfs:/apps/gpu.jar")));
  }

  @Test
  void amounts_of_resources_are_no_power_and_all_else_is() {
    Map<String, String> amounts =
        Map.of(
            "spark.executor.memory", "8g",
            "spark.executor.instances", "2",
            "spark.executor.memoryOverhead", "4g",
            "spark.executor.resource.gpu.amount", "4",
            "spark.task.resource.gpu.amount", "1",
            "spark.speculation", "false");
    assertEquals(Set.of(), SubmitTrust.powers(submit(options(amounts))));
    for (String key :
        List.of(
            "spark.driver.extraJavaOptions",
            "spark.executor.defaultJavaOptions",
            "spark.executor.extraClassPath",
            "spark.jars",
            "spark.jars.packages",
            "spark.files",
            "spark.submit.pyFiles",
            "spark.plugins",
            "spark.extraListeners",
            "spark.sql.queryExecutionListeners",
            "spark.sql.extensions",
            "spark.executor.resource.gpu.discoveryScript",
            "spark.executorEnv.LD_PRELOAD",
            "spark.yarn.appMasterEnv.MLFLOW_TRACKING_URI",
            "spark.kubernetes.container.image",
            "spark.kubernetes.executor.podTemplateFile",
            "spark.kubernetes.driver.secretKeyRef.TOKEN",
            "spark.hadoop.fs.s3a.endpoint",
            "spark.metrics.conf.*.sink.x.class",
            "spark.redaction.regex",
            "spark.authenticate")) {
      assertEquals(Set.of(key), SubmitTrust.powers(submit(options(Map.of(key, "x")))), key);
    }
    assertEquals(
        Set.of("jar", "jars", "master"), SubmitTrust.powers(submit(placed("client", "a.jar"))));
  }

  private static SubmitSpec submit(SubmitSpec.Options options) {
    Map<Step, SubmitSpec.Options> steps = new EnumMap<>(Step.class);
    Arrays.stream(Step.values()).forEach(step -> steps.put(step, options));
    return new SubmitSpec(steps);
  }

  @Test
  void a_spec_that_others_can_write_runs_no_code_unless_it_is_trusted() throws IOException {
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(
        spec,
        """
        name: foreign
        seed: 1
        output: %s
        data: {path: %s}
        model: {family: naive-bayes, likelihood: bernoulli}
        submit: {conf: {spark.plugins: com.example.Evil}}
        """
            .formatted(folder.resolve("out"), folder.resolve("data")));
    Storage storage = new Storage(new Configuration());
    SubmitSpec submit = SpecFile.read(storage, spec.toString(), Optional.empty()).submit();
    Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw-r--r--");
    Files.setPosixFilePermissions(spec, mode);
    assertEquals(Optional.empty(), SubmitTrust.obstacle(storage, spec.toString(), submit));

    mode.add(PosixFilePermission.OTHERS_WRITE);
    Files.setPosixFilePermissions(spec, mode);
    CommandLine refused = CommandLine.run("pipeline", "--spec", spec.toString(), "--submit");
    assertEquals(2, refused.status(), refused.err());
    for (String told :
        List.of("sets spark.plugins", "everybody may write it", "--trust-spec", "chmod go-w")) {
      assertTrue(refused.err().contains(told), refused.err());
    }
    assertFalse(Files.exists(folder.resolve("out")), "nothing is begun");
    // The tests' process was not started by a launcher, which is what stops it now.
    CommandLine trusted =
        CommandLine.run("pipeline", "--spec", spec.toString(), "--submit", "--trust-spec");
    assertFalse(trusted.err().contains("--trust-spec"), trusted.err());
    assertEquals(
        Set.of(),
        SubmitTrust.powers(
            SubmitSpec.read(Settings.of(Map.of("conf", Map.of("spark.executor.cores", 4))))));
  }

  @Test
  void a_jar_on_the_class_path_is_not_submitted_twice_and_gives_way_to_another() {
    Map<String, String> onClassPath =
        Map.of(
            "spark.driver.extraClassPath",
            JAR + ":/etc/hadoop",
            "spark.executor.extraClassPath",
            JAR);
    Submission submission = submission(onClassPath);
    assertEquals("spark-internal", submission.resource(NOTHING));
    assertEquals(onClassPath, submission.settings(NOTHING));
    assertEquals(
        "/etc/hadoop",
        submission.settings(placed("client", "gpu.jar")).get("spark.driver.extraClassPath"));
    assertFalse(
        submission
            .settings(placed("client", "gpu.jar"))
            .containsKey("spark.executor.extraClassPath"));
    AncestralException unreadable =
        assertThrows(
            AncestralException.class,
            () -> submission.run("train", placed("cluster", null), List.of(), Optional::empty));
    assertEquals(ErrorCode.SPEC, unreadable.code());
    assertTrue(unreadable.getMessage().contains("submit.jar"), unreadable.getMessage());
  }

  @Test
  void spark_submit_is_given_the_command_and_a_private_file() throws IOException {
    sparkSubmit("exit 0");
    submission(Map.of("spark.hadoop.fs.s3a.secret.key", "hid\\den"))
        .run("train", NOTHING, List.of("pipeline", "--spec", "my spec.yaml"), Optional::empty);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.contains("[" + Main.class.getName() + "]"), lines.toString());
    int jar = lines.indexOf("[" + JAR + "]");
    assertEquals(
        List.of("[pipeline]", "[--spec]", "[my spec.yaml]", "mode 600"),
        lines.subList(jar + 1, jar + 5));
    assertFalse(lines.subList(0, jar).toString().contains("hid"), lines.toString());
    assertTrue(lines.contains("spark.hadoop.fs.s3a.secret.key=hid\\\\den"), lines.toString());
    assertEquals("something went wrong\n", err.toString(StandardCharsets.UTF_8));
    Path file = Path.of(Files.readString(folder.resolve("file")).strip());
    assertFalse(Files.exists(file), "it is removed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exit 5 | client | 5 | no slots | CLUSTER | train: no slots",
        "exit 7 | client | 0 | done | INTERRUPTED | train ended with 7",
        "exit 6 | client | -1 | '' | DIVERGED | train ended with 6",
        "exit 143 | client | 7 | runs | INTERRUPTED | train was killed (signal 15)",
        "exit 1 | cluster | 3 | no data | DATA | train: no data",
      })
  void the_end_of_an_application_is_that_of_the_step(
      String end, String deployMode, int status, String message, ErrorCode kind, String told)
      throws IOException {
    sparkSubmit(end);
    Supplier<Optional<ExitStatus>> outcome =
        () ->
            status < 0
                ? Optional.empty()
                : Optional.of(new ExitStatus(status, message, status == 7));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                submission(Map.of())
                    .run("train", placed(deployMode, "a.jar"), List.of("train"), outcome));
    assertEquals(kind, refusal.code());
    assertTrue(refusal.getMessage().startsWith(told), refusal.getMessage());
  }

  @Test
  void what_no_status_covers_is_a_defect() throws IOException {
    sparkSubmit("exit 1");
    // What an earlier application left says nothing of one that did not begin.
    ExitStatus earlier = ExitStatus.done("fine");
    IllegalStateException defect =
        assertThrows(
            IllegalStateException.class,
            () ->
                submission(Map.of())
                    .run(
                        "train",
                        placed("cluster", "a.jar"),
                        List.of("train"),
                        () -> Optional.of(earlier)));
    assertEquals("train ended with 1", defect.getMessage());
  }
}
