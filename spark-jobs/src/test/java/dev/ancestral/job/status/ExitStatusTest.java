package dev.ancestral.job.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExitStatusTest {

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void a_refusal_keeps_its_status_and_message_however_deep_it_lies(ErrorCode kind) {
    Throwable failure =
        new SparkException(
            "Job aborted\n\tat somewhere", new AncestralException(kind, "mend this"));
    ExitStatus outcome = ExitStatus.of(new IllegalStateException("outer", failure));
    assertEquals(kind.status(), outcome.status());
    assertEquals("mend this", outcome.message());
    assertEquals(kind.retryable(), outcome.retryable());
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(7, new UncheckedIOException(new ConnectException("Connection refused"))),
        Arguments.of(7, new IllegalStateException(new IOException("disk on fire"))),
        Arguments.of(7, new SparkException("Job 3 cancelled because SparkContext was shut down")),
        Arguments.of(7, new SparkException("Task 3: java.io.IOException: No space left on device")),
        Arguments.of(7, new Error(new IOException("Disk quota exceeded"))),
        Arguments.of(
            7, new IllegalStateException("Cannot call methods on a stopped SparkContext.\nmore")),
        Arguments.of(
            7,
            new SparkException(
                "Job aborted due to stage failure: ExecutorLostFailure (executor 1 exited)")),
        Arguments.of(3, new IllegalStateException(new FileNotFoundException("/no/file"))),
        Arguments.of(2, new UncheckedIOException(new java.nio.file.AccessDeniedException("/root"))),
        Arguments.of(5, new SparkException("x", new OutOfMemoryError("Java heap space"))),
        Arguments.of(5, new NoClassDefFoundError("org/example/Family")),
        Arguments.of(5, new IllegalStateException(new ClassNotFoundException("org.example.F"))),
        Arguments.of(1, new IllegalArgumentException("two parameters are named 'w'")));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void other_failures_have_the_documented_statuses(int status, Throwable failure) {
    ExitStatus outcome = ExitStatus.of(failure);
    assertEquals(status, outcome.status(), outcome.message());
    assertEquals(status == 7, outcome.retryable());
    assertEquals(1, outcome.message().lines().count(), outcome.message());
  }

  @Test
  void causes_in_a_circle_come_to_an_end() {
    Exception one = new Exception("one");
    one.initCause(new Exception("two", one));
    ExitStatus outcome = ExitStatus.of(one);
    assertEquals(ExitStatus.UNEXPECTED, outcome.status());
    assertFalse(outcome.retryable());
    assertTrue(outcome.message().contains("two"), outcome.message());
  }
}
