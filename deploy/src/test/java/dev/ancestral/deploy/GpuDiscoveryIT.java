package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The discovery script in front of a program that answers as NVIDIA's nvidia-smi does. */
class GpuDiscoveryIT {
  @TempDir Path folder;

  private Command discovery(String nvidiaSmi) throws IOException {
    Path program = folder.resolve("nvidia-smi");
    Files.writeString(program, "#!/bin/sh\n" + nvidiaSmi + "\n");
    assertTrue(program.toFile().setExecutable(true));
    return Command.script(folder, "gpu/discover-gpus.sh")
        .with("PATH", folder + ":" + System.getenv("PATH"))
        .with("CUDA_VISIBLE_DEVICES", "");
  }

  private static final String TWELVE =
      "[ \"$*\" = '--query-gpu=index --format=csv,noheader' ] || exit 9; seq 0 11";

  @Test
  void lists_all_gpus() throws IOException {
    Command.Result result = discovery("printf '0\\n1\\n'").run();
    assertEquals("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}\n", result.out());
    assertEquals(0, result.status());
  }

  @Test
  void lists_only_visible_gpus() throws IOException {
    Command.Result result = discovery(TWELVE).with("CUDA_VISIBLE_DEVICES", "1, 10").run();
    assertEquals("{\"name\": \"gpu\", \"addresses\": [\"1\", \"10\"]}\n", result.out());
  }

  @Test
  void a_machine_without_gpus_has_no_addresses() throws IOException {
    Command.Result result = discovery("true").run();
    assertEquals("{\"name\": \"gpu\", \"addresses\": []}\n", result.out());
  }

  @Test
  void a_broken_driver_is_an_error() throws IOException {
    Command.Result result = discovery("echo 'No devices were found'; exit 6").run();
    assertEquals(1, result.status());
    assertEquals("", result.out());
    assertTrue(result.err().contains("No devices were found"), result.err());
  }
}
