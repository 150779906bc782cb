package dev.ancestral.job.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
  private static final Redaction NOTHING_KNOWN = Redaction.of(Map.of());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate.secret",
        "spark.hadoop.fs.s3a.secret.key",
        "spark.hadoop.fs.s3a.access.key",
        "fs.azure.account.key.store.dfs.core.windows.net",
        "spark.ssl.keyPassword",
        "spark.ssl.trustStorePassword",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "api-key",
        "spark.kubernetes.authenticate.oauthToken"
      })
  void keys_that_look_like_credentials(String key) {
    assertTrue(Redaction.isSecret(key));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spark.master", "PWD", "spark.executor.memory", "spark.hadoop.fs.s3a.endpoint"})
  void keys_that_do_not(String key) {
    assertFalse(Redaction.isSecret(key));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fs.s3a.secret.key=abcdefg is wrong | fs.s3a.secret.key=(redacted) is wrong",
        "{\"password\": \"abcdefg\", \"x\": 1} | {\"password\": \"(redacted)\", \"x\": 1}",
        "Token:abcdefg; later | Token:(redacted); later",
        "at s3a://me:abcdefg@bucket/x | at s3a://me:(redacted)@bucket/x",
        "a=1 token = abcdefg | a=1 token = (redacted)",
        "spark.authenticate.secretBitLength=256 | spark.authenticate.secretBitLength=256",
        "the run's secret: nobody showed it | the run's secret: nobody showed it",
        "hdfs://host:8020/data | hdfs://host:8020/data"
      })
  void what_follows_such_a_key(String text, String clean) {
    assertEquals(clean, NOTHING_KNOWN.text(text));
  }

  @Test
  void the_values_of_settings_wherever_they_stand() {
    Redaction redaction =
        Redaction.of(
            Map.of(
                "spark.hadoop.fs.s3a.secret.key",
                "hunter2+/",
                "spark.ssl.keyPassword",
                "hunter2+/longer",
                "spark.authenticate.secretBitLength",
                "128",
                "spark.master",
                "local[2]"));
    assertEquals(
        "(redacted) and (redacted)! with 128 on local[2]",
        redaction.text("hunter2+/longer and hunter2+/! with 128 on local[2]"));
    assertEquals(null, redaction.text(null));
  }

  @Test
  void the_message_of_an_outcome() {
    Refusal refusal = new Refusal(Refusal.Kind.DATA, "s3a://me:hunter2@bucket is missing");
    assertEquals("s3a://me:(redacted)@bucket is missing", Outcome.of(refusal).message());
  }
}
