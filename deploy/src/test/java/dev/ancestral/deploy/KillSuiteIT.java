package dev.ancestral.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quick part of the kill suite; the whole is deploy/reliability/run. */
@Tag("cluster")
class KillSuiteIT {
  @TempDir Path folder;

  @Test
  void five_killed_processes_leave_no_trace() {
    List<KillSuite.Trial> trials = new KillSuite(folder, KillSuite.Plan.quick(), System.out).run();
    assertEquals(5, trials.stream().mapToInt(trial -> trial.struck().size()).sum());
    for (KillSuite.Trial trial : trials) {
      assertTrue(trial.good(), trial::toString);
    }
    System.out.println(KillSuite.table(trials));
  }
}
