package dev.ancestral.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that speaks S3's protocol, in a process of its own: Adobe's S3Mock, whose jar the system
 * property {@code s3mock.jar} names.
 */
final class S3Server implements AutoCloseable {
  private static final Pattern HTTP_PORT = Pattern.compile("started on ports.* (\\d+) \\(http/1");

  private final Process process;
  private final int port;

  private S3Server(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts it with one empty bucket. */
  static S3Server start(Path folder, String bucket) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                System.getProperty("s3mock.jar"),
                "--server.port=0",
                "--com.adobe.testing.s3mock.httpPort=0",
                "--com.adobe.testing.s3mock.domain.initialBuckets=" + bucket)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    for (int turn = 0; turn < 600 && process.isAlive(); turn++) {
      Matcher port = HTTP_PORT.matcher(Files.readString(log));
      if (port.find()) {
        return new S3Server(process, Integer.parseInt(port.group(1)));
      }
      Thread.sleep(100);
    }
    process.destroyForcibly();
    throw new IllegalStateException("S3Mock does not start: " + Files.readString(log));
  }

  /** How Hadoop reaches it. */
  Map<String, String> settings() {
    return Map.of(
        "fs.s3a.endpoint", "http://127.0.0.1:" + port,
        "fs.s3a.endpoint.region", "us-east-1",
        // S3A's conditional reads name a bare ETag, which this server compares with a quoted one;
        // so S3A itself compares.
        "fs.s3a.change.detection.mode", "client",
        "fs.s3a.attempts.maximum", "2",
        "fs.s3a.retry.limit", "2",
        "fs.s3a.path.style.access", "true",
        "fs.s3a.access.key", "test",
        "fs.s3a.secret.key", "test");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
