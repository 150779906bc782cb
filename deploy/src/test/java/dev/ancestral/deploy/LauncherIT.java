package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/ancestral in front of a program that prints what it is handed over, and of Spark itself. */
class LauncherIT {
  @TempDir Path folder;
  private Path sparkHome;

  @BeforeEach
  void installProgramThatPrintsItsArguments() throws IOException {
    sparkHome = Files.createDirectories(folder.resolve("spark home"));
    Path submit = Files.createDirectories(sparkHome.resolve("bin")).resolve("spark-submit");
    Files.writeString(
        submit,
        """
        #!/bin/sh
        for argument in "$@"; do echo "[$argument]"; done
        echo "OMP_NUM_THREADS=$OMP_NUM_THREADS"
        exit 6
        """);
    assertTrue(submit.toFile().setExecutable(true));
  }

  private Command.Result handedOver(String... arguments) {
    return Command.script(folder, "bin/ancestral", arguments)
        .with("SPARK_HOME", sparkHome.toString())
        .run();
  }

  private static List<String> lines(Command.Result result) {
    return result.out().lines().toList();
  }

  private static void assertFollows(Command.Result result, String option, String value) {
    List<String> lines = lines(result);
    for (int i = 0; i + 1 < lines.size(); i++) {
      if (lines.get(i).equals("[" + option + "]") && lines.get(i + 1).equals("[" + value + "]")) {
        return;
      }
    }
    throw new AssertionError(option + " " + value + " is not in " + lines);
  }

  @Test
  void hands_the_job_jar_and_the_command_to_the_cluster_of_spark_home() {
    Command.Result result =
        handedOver("--master", "yarn", "--jars", "a b.jar", "train", "--spec", "my spec.yaml", "");
    assertEquals(6, result.status(), "the exit status is spark-submit's");
    assertEquals("", result.err());
    assertFollows(result, "--class", "dev.ancestral.job.Main");
    assertFollows(result, "--master", "yarn");
    assertFollows(result, "--jars", "a b.jar");
    assertFollows(result, "--conf", "spark.speculation=false");
    assertFollows(result, "--conf", "spark.executorEnv.OMP_NUM_THREADS=1");
    List<String> lines = lines(result);
    int jar = lines.indexOf("[" + Shipped.jobJar().toAbsolutePath().normalize() + "]");
    assertEquals(
        List.of("[train]", "[--spec]", "[my spec.yaml]", "[]", "OMP_NUM_THREADS=1"),
        lines.subList(jar + 1, lines.size()));
  }

  @Test
  void what_selects_the_kernels_is_the_same_in_every_process() {
    for (String mode : List.of("client", "cluster")) {
      Command.Result result =
          Command.script(
                  folder,
                  "bin/ancestral",
                  "--master",
                  "yarn",
                  "--deploy-mode",
                  mode,
                  "--conf",
                  "spark.executorEnv.ATEN_CPU_CAPABILITY=avx2",
                  "doctor")
              .with("SPARK_HOME", sparkHome.toString())
              .with("OPENBLAS_CORETYPE", "Haswell")
              .with("ATEN_CPU_CAPABILITY", "default")
              .with("ONEDNN_MAX_CPU_ISA", "")
              .run();
      assertFollows(result, "--conf", "spark.executorEnv.OPENBLAS_CORETYPE=Haswell");
      assertFollows(result, "--conf", "spark.executorEnv.ATEN_CPU_CAPABILITY=avx2");
      assertFalse(result.out().contains("executorEnv.ATEN_CPU_CAPABILITY=default"), result.out());
      assertFalse(result.out().contains("ONEDNN_MAX_CPU_ISA"), result.out());
      if (mode.equals("cluster")) {
        assertFollows(result, "--conf", "spark.yarn.appMasterEnv.OPENBLAS_CORETYPE=Haswell");
        assertFollows(result, "--conf", "spark.kubernetes.driverEnv.OPENBLAS_CORETYPE=Haswell");
      } else {
        assertFalse(result.out().contains("appMasterEnv"), result.out());
      }
    }
  }

  @Test
  void a_level_of_arithmetic_is_set_in_every_process() throws IOException {
    Path properties = folder.resolve("pinned.conf");
    Files.writeString(properties, "spark.ancestral.arithmetic   avx2\n");
    for (List<String> options :
        List.of(
            List.of("--conf", "spark.ancestral.arithmetic=avx2"),
            List.of("--properties-file", properties.toString()))) {
      List<String> words = new ArrayList<>(List.of("--master", "yarn", "--deploy-mode", "cluster"));
      words.addAll(options);
      words.add("doctor");
      Command.Result result =
          Command.script(folder, "bin/ancestral", words.toArray(String[]::new))
              .with("SPARK_HOME", sparkHome.toString())
              .with("OPENBLAS_CORETYPE", "Zen")
              .run();
      for (String variable :
          List.of(
              "OPENBLAS_CORETYPE=Haswell", "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2")) {
        assertFollows(result, "--conf", "spark.executorEnv." + variable);
        assertFollows(result, "--conf", "spark.yarn.appMasterEnv." + variable);
        assertFollows(result, "--conf", "spark.kubernetes.driverEnv." + variable);
      }
    }
    Command.Result refused = handedOver("--conf", "spark.ancestral.arithmetic=sse", "doctor");
    assertEquals(2, refused.status());
    assertTrue(refused.err().contains("it must be native, any, avx, avx2 or avx512"));
  }

  @Test
  void executors_on_this_machine_read_the_job_jar_where_it_lies() {
    for (String master : List.of("local[2]", "spark://127.0.0.1:7077")) {
      Command.Result result = handedOver("--master=" + master, "--conf", "a.b=c d", "doctor");
      assertFollows(result, "spark-internal", "doctor");
      assertFollows(result, "--conf", "a.b=c d");
      String jar = Shipped.jobJar().toAbsolutePath().normalize().toString();
      assertFollows(result, "--driver-class-path", jar);
      assertFollows(result, "--conf", "spark.executor.extraClassPath=" + jar);
    }
  }

  @Test
  void what_the_user_has_set_stays() throws IOException {
    Files.createDirectories(sparkHome.resolve("conf"));
    Files.writeString(sparkHome.resolve("conf/spark-defaults.conf"), "spark.speculation  true\n");
    Command.Result result =
        handedOver(
            "--master",
            "local",
            "--conf",
            "spark.ui.enabled=true",
            "--driver-memory",
            "7g",
            "verify");
    assertFalse(result.out().contains("spark.speculation"), result.out());
    assertFalse(result.out().contains("spark.ui.enabled=false"), result.out());
    assertFollows(result, "--driver-memory", "7g");
  }

  @Test
  void credentials_go_to_spark_in_a_private_file_that_is_removed() throws IOException {
    Files.writeString(
        sparkHome.resolve("bin/spark-submit"),
        """
        #!/bin/sh
        for argument in "$@"; do echo "[$argument]"; done
        while [ "$1" != --properties-file ]; do shift; done
        stat -c 'mode %a' "$2"
        cat "$2"
        exit 7
        """);
    Path own = folder.resolve("own.conf");
    Files.writeString(own, "spark.ssl.keyPassword stays\nspark.speculation true");
    Command.Result result =
        Command.script(
                folder,
                "bin/ancestral",
                "--properties-file",
                own.toString(),
                "--conf",
                "spark.hadoop.fs.s3a.secret.key=a\\b c",
                "--conf",
                "spark.ui.enabled=true",
                "doctor")
            .with("SPARK_HOME", sparkHome.toString())
            .with("XDG_RUNTIME_DIR", folder.toString())
            .run();
    assertEquals(7, result.status(), result.err());
    List<String> lines = lines(result);
    int mode = lines.indexOf("mode 600");
    assertTrue(mode > 0, result.out());
    assertFalse(lines.subList(0, mode).toString().contains("secret.key"), result.out());
    assertTrue(lines.contains("[spark.ui.enabled=true]"), result.out());
    Properties properties = new Properties();
    properties.load(new StringReader(String.join("\n", lines.subList(mode + 1, lines.size()))));
    assertEquals("a\\b c", properties.getProperty("spark.hadoop.fs.s3a.secret.key"));
    assertEquals("stays", properties.getProperty("spark.ssl.keyPassword"));
    String file = lines.get(lines.indexOf("[--properties-file]") + 1);
    assertFalse(Files.exists(Path.of(file.substring(1, file.length() - 1))), file);

    Command.Result none =
        Command.script(folder, "bin/ancestral", "--properties-file", own.toString(), "doctor")
            .with("SPARK_HOME", sparkHome.toString())
            .run();
    assertFollows(none, "--properties-file", own.toString());
  }

  @Test
  void works_through_symbolic_links() throws IOException {
    Path link =
        Files.createSymbolicLink(folder.resolve("link"), Shipped.folder().resolve("bin/ancestral"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), link.getFileName());
    Command.Result result =
        new Command(List.of(second.toString(), "doctor"), Map.of(), folder)
            .with("SPARK_HOME", sparkHome.toString())
            .run();
    assertEquals("", result.err());
    assertTrue(result.out().contains("[doctor]"), result.out());
  }

  @Test
  void says_what_is_wrong_with_its_own_options() {
    Command.Result noValue = handedOver("--master");
    assertEquals(2, noValue.status());
    assertEquals("ancestral: --master needs a value; see: ancestral --help\n", noValue.err());
    Command.Result noKey = handedOver("--conf", "spark.ui.enabled", "train");
    assertEquals(2, noKey.status());
    assertEquals(
        "ancestral: --conf takes key=value; it was given 'spark.ui.enabled'\n", noKey.err());
    Command.Result noSpark =
        Command.script(folder, "bin/ancestral", "train")
            .with("SPARK_HOME", folder.toString())
            .run();
    assertEquals(5, noSpark.status());
    assertTrue(noSpark.err().contains("has no bin/spark-submit"), noSpark.err());
  }

  @Test
  void the_line_of_spark_is_that_of_spark_home_and_is_not_contradicted() throws IOException {
    Path jars = Files.createDirectories(sparkHome.resolve("jars"));
    Files.createFile(jars.resolve("spark-core_2.13-4.0.1.jar"));
    for (String line : List.of("4", "4.0.1")) {
      Command.Result same =
          Command.script(folder, "bin/ancestral", "--spark", line, "train")
              .with("SPARK_HOME", sparkHome.toString())
              .with("ANCESTRAL_JAR", "of-spark-4.jar")
              .run();
      assertTrue(same.out().contains("[of-spark-4.jar]"), same.out() + same.err());
      assertFalse(same.out().contains("[--spark]"), same.out());
    }
    for (String line : List.of("3.5", "3.5_2.13", "4.2.0")) {
      Command.Result other = handedOver("--spark", line, "train");
      assertEquals(5, other.status());
      assertEquals(
          "ancestral: SPARK_HOME is "
              + sparkHome
              + ", which has Spark 4.0.1 with Scala 2.13, and --spark is "
              + line
              + "; unset one of them\n",
          other.err());
    }
    Command.Result unknown = handedOver("--spark", "5", "train");
    assertEquals(2, unknown.status());
    assertTrue(
        unknown.err().contains("--spark is '5'; it must be 3.5, 3.5_2.13, 4"), unknown.err());
  }

  @Test
  void the_spark_of_the_build_runs_commands_and_passes_their_status_on() {
    Command.Result help = Command.script(folder, "bin/ancestral", "--help").run();
    assertEquals(0, help.status(), help.err());
    assertTrue(help.out().contains("prepare"), help.out());
    Command.Result wrong = Command.script(folder, "bin/ancestral", "no-such-command").run();
    assertEquals(2, wrong.status());
    assertTrue(wrong.err().contains("no-such-command"), wrong.err());
  }

  @Test
  void help_and_version_need_neither_spark_nor_a_build() {
    for (String[] line :
        new String[][] {
          {"--help", "Commands:"},
          {"-h", "Exit statuses:"},
          {"--version", "ancestral "},
          {"train --help", "Usage: ancestral train"},
          {"--master local[2] evaluate --model m -h", "Usage: ancestral evaluate"},
        }) {
      Command.Result help =
          Command.script(folder, "bin/ancestral", line[0].split(" "))
              .with("SPARK_HOME", folder.resolve("no-spark").toString())
              .run();
      assertEquals(0, help.status(), help.err());
      assertTrue(help.out().contains(line[1]), help.out());
      assertEquals("", help.err());
    }
  }

  /** As cron and containers start it. */
  @Test
  void names_that_are_not_ascii_stay_in_the_locale_c() {
    assumeTrue(
        "UTF-8".equals(System.getProperty("sun.jnu.encoding")), "so that the test itself can");
    Command.Result prepared =
        Command.script(
                folder,
                "bin/ancestral",
                "--master=local[1]",
                "prepare",
                "--format=synthetic",
                "--kind=digits",
                "--count=20",
                "--split=train",
                "--output=données")
            .with("LC_ALL", "")
            .with("LC_CTYPE", "")
            .with("LANG", "C")
            .run();
    assertEquals(0, prepared.status(), prepared.err());
    assertTrue(prepared.out().contains("20 examples of 28×28×1"), prepared.out());
    assertTrue(Files.exists(folder.resolve("données/manifest.json")), prepared.out());
  }
}
