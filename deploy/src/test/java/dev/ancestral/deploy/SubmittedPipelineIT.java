package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** pipeline --submit on a standalone cluster whose workers have GPUs that a script makes up. */
class SubmittedPipelineIT {
  private static final Pattern APPLICATION =
      Pattern.compile("Registered app (ancestral \\w+) with ID");
  private static final Pattern PLACE = Pattern.compile(".*, executor (\\d+), gpu (\\d+)");

  @TempDir Path folder;

  @Test
  @Tag("long")
  void every_step_is_an_application_with_its_own_resources() throws IOException {
    Path script = folder.resolve("discover");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\",\"1\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    Path spec = folder.resolve("spec.yaml");
    Files.writeString(spec, spec("gloo"));
    String[] workers = {"--workers", "1", "--cores", "2", "--memory", "2g"};
    try (LocalCluster cluster =
        LocalCluster.start(
            folder,
            command ->
                command.with(
                    "SPARK_WORKER_OPTS",
                    "-Dspark.worker.resource.gpu.amount=2"
                        + " -Dspark.worker.resource.gpu.discoveryScript="
                        + script),
            workers)) {
      Command pipeline =
          Command.script(
                  folder,
                  "bin/ancestral",
                  "--master",
                  cluster.master(),
                  "--conf",
                  "spark.executor.memory=800m",
                  "pipeline",
                  "--spec",
                  spec.toString(),
                  "--submit")
              .with("ANCESTRAL_LOG", folder.resolve("driver.log").toString());
      Command.Result first = pipeline.run();
      assertEquals(0, first.status(), first.out() + first.err());
      assertEquals(
          List.of(
              "ancestral prepare", "ancestral train", "ancestral generate", "ancestral evaluate"),
          applications());
      assertTrue(first.out().contains("train: trained for 4 steps"), first.out());
      assertTrue(first.out().contains("generate: 30 samples of 28"), first.out());
      assertTrainedOnTwoDevices();

      // Nothing is left to do: only the inputs are looked through again.
      Command.Result again = pipeline.run();
      assertEquals(0, again.status(), again.out() + again.err());
      assertTrue(again.out().contains("run is complete already"), again.out());
      assertEquals(5, applications().size(), applications().toString());

      // A step that is refused ends the pipeline with its status and its message.
      Files.writeString(spec, spec("gloo").replace("latent: 2", "latent: 3"));
      Command.Result other = pipeline.run();
      assertEquals(2, other.status(), other.out() + other.err());
      assertTrue(other.err().contains("holds the run of another spec"), other.err());
      JsonNode status = json("out/status.json");
      assertEquals(2, status.get("status").asInt(), status.toString());
    }
  }

  private String spec(String transport) {
    return """
    name: submitted
    seed: 1
    output: %s
    data:
      prepare:
        - {format: synthetic, kind: digits, count: 120, split: "auto=0.7,0,0.3", binarize: threshold=127}
    model: {family: vae, hidden: [8], latent: 2}
    train: {replicas: 2, steps: 4, batchSize: 10, transport: %s, device: cpu}
    evaluate: {estimator: elbo}
    generate: {count: 30}
    submit:
      train:
        conf:
          spark.executor.resource.gpu.amount: 2
          spark.task.resource.gpu.amount: 1
    """
        .formatted(folder.resolve("out"), transport);
  }

  private List<String> applications() throws IOException {
    Matcher registered =
        APPLICATION.matcher(Files.readString(folder.resolve("state/logs/master.log")));
    return registered.results().map(found -> found.group(1)).toList();
  }

  private void assertTrainedOnTwoDevices() throws IOException {
    Set<String> devices = new TreeSet<>();
    String log = Files.readString(folder.resolve("driver.log"));
    for (JsonNode line : json("out/run/model.json").at("/provenance/hardware")) {
      Matcher place = PLACE.matcher(line.asText());
      assertTrue(place.matches(), line.asText());
      devices.add(place.group(2));
      assertTrue(log.contains(line.asText()), "the log says so too");
    }
    assertEquals(Set.of("0", "1"), devices);
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(file).toFile());
  }
}
