package dev.ancestral.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.cli.console.ConsoleProgress;
import dev.ancestral.cli.console.LogFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that a real process was given, looked for in everything that it leaves behind. */
class SecretsTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.hadoop.fs.s3a.access.key", "AKIAFAKEFAKEFAKE01",
          "spark.hadoop.fs.s3a.secret.key", "fakefakefake/02+x",
          "spark.authenticate.secret", "fakefakefake03",
          "spark.ssl.keyPassword", "fakefakefake04",
          "spark.hadoop.fs.azure.account.key.store", "fakefakefake05==",
          "spark.hadoop.fs.s3a.encryption.key", "fakefakefake08==",
          "spark.hadoop.fs.azure.sas.container.account", "sv=1&sig=fakefakefake09",
          "spark.hadoop.dfs.adls.oauth2.credential", "fakefakefake10");
  private static final String IN_THE_ENVIRONMENT = "fakefakefake06";
  private static final String IN_A_PATH = "fakefakefake07";

  @TempDir Path folder;

  @Test
  void nothing_that_is_written_holds_a_credential() throws Exception {
    Files.writeString(
        folder.resolve("spec.yaml"),
        """
        name: tiny
        seed: 3
        output: %s
        data:
          prepare:
            - {format: synthetic, kind: digits, count: 60, split: "auto=0.6,0.2,0.2", binarize: threshold=127}
        model: {family: vae, hidden: [4], latent: 2}
        train: {replicas: 2, epochs: 1, batchSize: 20}
        evaluate: {estimator: elbo}
        generate: {count: 5, seed: 7}
        """
            .formatted(folder.resolve("out")));
    ProcessBuilder builder = new ProcessBuilder(line());
    builder.environment().put("AWS_SESSION_TOKEN", IN_THE_ENVIRONMENT);
    Process process =
        builder
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile())
            .start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, "the process ends");
    String out = Files.readString(folder.resolve("stdout"));
    String err = Files.readString(folder.resolve("stderr"));
    assertEquals(0, process.exitValue(), out + err);

    // What is looked for was really about to be said.
    assertTrue(err.contains("a path carries a password (s3a://(redacted)@bucket/model)"), err);
    assertTrue(out.contains("no such thing as (redacted)"), out);
    String log = Files.readString(folder.resolve("log"));
    assertTrue(log.contains("about to say (redacted) and (redacted)"), log);
    assertTrue(log.contains("java.lang.IllegalStateException: cause with (redacted)"), log);
    assertTrue(Files.exists(folder.resolve("out/run/report.html")));
    assertTrue(Files.exists(folder.resolve("out/run/model.json")));
    List<String> credentials = new ArrayList<>(SETTINGS.values());
    credentials.add(IN_THE_ENVIRONMENT);
    credentials.add(IN_A_PATH);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (String credential : credentials) {
          assertTrue(!content.contains(credential), () -> credential + " is in " + file);
        }
      }
    }
  }

  private List<String> line() {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-X"))
            .toList());
    line.add("-Dspark.master=local[2]");
    line.add("-Dancestral.log.file=" + folder.resolve("log"));
    SETTINGS.forEach((key, value) -> line.add("-D" + key + "=" + value));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Commands.class.getName()));
    line.add(folder.toString());
    return line;
  }

  /** The process: what {@link Main} does, several times, and log events as Spark may write them. */
  static final class Commands {
    private Commands() {}

    public static void main(String[] args) {
      try {
        run(args[0]);
        System.exit(0);
      } catch (RuntimeException e) {
        e.printStackTrace();
        System.exit(1);
      }
    }

    private static void run(String folder) {
      LogFile.configure();
      String spec = Path.of(folder, "spec.yaml").toString();
      expect(0, Main.run("pipeline", "--spec", spec));
      expect(0, Main.run("doctor", "--spec", spec));
      String model = "s3a://me:" + IN_A_PATH + "@bucket/model";
      String output = folder + "/x";
      expect(
          2,
          Main.run(
              "generate", "--count", "1", "--seed", "1", "--model", model, "--output", output));
      SETTINGS.values().forEach(Commands::say);
      say(IN_THE_ENVIRONMENT);
      LogManager.getLogger("org.apache.spark.Anything")
          .warn(
              "about to say {} and {}",
              SETTINGS.get("spark.ssl.keyPassword"),
              IN_THE_ENVIRONMENT,
              new IllegalStateException(
                  "failure", new IllegalStateException("cause with " + IN_THE_ENVIRONMENT)));
    }

    private static void say(String credential) {
      ConsoleProgress.on(System.out).message("no such thing as " + credential);
    }

    private static void expect(int expected, int status) {
      if (status != expected) {
        throw new IllegalStateException("status " + status + " instead of " + expected);
      }
    }
  }
}
