package dev.ancestral.job.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
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
        "spark.kubernetes.authenticate.oauthToken",
        "spark.hadoop.fs.s3a.encryption.key",
        "fs.s3a.server-side-encryption.key",
        "fs.s3a.session.token",
        "fs.azure.sas.container.account.blob.core.windows.net",
        "fs.azure.sas.fixed.token.account",
        "fs.azure.account.oauth2.client.secret",
        "dfs.adls.oauth2.credential",
        "ssl.server.keystore.pass",
        "javax.jdo.option.ConnectionPassword",
        "sasl.jaas.config",
        "AZURE_STORAGE_CONNECTION_STRING",
        "SharedAccessKey",
        "signing-key",
        "DB_PWD"
      })
  void keys_that_look_like_credentials(String key) {
    assertTrue(Redaction.isSecret(key));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.master",
        "PWD",
        "spark.executor.memory",
        "spark.hadoop.fs.s3a.endpoint",
        "spark.io.encryption.keySizeBits",
        "spark.network.crypto.keyLength",
        "spark.hadoop.fs.s3a.aws.credentials.provider",
        "hadoop.security.credential.provider.path",
        "spark.kubernetes.executor.secretKeyRef.AWS_SECRET_ACCESS_KEY",
        "tokenizer",
        "sasl.mechanism",
        "passes"
      })
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
        "hdfs://host:8020/data | hdfs://host:8020/data",
        "GET https://x/c/b?sv=2022&sig=ab%2Bcd&se=1 | GET"
            + " https://x/c/b?sv=2022&sig=(redacted)&se=1",
        "fs.azure.sas.c.a=abcdefg, then | fs.azure.sas.c.a=(redacted), then",
        "Authorization: Bearer abcdefg | Authorization: Bearer (redacted)"
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

  /** What Spark and Hadoop redact by themselves is not all, but it is the least. */
  @Test
  void all_that_spark_and_hadoop_take_for_credentials() {
    for (String pattern :
        new Configuration()
            .get(CommonConfigurationKeysPublic.HADOOP_SECURITY_SENSITIVE_CONFIG_KEYS)
            .strip()
            .split("[,\\s]+")) {
      String key =
          pattern
              .replace("[Ss]", "s")
              .replace("[Kk]", "k")
              .replace("\\.", ".")
              .replace(".*", "x")
              .replaceAll("[.]?\\?|\\$$", "");
      // Names of other settings, which hold no credential.
      if (!key.equals("hadoop.security.sensitive-config-keys")
          && !key.equals("fs.s3a.encryption.algorithm")) {
        assertTrue(Redaction.isSecret(key), key + " of " + pattern);
      }
    }
    // Spark's own default is (?i)secret|password|token|access[.]?key.
    for (String key : List.of("a.secret.b", "a.Password", "a.token.b", "a.accesskey")) {
      assertTrue(Redaction.isSecret(key), key);
    }
  }

  @Test
  void the_launcher_takes_the_same_for_credentials() throws IOException {
    String launcher = Files.readString(Path.of("..", "deploy", "bin", "ancestral"));
    StringBuilder pattern = new StringBuilder();
    Pattern.compile("(?m)^secret_key\\+?='(.*)'$")
        .matcher(launcher)
        .results()
        .forEach(line -> pattern.append(line.group(1)));
    assertEquals(Redaction.SECRET_KEY, pattern.toString());
  }

  @Test
  void the_message_of_an_outcome() {
    AncestralException refusal =
        new AncestralException(ErrorCode.DATA, "s3a://me:hunter2@bucket is missing");
    assertEquals("s3a://me:(redacted)@bucket is missing", ExitStatus.of(refusal).message());
  }
}
