package dev.ancestral.job.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.observe.ObserveSpec;
import dev.ancestral.job.submit.Step;
import dev.ancestral.job.submit.SubmitSpec;
import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobSpecTest {
  private static final String LEAST =
      """
      name: least
      seed: 1
      output: runs/least
      data: {path: data/digits}
      model: {family: vae}
      """;

  private static final String WHOLE =
      """
      name: vae-digits
      seed: 1
      output: runs/vae-digits
      data:
        path: data/digits
        dequantize: none
        prepare:
          - {format: idx, input: [images.gz], split: "auto=0.8,0.1,0.1", binarize: threshold=127}
      model: {family: vae, hidden: [200, 200], latent: 50, likelihood: bernoulli, objective: elbo}
      train:
        engine: torch
        strategy: parameter-averaging
        replicas: 2
        epochs: 20
        batchSize: 100
        averagingFrequency: 50
        optimizer: {name: adam, learningRate: 0.001, weightDecay: 0}
        schedule: {name: constant, warmupSteps: 0}
        clipNorm: 0
        ema: 0
        transport: auto
        reduction: ordered
        compression: none
        device: auto
        precision: float32
        validation: {everyRounds: 1, estimator: elbo, limit: 1000}
        earlyStopping: {patience: 0}
        checkpoint: {everyRounds: 1, keep: 3}
      evaluate: {split: test, estimator: iwae, samples: 500}
      generate: {count: 10000, seed: 7, preview: true}
      """;

  @Test
  void a_whole_spec_is_read() {
    JobSpec spec = read(WHOLE);
    assertEquals("vae-digits", spec.name());
    assertEquals("runs/vae-digits", spec.output());
    assertEquals("data/digits", spec.data().path());
    assertEquals(1, spec.data().prepare().size());
    assertEquals("vae", spec.model().family());
    assertEquals(List.of(200, 200), spec.model().familyKeys().get("hidden"));
    assertEquals(2, spec.train().replicas());
    assertEquals(Optional.of("iwae"), spec.evaluate().estimator());
    assertEquals(OptionalInt.of(500), spec.evaluate().samples());
    assertEquals(10_000, spec.generate().count());
    assertEquals(7, spec.generate().seed());
    assertTrue(spec.generate().preview());
  }

  @Test
  void observers_are_off_unless_they_are_asked_for() {
    assertEquals(ObserveSpec.NONE, read(LEAST).observe());
    ObserveSpec observe =
        read(LEAST
                + """
                observe:
                  tensorboard: true
                  mlflow: {uri: "https://mlflow.example.org/", tags: {team: ocr, run: 7}}
                """)
            .observe();
    assertTrue(observe.tensorBoard());
    ObserveSpec.Mlflow mlflow = observe.mlflow().orElseThrow();
    assertEquals("https://mlflow.example.org/", mlflow.uri().toString());
    assertEquals("ancestral", mlflow.experiment());
    assertEquals("least", mlflow.run());
    assertEquals(Map.of("team", "ocr", "run", "7"), mlflow.tags());
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                read(
                    LEAST
                        + """
                        observe:
                          tensorBoard: true
                          mlflow: {uri: "http://me:hunter2@host", tag: x}
                        """));
    assertTrue(
        refusal.getMessage().contains("observe.tensorBoard is not a known key"),
        refusal.getMessage());
    assertTrue(
        refusal.getMessage().contains("observe.mlflow.tag is not a known key"),
        refusal.getMessage());
    assertTrue(
        refusal.getMessage().contains("observe.mlflow.uri is http://(redacted)@host"),
        refusal.getMessage());
  }

  @Test
  void the_least_spec_has_the_defaults_of_the_whole_one() {
    JobSpec least = read(LEAST);
    JobSpec whole = read(WHOLE);
    assertEquals(whole.train().optimizer(), least.train().optimizer());
    assertEquals(whole.train().validation().limit(), least.train().validation().limit());
    assertEquals(whole.train().epochs(), least.train().epochs());
    assertEquals(0, least.train().replicas());
    assertEquals("test", least.evaluate().split());
    assertEquals(1, least.evaluate().seed());
    assertEquals(1, least.generate().seed());
    assertEquals(DataSpec.Dequantize.NONE, least.data().dequantize());
  }

  @Test
  void the_data_of_a_pipeline_lie_below_its_output() {
    String spec = WHOLE.replace("  path: data/digits\n", "");
    assertEquals("runs/vae-digits/data", read(spec).data().path());
    JobSpec moved = JobSpec.read(document(spec), Optional.of("hdfs:/elsewhere"), path -> none());
    assertEquals("hdfs:/elsewhere", moved.output());
    assertEquals("hdfs:/elsewhere/data", moved.data().path());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: least | '' | spec.yaml: name is missing; it must be a text",
        "name: least | name: ' ' | spec.yaml:1: name is blank",
        "seed: 1 | '' | spec.yaml: seed is missing; it must be a whole number",
        "seed: 1 | seed: one | spec.yaml:2: seed is one; it must be a whole number",
        "seed: 1 | seed: 1.5 | spec.yaml:2: seed is 1.5; it must be a whole number",
        "output: runs/least | '' | spec.yaml: output is missing",
        "data: {path: data/digits} | data: {} | spec.yaml:4: data.path is missing",
        "data: {path: data/digits} | data: here | spec.yaml:4: data is here; it must be a map",
        "path: data/digits | path: d, dequantise: none | spec.yaml:4: data.dequantise is not a"
            + " known",
        "path: data/digits | path: d, dequantize: yes | it must be one of none, uniform",
        "model: {family: vae} | '' | spec.yaml: model.family is missing",
        "family: vae | family: vea | spec.yaml:5: model.family is 'vea'; it must be one of",
        "family: vae | family: no.such.Family | model.family names the class no.such.Family",
        "family: vae | family: vae, latents: 5 | spec.yaml:5: model.latents is not a known key",
        "family: vae | family: vae, latent: 0 | spec.yaml:5: model.latent is 0; it must be a whole",
        "family: vae | family: vae, hidden: 200 | spec.yaml:5: model.hidden is 200; it must be a"
            + " list",
        "family: vae | family: vae, likelihood: poisson | it must be one of bernoulli, logistic",
        "model: | train: {epoch: 3}\\nmodel: | spec.yaml:5: train.epoch is not a known key",
        "model: | train: {epochs: 3, steps: 5}\\nmodel: | spec.yaml:5: train.steps is 5",
        "model: | train: {batchSize: 0}\\nmodel: | spec.yaml:5: train.batchSize is 0; it must be",
        "model: | train: {optimizer: {name: adagrad}}\\nmodel: | train.optimizer.name is adagrad",
        "model: | evaluate: {estimator: best}\\nmodel: | spec.yaml:5: evaluate.estimator is best",
        "model: | evaluate: {limit: 0}\\n"
            + "model: | evaluate.limit is 0; it must be a whole number from 1",
        "model: | generate: {count: -1}\\nmodel: | generate.count is -1; it must be a whole number",
        "model: | generate: {preview: sure}\\n"
            + "model: | generate.preview is sure; it must be true or",
        "model: | generate: {as: gif}\\nmodel: | it must be one of parquet, table, png, wav, text",
        "model: | sample: 5\\nmodel: | spec.yaml:5: sample is not a known key; known here are",
        "model: | submit: {mode: x}\\n"
            + "model: | spec.yaml:5: submit.mode is not a known key; known here",
        "model: | submit: {train: {cores: 4}}\\nmodel: | submit.train.cores is not a known key",
        "model: | submit: {deployMode: local}\\n"
            + "model: | submit.deployMode is local; it must be one of",
        "model: | submit: {conf: {executor.memory: 1g}}\\nmodel: | whose name begins with spark.",
        "model: | submit: {conf: {spark.master: yarn}}\\n"
            + "model: | written as master: or deployMode:",
        "model: | submit: {train: {conf: {spark.a.password: x}}}\\n"
            + "model: | given by --properties-file",
        "path: data/digits | prepare: [{format: tiff}] | data.prepare[0].format is tiff",
      })
  void every_mistake_is_named_with_its_line(String from, String to, String expected) {
    String yaml = LEAST.replace(from, to.replace("\\n", "\n"));
    AncestralException refusal = assertThrows(AncestralException.class, () -> read(yaml));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  @Test
  void all_mistakes_are_told_at_once() {
    String yaml =
        """
        name: bad
        seed: x
        data: {path: d}
        model: {family: vae, latent: -1, hiden: [5]}
        train: {replicas: 0, optimizer: {learningRate: fast}}
        generate: {count: 0}
        """;
    String message = assertThrows(AncestralException.class, () -> read(yaml)).getMessage();
    assertTrue(message.startsWith("spec.yaml has 7 problems:"), message);
    for (String part :
        List.of(
            "spec.yaml:2: seed is x",
            "spec.yaml: output is missing",
            "spec.yaml:4: model.latent is -1",
            "spec.yaml:4: model.hiden is not a known key",
            "spec.yaml:5: train.replicas is 0",
            "spec.yaml:5: train.optimizer.learningRate is fast",
            "spec.yaml:6: generate.count is 0")) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void with_the_data_at_hand_the_model_is_checked_against_them() {
    String yaml = LEAST.replace("family: vae", "family: naive-bayes, likelihood: poisson");
    EventSpec event = EventSpec.discrete(2, 4);
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> JobSpec.read(document(yaml), Optional.empty(), path -> Optional.of(event)));
    assertTrue(
        refusal.getMessage().contains("spec.yaml:5: model.likelihood is poisson"),
        refusal.getMessage());
  }

  @Test
  void the_spec_is_kept_for_provenance() {
    assertEquals(Map.of("family", "vae"), read(LEAST).document().get("model"));
  }

  @Test
  void what_steps_are_submitted_with() {
    JobSpec spec =
        read(
            LEAST
                + """
                submit:
                  master: yarn
                  jars: family.jar
                  conf: {spark.executor.memory: 2g, spark.speculation: false}
                  train:
                    deployMode: cluster
                    jar: hdfs:/apps/ancestral-gpu.jar
                    conf: {spark.executor.memory: 8g, spark.task.resource.gpu.amount: 1}
                """);
    SubmitSpec.Options prepare = spec.submit().of(Step.PREPARE);
    assertEquals(Optional.of("yarn"), prepare.master());
    assertEquals(Optional.empty(), prepare.jar());
    assertEquals(List.of("family.jar"), prepare.jars());
    assertEquals(
        Map.of("spark.executor.memory", "2g", "spark.speculation", "false"), prepare.conf());
    SubmitSpec.Options train = spec.submit().of(Step.TRAIN);
    assertEquals(Optional.of("yarn"), train.master());
    assertEquals(Optional.of("cluster"), train.deployMode());
    assertEquals(Optional.of("hdfs:/apps/ancestral-gpu.jar"), train.jar());
    assertEquals(
        Map.of(
            "spark.executor.memory", "8g",
            "spark.speculation", "false",
            "spark.task.resource.gpu.amount", "1"),
        train.conf());
    assertEquals(Map.of(), read(LEAST).submit().of(Step.TRAIN).conf());
  }

  @Test
  void a_spec_may_refer_to_secrets_but_has_none() {
    String reference = "spark.kubernetes.executor.secretKeyRef.AWS_SECRET_ACCESS_KEY";
    JobSpec spec = read(LEAST + "submit: {conf: {" + reference + ": \"s3:secret\"}}\n");
    assertEquals("s3:secret", spec.submit().of(Step.GENERATE).conf().get(reference));
    String yaml = LEAST + "submit: {conf: {spark.hadoop.fs.s3a.secret.key: Xyzzy123}}\n";
    String message = assertThrows(AncestralException.class, () -> read(yaml)).getMessage();
    assertFalse(message.contains("Xyzzy123"), message);
    for (String section :
        List.of(
            "submit: {train: {conf: {spark.hadoop.fs.azure.sas.c.account: Xyzzy123}}}",
            "submit: {conf: {fs.s3a.encryption.key: Xyzzy123}}", // Wrong in two ways.
            "observe: {mlflow: {uri: \"https://host\", tags: {team-token: Xyzzy123}}}",
            "train: {optimizer: {password: Xyzzy123}}")) {
      String refused =
          assertThrows(AncestralException.class, () -> read(LEAST + section + "\n")).getMessage();
      assertTrue(refused.contains("is (redacted); it must be in a file"), refused);
      assertFalse(refused.contains("Xyzzy123"), refused);
    }
  }

  private static JobSpec read(String yaml) {
    return JobSpec.read(document(yaml), Optional.empty(), path -> none());
  }

  private static Optional<EventSpec> none() {
    return Optional.empty();
  }

  private static YamlDocument document(String yaml) {
    return YamlDocument.parse("spec.yaml", yaml);
  }
}
