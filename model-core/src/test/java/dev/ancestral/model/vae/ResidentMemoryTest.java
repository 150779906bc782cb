package dev.ancestral.model.vae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.vae.Vae.VaeFamily;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Trains and scores in a JVM of its own, with a Java heap so small that it is soon full, and reads
 * what the process holds. One activation kept at each step would be 150 MB in the end.
 */
class ResidentMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int WARM_UP = 400;
  private static final int STEPS = 3000;
  private static final int BATCH = 64;
  private static final long MARGIN_KILOBYTES = 24 * 1024;

  @Test
  void resident_memory_is_flat_after_warm_up() throws Exception {
    assumeTrue(Files.exists(STATUS), "this reads Linux's account of the process");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx40m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ResidentMemoryTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    String[] kilobytes = output.strip().split(" ");
    long grown = Long.parseLong(kilobytes[1]) - Long.parseLong(kilobytes[0]);
    assertTrue(grown < MARGIN_KILOBYTES, "grew by " + grown + " kB from " + kilobytes[0] + " kB");
  }

  public static void main(String[] arguments) throws IOException {
    EventSpec event = EventSpec.discrete(2, 28, 28, 1);
    Settings settings = Settings.of(Map.of("hidden", List.of(32), "latent", 8));
    Vae vae = (Vae) new VaeFamily().define(settings, event);
    TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
    BoundParameters parameters = engine.bind(vae.parameters());
    vae.parameters().initialize(RandomKey.of(1), parameters.values());
    long size = vae.parameters().size();
    List<FlatVector> moments = List.of(engine.vector(size), engine.vector(size));
    Network.Player player = vae.players().get(0);
    BoundModel model = (BoundModel) NetworkModel.bind(vae, parameters);
    long[] ids = new long[BATCH];
    float[] values = new float[BATCH * event.size()];
    for (int i = 0; i < values.length; i++) {
      ids[i % BATCH] = i % BATCH;
      values[i] = (i * 7919) >> 4 & 1;
    }
    Batch batch = Batch.of(event, ids, values);
    long warm = 0;
    for (int step = 1; step <= STEPS; step++) {
      RandomKey key = RandomKey.of(2).fold(step);
      engine.scoped(
          () -> {
            TensorMap inputs = NetworkInputs.of(engine, batch, player.noise(), key);
            return parameters.differentiate(
                weights -> player.objective().of(weights, inputs).mean().neg());
          });
      Adam.standard().step(parameters.values(), parameters.gradient(), moments, step, 1e-3);
      if (step % 50 == 0) {
        model.iwae(batch, 10, key);
        model.sample(ids, key, SampleRequest.plain());
      }
      if (step == WARM_UP) {
        warm = residentKilobytes();
      }
    }
    System.out.println(warm + " " + residentKilobytes());
  }

  private static long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException(STATUS + " has no line VmRSS");
  }
}
